package lower

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// moves makes a rule that moves elements around, and never looks at them, one for
// texts too: on the host the texts are numbered, their numbers are moved, and the
// results are the texts again that have them.
func moves(rule func(*Call)) func(*Call) {
	return func(c *Call) {
		if c.hasTexts() {
			c.Host(c.movingTexts(rule), upTo(c.NumIn())...)
			return
		}
		rule(c)
	}
}

func (c *Call) hasTexts() bool {
	for _, v := range c.in {
		if v != nil && v.kind == KindStrings {
			return true
		}
	}
	return false
}

// firstText is the number of the first text, so low that the numbers of no other
// operand are taken for texts. Paddings are made of 0, which is the empty text.
const firstText = -1 << 62

// movingTexts is rule as a function of operands among which there are texts.
func (c *Call) movingTexts(rule func(*Call)) HostFunc {
	f := c.onHost(func(c *Call) {
		c.l.o.maxSize = min(c.l.o.maxSize, maxTexts)
		rule(c)
	})
	return func(in []Host) ([]Host, error) {
		var texts []string
		numbered := make([]Host, len(in))
		for i, h := range in {
			if numbered[i] = h; h.Kind != KindStrings {
				continue
			}
			numbers := make([]int64, len(h.Strings))
			for j := range numbers {
				numbers[j] = firstText + int64(len(texts)+j)
			}
			texts = append(texts, h.Strings...)
			shape, err := tensor.CheckedDims(h.Dims...)
			if err != nil {
				return nil, err
			}
			numbered[i] = TensorHost(tensor.From(shape, numbers))
		}
		out, err := f(numbered)
		for i := 0; i < len(out) && err == nil; i++ {
			out[i], err = textsOf(out[i], texts)
		}
		return out, err
	}
}

// textsOf is the texts that have the numbers of h.
func textsOf(h Host, texts []string) (Host, error) {
	mixed := fmt.Errorf("texts and numbers cannot be mixed")
	if h.Kind != KindTensor || h.Tensor.DType() != tensor.Int64 {
		return Host{}, mixed
	}
	y := make([]string, h.Tensor.Shape().Size())
	for i, n := range tensor.Of[int64](h.Tensor) {
		if n == 0 {
			continue
		}
		if n < firstText || n >= firstText+int64(len(texts)) {
			return Host{}, mixed
		}
		y[i] = texts[n-firstText]
	}
	return StringsHost(y, h.Tensor.Shape().Dims()...), nil
}

// onHost is rule as a function of known operands: it builds a graph of its own
// and evaluates it by definition.
func (c *Call) onHost(rule func(*Call)) HostFunc {
	model, o, n, opsets := c.l.model, c.l.o, c.n, c.frame.opsets
	return func(in []Host) ([]Host, error) {
		l := newLowering(model, o, graph.New())
		x := &Call{l: l, n: n, frame: &frame{opsets: opsets}, folding: true}
		for _, h := range in {
			v := knownValue(h)
			if h.Kind == KindTensor && h.Tensor.IsZero() {
				v = nil
			}
			x.in = append(x.in, v)
		}
		var out []Host
		err := x.run(func(x *Call) {
			rule(x)
			x.check(l.g.Err())
			out = x.evaluated()
		})
		return out, err
	}
}

// evaluated is the results of c, which depend on constants alone.
func (c *Call) evaluated() []Host {
	var nodes []*graph.Node
	for _, v := range c.out {
		if !v.isKnown() {
			nodes = append(nodes, v.node)
		}
	}
	f, err := graph.NewFunc("host", nil, nodes)
	c.check(err)
	for _, n := range graph.Reachable(nodes) {
		for _, t := range n.OutTypes() {
			c.Dims(t.Shape.Dims()...)
		}
	}
	wide := graph.Eval(f, nil)
	out := make([]Host, len(c.out))
	for i, v := range c.out {
		if v.isKnown() {
			out[i] = c.l.content(v)
			continue
		}
		out[i], wide = TensorHost(wide[0].Narrow()), wide[1:]
	}
	return out
}
