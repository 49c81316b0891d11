package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "NegativeLogLikelihoodLoss", Since: []int64{12, 13, 22}, Rule: negativeLogLikelihood})
	register(Operator{Name: "SoftmaxCrossEntropyLoss", Since: []int64{12, 13}, Rule: softmaxCrossEntropy})
}

// negativeLogLikelihood: log-probabilities [N C …], labels [N …], weights [C].
func negativeLogLikelihood(c *Call) {
	labels := c.labels()
	x := c.In(0)
	at := ops.TakeAlongAxis(x, c.keepDims(labels.ids, x.Shape(), []int{1}), 1)
	loss := ops.Neg(ops.Reshape(at, labels.ids.Shape()))
	c.Return(c.reduced(loss, labels))
}

// softmaxCrossEntropy: logits [N C …], labels [N …], weights [C]; the second
// result is the logarithm of the softmax.
func softmaxCrossEntropy(c *Call) {
	labels := c.labels()
	x := channelsLast(c.In(0)) // [N … C]
	classes := x.Shape().Dim(-1)
	rows := ops.Reshape(x, tensor.Dims(labels.ids.Shape().Size(), classes))
	ids := ops.Reshape(ops.Convert(labels.ids, tensor.Int32), tensor.Dims(labels.ids.Shape().Size()))
	loss := ops.Reshape(ops.CrossEntropy(rows, ids, 0), labels.ids.Shape())
	results := []*graph.Node{c.reduced(loss, labels)}
	if c.Wants(1) {
		results = append(results, ops.LogSoftmax(c.In(0), 1))
	}
	c.Return(results...)
}

// labels is the classes that a loss is told: ids, one of them in place of those
// to be ignored; which these are, nil if none; and how much each counts, nil if all
// count 1.
type labels struct{ ids, ignored, weight *graph.Node }

func (c *Call) labels() labels {
	s := c.Shape(0)
	if s.Rank() < 2 || s.Dim(1) == 0 || c.Shape(1) != s.Without(1) {
		c.Fail("want numbers [N C …] and labels [N …], got %v and %v", c.Type(0), c.Type(1))
	}
	y := labels{ids: c.In(1)}
	if c.Has(2) {
		if c.Shape(2) != tensor.Dims(s.Dim(1)) {
			c.Fail("the weights are %v, want [%d]", c.Type(2), s.Dim(1))
		}
	}
	if c.HasAttr("ignore_index") {
		y.ignored = ops.Eq(y.ids, ops.Like(y.ids, float64(c.AttrInt("ignore_index", 0))))
		y.ids = ops.Select(y.ignored, ops.Like(y.ids, 0), y.ids)
	}
	if c.Has(2) {
		y.weight = ops.Take(c.In(2), y.ids, 0)
	}
	if y.ignored != nil {
		one := c.Graph().Fill(1, tensor.Type{DType: c.Type(0).DType, Shape: y.ids.Shape()})
		if y.weight == nil {
			y.weight = one
		}
		y.weight = ops.Select(y.ignored, ops.Like(one, 0), y.weight)
	}
	return y
}

// reduced weighs the losses of all labels and puts them together as the attribute
// reduction says.
func (c *Call) reduced(loss *graph.Node, l labels) *graph.Node {
	if l.weight != nil {
		loss = ops.Mul(loss, l.weight)
	}
	if l.ignored != nil {
		loss = ops.Select(l.ignored, ops.Like(loss, 0), loss) // also of what is infinite
	}
	switch how := c.AttrString("reduction", "mean"); {
	case how == "none":
		return loss
	case how == "sum":
		return ops.ReduceSum(loss)
	case how == "mean" && l.weight == nil:
		return ops.Mean(loss)
	case how == "mean":
		return ops.Div(ops.ReduceSum(loss), ops.ReduceSum(l.weight))
	default:
		c.Fail("attribute \"reduction\" is %q, want none, sum or mean", how)
	}
	return nil
}
