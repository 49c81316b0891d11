package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// classes is the names of classes: whole numbers, or, where texts is not nil, texts.
type classes struct {
	ints  []int
	texts []string
}

// classNames reads the attributes for whole numbers and for texts; there must be one
// of them.
func (c *Call) classNames(ints string) classes {
	x := classes{c.AttrInts(ints), c.AttrStrings("classlabels_strings")}
	if len(x.ints) > 0 && len(x.texts) > 0 || x.size() == 0 {
		c.Fail("%d whole numbers and %d texts for classes", len(x.ints), len(x.texts))
	}
	if len(x.texts) == 0 {
		x.texts = nil
	}
	return x
}

func (x classes) size() int { return max(len(x.ints), len(x.texts)) }

// plain is the labels 0 and 1 of a classifier that has but one: 1 is the class.
func (x classes) plain() classes {
	if x.texts != nil {
		return classes{texts: []string{"", x.texts[0]}}
	}
	return classes{ints: []int{0, 1}}
}

// returnClasses gives result 0, the labels at places [N], and result 1, scores.
func (c *Call) returnClasses(x classes, places, scores *graph.Node) {
	if x.texts == nil {
		table := c.Graph().Constant(int64s(x.ints...))
		c.Return(ops.Take(table, places, 0))
		c.returnFloats(1, scores)
		return
	}
	z := c.l.nodeValue(ops.Convert(scores, c.float32Here()))
	c.set(0, c.textsAt(x.texts, places, z))
	c.set(1, z)
}

// textsAt is the texts at places [N], made on the host; keep outlives it. In a
// graph of static shapes texts are values that nothing can use.
func (c *Call) textsAt(texts []string, places *graph.Node, keep *value) *value {
	if !c.dynamic() && !c.folding {
		return &value{kind: KindStrings}
	}
	if c.folding {
		panic(stop{errNoFold})
	}
	named := func(in []Host) ([]Host, error) {
		w := tensor.Widen(in[0].Tensor)
		y := make([]string, len(w.I))
		for i, at := range w.I {
			y[i] = texts[at]
		}
		return []Host{StringsHost(y, len(y))}, nil
	}
	var out []*value
	c.l.hold([]*value{keep}, func() {
		var err error
		out, err = c.l.hostCall(c, named, []*value{c.l.nodeValue(places)})
		c.check(err)
	})
	return out[0]
}

// second is 1 where s [N 1] is above a limit, else 0: [N].
func second(s *graph.Node, limit float64) *graph.Node {
	above := ops.Convert(ops.Gt(s, ops.Like(s, limit)), tensor.Int32)
	return ops.Reshape(above, tensor.Dims(s.Shape().Dim(0)))
}
