package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// CumMax is, at each place along an axis, the largest of x up to there, NaN from
// the first NaN on. The largest of nothing is -∞, or the lowest integer.
func CumMax(x *graph.Node, d CumDims) *graph.Node {
	x, c := d.begin(x, math.Inf(-1))
	return graph.Apply1(cumBest{c, false}, x)
}

// CumMin is, at each place along an axis, the smallest of x up to there, NaN from
// the first NaN on. The smallest of nothing is ∞, or the highest integer.
func CumMin(x *graph.Node, d CumDims) *graph.Node {
	x, c := d.begin(x, math.Inf(1))
	return graph.Apply1(cumBest{c, true}, x)
}

// cumBest has two results: the best element so far, and its int32 place; of equal
// ones the latest.
type cumBest struct {
	cumulative
	Least bool
}

func (op cumBest) Name() string {
	if op.Least {
		return "cum-min"
	}
	return "cum-max"
}

// Export implements graph.Exporter.
func (op cumBest) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		places := Iota(v[0].Graph(), tensor.Type{DType: tensor.Int32, Shape: v[0].Shape()}, op.Axis)
		first := func(now []*graph.Node) []*graph.Node { return now }
		return op.scan([]*graph.Node{v[0], places}, first, func(best, now []*graph.Node) []*graph.Node {
			wins := Ge(now[0], best[0])
			if op.Least {
				wins = Le(now[0], best[0])
			}
			wins = Or(wins, Ne(now[0], now[0]))
			return []*graph.Node{Select(wins, now[0], best[0]), Select(wins, now[1], best[1])}
		})
	})
}

func (op cumBest) Infer(in []tensor.Type) ([]tensor.Type, error) {
	t, err := op.infer(in, 1, numbers)
	if err != nil {
		return nil, err
	}
	return append(t[:1:1], tensor.Type{DType: tensor.Int32, Shape: t[0].Shape}), nil
}

func (op cumBest) Ref(out, in []tensor.Wide) {
	inner := 1
	if s := in[0].Type.Shape; s.Size() > 0 {
		_, _, inner = split(s, op.Axis)
	}
	n := in[0].Type.Shape.Dim(op.Axis)
	beats := op.beats(in[0])
	op.steps(in[0].Type.Shape, func(i, before int) {
		best := i
		if before >= 0 {
			if old := i + (int(out[1].I[before])-i/inner%n)*inner; !beats(i, old) {
				best = old
			}
		}
		out[1].I[i] = int64(best / inner % n)
		if out[0].F != nil {
			out[0].F[i] = in[0].F[best]
		} else {
			out[0].I[i] = in[0].I[best]
		}
	})
}

// beats says whether element a takes the place of b, which is before it.
func (op cumBest) beats(w tensor.Wide) func(a, b int) bool {
	if w.F != nil {
		return func(a, b int) bool {
			x, y := w.F[a], w.F[b]
			if op.Least {
				x, y = -x, -y
			}
			return x >= y || x != x
		}
	}
	less := lessInt(w)
	return func(a, b int) bool {
		if op.Least {
			a, b = b, a
		}
		return !less(w.I[a], w.I[b])
	}
}

// VJP: each element of g goes to where its element came from.
func (op cumBest) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	if ct[0] == nil {
		return []*graph.Node{nil}
	}
	return []*graph.Node{PutAlongAxis(Like(n.In()[0], 0), n.Out()[1], ct[0], op.Axis, CombineAdd)}
}

// Kernel implements graph.Kerneled.
func (op cumBest) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.CumBest(op.spec(in[0].Shape), in[0].DType, op.Least)
}

// Permute implements graph.Permuter.
func (op cumBest) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return cumBest{op.permuted(perm), op.Least}, true
}

func init() {
	for least, doc := range map[bool]string{
		false: "the largest x up to each place of an axis, and where it is",
		true:  "the smallest x up to each place of an axis, and where it is",
	} {
		graph.Register(graph.Entry{
			Op:  cumBest{cumulative{1, false}, least},
			Doc: doc,
			Samples: cumSamples(func(c cumulative) graph.Op { return cumBest{c, least} }, 1, -3, 3,
				tensor.Int32, tensor.Uint8, tensor.Uint64),
		})
	}
}
