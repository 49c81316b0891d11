package ops

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Sort puts the elements of x in order along axis, which may count from the
// last. Equal ones, which 0 and -0 are, keep their order. NaN is above all
// numbers, so it comes last, and first where the order is descending.
func Sort(x *graph.Node, axis int, descending bool) *graph.Node {
	return order(x, axis, descending)[0]
}

// ArgSort is the int32 places along axis that the elements of [Sort] come from.
func ArgSort(x *graph.Node, axis int, descending bool) *graph.Node {
	return order(x, axis, descending)[1]
}

// SortBy sorts keys and gives the others, of the shape of keys and any element
// type, the same order.
func SortBy(axis int, descending bool, keys *graph.Node, others ...*graph.Node) []*graph.Node {
	r := order(keys, axis, descending)
	out := r[:1:1]
	for _, x := range others {
		out = append(out, TakeAlongAxis(x, r[1], axis))
	}
	return out
}

func order(x *graph.Node, axis int, descending bool) []*graph.Node {
	return graph.Apply(sorting{ordering{x.Shape().Axis(axis), descending}}, x)
}

// ordering is what sort and top-k share: the axis that is put in order, and which
// elements come first.
type ordering struct {
	Axis       int
	Descending bool
}

// infer gives the types of the first k elements in order and of their places; a
// negative k is all.
func (o ordering) infer(in []tensor.Type, k int) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	s := in[0].Shape
	if o.Axis < 0 || o.Axis >= s.Rank() {
		return nil, fmt.Errorf("axis %d of %v", o.Axis, s)
	}
	n := s.Dim(o.Axis)
	if k < 0 {
		k = n
	}
	if k > n || n > math.MaxInt32 {
		return nil, fmt.Errorf("%d elements of %d in order", k, n)
	}
	s = s.With(o.Axis, k)
	return []tensor.Type{{DType: in[0].DType, Shape: s}, {DType: tensor.Int32, Shape: s}}, nil
}

// ref writes the first elements in order, as many as the result has, and their
// places.
func (o ordering) ref(out, in []tensor.Wide) {
	outer, n, inner := split(in[0].Type.Shape, o.Axis)
	k := out[0].Type.Shape.Dim(o.Axis)
	if out[0].Type.Shape.Size() == 0 {
		return
	}
	compare := o.compare(in[0])
	for row := range outer * inner {
		first := row/inner*n*inner + row%inner
		places := numbered(0, n)
		slices.SortStableFunc(places, func(a, b int) int { return compare(first+a*inner, first+b*inner) })
		for j, p := range places[:k] {
			to := (row/inner*k+j)*inner + row%inner
			out[1].I[to] = int64(p)
			if out[0].F != nil {
				out[0].F[to] = in[0].F[first+p*inner]
			} else {
				out[0].I[to] = in[0].I[first+p*inner]
			}
		}
	}
}

// compare orders elements a and b of w: negative if a comes first.
func (o ordering) compare(w tensor.Wide) func(a, b int) int {
	f := func(a, b int) int { return cmp.Compare(w.I[a], w.I[b]) }
	switch {
	case w.F != nil:
		f = func(a, b int) int {
			x, y := w.F[a], w.F[b]
			if x != x || y != y { // cmp.Compare has NaN below all others
				return cmp.Compare(y, x)
			}
			return cmp.Compare(x, y)
		}
	case unsigned(w):
		f = func(a, b int) int { return cmp.Compare(uint64(w.I[a]), uint64(w.I[b])) }
	}
	if o.Descending {
		return func(a, b int) int { return f(b, a) }
	}
	return f
}

// vjp: each element of g goes to where its element came from.
func (o ordering) vjp(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	if ct[0] == nil {
		return []*graph.Node{nil}
	}
	return []*graph.Node{PutAlongAxis(Like(n.In()[0], 0), n.Out()[1], ct[0], o.Axis, CombineAdd)}
}

// kernel is code for the first k elements in order.
func (o ordering) kernel(in tensor.Type, k int) *kernel.Code {
	outer, n, inner := split(in.Shape, o.Axis)
	return kernel.Sort(kernel.SortSpec{Outer: outer, Axis: n, Inner: inner, First: k, Descending: o.Descending}, in.DType)
}

// sorting has two results: the elements in order and where they came from.
type sorting struct{ ordering }

func (sorting) Name() string { return "sort" }

// Export implements graph.Exporter.
func (op sorting) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return op.export(x, in[0], n.InTypes()[0].Shape.Dim(op.Axis))
}

func (op sorting) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, -1) }

func (op sorting) Ref(out, in []tensor.Wide) { op.ref(out, in) }

// VJP: each element of g goes to where its element came from.
func (op sorting) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node { return op.vjp(ct, n) }

// Kernel implements graph.Kerneled.
func (op sorting) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], in[0].Shape.Dim(op.Axis))
}

// Permute implements graph.Permuter.
func (op sorting) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return sorting{ordering{perm[op.Axis], op.Descending}}, true
}

func init() {
	graph.Register(graph.Entry{
		Op:      sorting{ordering{1, false}},
		Doc:     "x in order along an axis, stable, NaN above all; and the places it came from",
		Samples: orderSamples(func(o ordering) graph.Op { return sorting{o} }),
	})
}

// orderSamples are rows, columns, ties, every kind of element, and nothing.
func orderSamples(op func(ordering) graph.Op) []graph.Sample {
	var samples []graph.Sample
	add := func(axis int, low, high float64, d tensor.DType, dims ...int) {
		for _, descending := range []bool{false, true} {
			samples = append(samples, graph.Sample{
				Of: op(ordering{axis, descending}), In: []tensor.Type{{DType: d, Shape: tensor.Dims(dims...)}},
				Low: low, High: high,
			})
		}
	}
	add(1, -3, 3, tensor.Float32, 3, 7)
	add(0, -3, 3, tensor.Float32, 9, 2)
	add(1, -3, 3, tensor.Float32, 2, 5, 3)
	add(1, -3, 3, tensor.Float64, 2, 300)
	add(1, -3, 3, tensor.Float32, 2, 1500)
	add(1, -3, 3, tensor.Float16, 2, 40)
	add(1, -3, 3, tensor.BFloat16, 2, 40)
	add(1, -4, 4, tensor.Int8, 2, 40)
	add(1, 0, 3, tensor.Uint8, 2, 600)
	add(1, -9, 9, tensor.Int32, 2, 40)
	add(1, -1<<40, 1<<40, tensor.Int64, 2, 40)
	add(1, 0, 1<<64, tensor.Uint64, 2, 40)
	add(1, 0, 2, tensor.Bool, 2, 40)
	add(1, -3, 3, tensor.Float32, 0, 7)
	add(1, -3, 3, tensor.Float32, 3, 5, 0)
	for i, s := range samples {
		samples[i].Rough = s.In[0].DType.Bits() == 16 || s.In[0].Shape.Size() > 100 // ties, or nearly
	}
	return samples
}
