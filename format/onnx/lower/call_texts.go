package lower

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// moves makes a rule that moves elements around, and never looks at them, one for
// texts too: on the host the texts are numbered, their numbers are moved, and the
// results are the texts again that have them. Number 0, which paddings are made
// of, is the empty text.
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

// movingTexts is rule as a function of operands among which there are texts.
func (c *Call) movingTexts(rule func(*Call)) HostFunc {
	f := c.onHost(rule)
	return func(in []Host) ([]Host, error) {
		texts := []string{""}
		numbered := make([]Host, len(in))
		for i, h := range in {
			if numbered[i] = h; h.Kind == KindStrings {
				t := int64s(upTo(len(h.Strings))...)
				for j := range tensor.Of[int64](t) {
					tensor.Of[int64](t)[j] += int64(len(texts))
				}
				shape, err := tensor.CheckedDims(h.Dims...)
				if err == nil {
					t, err = t.Reshape(shape)
				}
				if err != nil {
					return nil, err
				}
				numbered[i] = TensorHost(t)
				texts = append(texts, h.Strings...)
			}
		}
		out, err := f(numbered)
		if err != nil {
			return nil, err
		}
		for i, h := range out {
			if out[i], err = textsOf(h, texts); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// textsOf is the texts that have the numbers of h.
func textsOf(h Host, texts []string) (Host, error) {
	if h.Kind != KindTensor || h.Tensor.DType() != tensor.Int64 {
		return Host{}, fmt.Errorf("texts and %v cannot be mixed", h.Tensor.Type())
	}
	y := make([]string, h.Tensor.Shape().Size())
	for i, n := range tensor.Of[int64](h.Tensor) {
		y[i] = texts[n]
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
