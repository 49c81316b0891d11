package nn

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// CTC is the connectionist temporal classification loss of each example: -log of
// the probability that labels come out when repetitions of a symbol in a path,
// and then blanks, are dropped, over all paths: Graves et al., "Connectionist
// Temporal Classification", ICML 2006, equations 6 to 8, in logarithms.
//
// logProbs [N T V] is log-softmax over symbols; labels int32 [N S]; inputLengths
// and labelLengths int32 [N] say how much of each counts. The result is [N], in
// nats; +Inf, with a gradient of zero, where the input is too short for its
// labels: it must have a step for each label and one between equal neighbours.
func CTC(logProbs, labels, inputLengths, labelLengths *graph.Node, blank int) *graph.Node {
	c := newCTC(logProbs, labels, blank)
	if logProbs.Graph().Err() != nil {
		return logProbs
	}
	last := c.run(inputLengths)
	end := ops.Reshape(ops.Add(labelLengths, labelLengths), tensor.Dims(c.n, 1))
	blankEnd := ops.TakeAlongAxis(last, end, 1)
	labelEnd := ops.TakeAlongAxis(last, ops.Sub(end, ops.Like(end, 1)), 1)
	labelEnd = ops.Select(ops.Gt(end, ops.Like(end, 0)), labelEnd, ops.Like(labelEnd, never))
	loss := ops.Reshape(ops.Neg(ops.LogAddExp(blankEnd, labelEnd)), tensor.Dims(c.n))
	return ops.Select(ops.Lt(loss, ops.Like(loss, -never/10)), loss, ops.Like(loss, math.Inf(1)))
}

// never is the logarithm of a probability of nothing, small enough that what is
// added in a sequence makes no difference.
const never = -1e30

// ctc is the trellis of the loss: at each step, for each example, the places of
// its labels with blanks around them.
type ctc struct {
	n, steps, places int
	emission         *graph.Node // [T N U]: log-probability of each place's symbol
	skips            *graph.Node // bool [N U]: the place can be reached from two before
}

func newCTC(logProbs, labels *graph.Node, blank int) *ctc {
	p, l := logProbs.Shape(), labels.Shape()
	c := &ctc{n: p.Dim(0), steps: p.Dim(1), places: 2*l.Dim(-1) + 1}
	if logProbs.Graph().Err() != nil {
		return c
	}
	symbols := c.symbols(labels, blank)
	ids := ops.BroadcastInDim(symbols, tensor.Dims(c.steps, c.n, c.places), 1, 2)
	c.emission = ops.TakeAlongAxis(ops.Transpose(logProbs, 1, 0, 2), ids, 2)
	before := c.shifted(symbols, 2, float64(blank))
	c.skips = ops.And(ops.Ne(symbols, before), ops.Ne(symbols, ops.Like(symbols, float64(blank))))
	return c
}

// symbols is blank, label, blank, …, label, blank: int32 [N U].
func (c *ctc) symbols(labels *graph.Node, blank int) *graph.Node {
	s := labels.Shape().Dim(1)
	each := ops.Reshape(labels, tensor.Dims(c.n, s, 1))
	pairs := ops.Reshape(ops.Concatenate(2, ops.Like(each, float64(blank)), each), tensor.Dims(c.n, 2*s))
	end := labels.Graph().Fill(float64(blank), tensor.Type{DType: labels.DType(), Shape: tensor.Dims(c.n, 1)})
	return ops.Concatenate(1, pairs, end)
}

// shifted is x [N U] moved by places, with value in front.
func (c *ctc) shifted(x *graph.Node, places int, value float64) *graph.Node {
	places = min(places, c.places)
	kept := ops.Slice(x, []int{0, 0}, []int{c.n, c.places - places}, nil)
	return ops.Pad(kept, value, []int{0, places}, []int{0, 0}, []int{0, 0})
}

// run is the log-probability of all beginnings of paths that end at each place
// at the last step: [N U].
func (c *ctc) run(inputLengths *graph.Node) *graph.Node {
	g := c.emission.Graph()
	at := tensor.Dims(c.steps, c.n)
	time := ops.Iota(g, tensor.Type{DType: tensor.Int32, Shape: at}, 0)
	inside := ops.Lt(time, ops.BroadcastInDim(inputLengths, at, 1))
	t := tensor.Type{DType: c.emission.DType(), Shape: tensor.Dims(c.n, c.places)}
	place := ops.Iota(g, tensor.Type{DType: tensor.Int32, Shape: t.Shape}, 1)
	first := ops.Select(ops.Eq(place, ops.Like(place, 0)), g.Fill(0, t), g.Fill(never, t))
	last, _ := ops.ScanOf([]*graph.Node{first}, []*graph.Node{c.emission, inside}, ops.Loop{}, func(carry, x []*graph.Node) (next, ys []*graph.Node) {
		stay := carry[0]
		skip := ops.Select(c.skips, c.shifted(stay, 2, never), ops.Like(stay, never))
		sum := ops.LogAddExp(ops.LogAddExp(stay, c.shifted(stay, 1, never)), skip)
		on := ops.BroadcastInDim(x[1], t.Shape, 0)
		return []*graph.Node{ops.Select(on, ops.Add(sum, x[0]), stay)}, nil
	})
	return last[0]
}

func init() {
	RegisterLoss(LossSpec{
		Name: "ctc", Doc: "-log of the probability that a sequence of labels comes out of longer inputs, of any alignment",
		Cite: "Graves et al., 2006",
		Build: func(a []*graph.Node) *graph.Node {
			return meanOf(CTC(ops.LogSoftmax(a[0], -1), a[1], a[2], a[3], 0))
		},
		Args: []LossArg{
			{Type: tensor.F32(3, 8, 4), Low: -3, High: 3, Extreme: hard},
			{Type: int32s(3, 2), Low: 1, High: 4, Target: true},
			{Type: int32s(3), Low: 5, High: 9, Target: true},
			{Type: int32s(3), Low: 1, High: 3, Target: true},
		},
	})
}
