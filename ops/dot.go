package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// DotDims says which axes of two operands belong together. Batch axes stand
// for themselves in the result, contracted ones are summed over; the lists of
// a and b go in pairs.
type DotDims struct{ BatchA, BatchB, ContractA, ContractB Ints }

// DotGeneral is the contraction of a and b: for every place of the batch axes
// and of the free axes of both, the sum of products along the contracted axes.
// The result's axes are batch, free of a, free of b, the free ones in order.
func DotGeneral(a, b *graph.Node, d DotDims) *graph.Node {
	return graph.Apply1(dotGeneral{d.positive(a.Shape(), b.Shape())}, a, b)
}

type dotGeneral struct{ DotDims }

func (dotGeneral) Name() string { return "dot-general" }

// Export implements graph.Exporter.
func (op dotGeneral) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	a, b := n.InTypes()[0].Shape, n.InTypes()[1].Shape
	freeA := restOf(a.Rank(), op.BatchA, op.ContractA)
	freeB := restOf(b.Rank(), op.BatchB, op.ContractB)
	batch, inner := sizesOf(a, op.BatchA.Slice()), product(sizesOf(a, op.ContractA.Slice()))
	left := transposed(x, in[0], join(op.BatchA.Slice(), freeA, op.ContractA.Slice()))
	right := transposed(x, in[1], join(op.BatchB.Slice(), op.ContractB.Slice(), freeB))
	if op.ContractA.Len() == 1 && len(freeB) == 1 && (len(freeA) == 1 || len(freeA) > 1 && len(batch) == 0) {
		return []string{x.Add("MatMul", []string{left, right})}
	}
	matrices := func(v string, rows, columns int) string {
		return reshaped(x, v, tensor.Dims(join(batch, []int{rows, columns})...))
	}
	left = matrices(left, product(sizesOf(a, freeA)), inner)
	right = matrices(right, inner, product(sizesOf(b, freeB)))
	return []string{reshaped(x, x.Add("MatMul", []string{left, right}), n.OutTypes()[0].Shape)}
}

// positive counts all axes from the first.
func (d DotDims) positive(a, b tensor.Shape) DotDims {
	up := func(l Ints, s tensor.Shape) Ints {
		axes := l.Slice()
		for i, x := range axes {
			if x >= -s.Rank() {
				axes[i] = s.Axis(x)
			}
		}
		return List(axes...)
	}
	return DotDims{up(d.BatchA, a), up(d.BatchB, b), up(d.ContractA, a), up(d.ContractB, b)}
}

// free lists the axes of a shape that are neither batch nor contracted.
func free(rank int, batch, contract Ints) ([]int, error) {
	mask, err := axesOf(List(append(batch.Slice(), contract.Slice()...)...), rank)
	return named(not(mask), rank), err
}

// dims is the axes of a contraction by what becomes of them.
type dims struct {
	batchA, freeA, contractA []int
	batchB, freeB, contractB []int
}

func (d DotDims) of(a, b tensor.Shape) (dims, error) {
	d = d.positive(a, b)
	freeA, errA := free(a.Rank(), d.BatchA, d.ContractA)
	if errA != nil {
		return dims{}, fmt.Errorf("first operand: %w", errA)
	}
	freeB, errB := free(b.Rank(), d.BatchB, d.ContractB)
	if errB != nil {
		return dims{}, fmt.Errorf("second operand: %w", errB)
	}
	if d.BatchA.Len() != d.BatchB.Len() || d.ContractA.Len() != d.ContractB.Len() {
		return dims{}, fmt.Errorf("axes do not go in pairs: batch %v and %v, contracted %v and %v", d.BatchA, d.BatchB, d.ContractA, d.ContractB)
	}
	return dims{
		d.BatchA.Slice(), freeA, d.ContractA.Slice(),
		d.BatchB.Slice(), freeB, d.ContractB.Slice(),
	}, nil
}

func (op dotGeneral) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 2, numbers); err != nil {
		return nil, err
	}
	if in[0].DType != in[1].DType {
		return nil, fmt.Errorf("operands have %v and %v elements; convert one", in[0].DType, in[1].DType)
	}
	a, b := in[0].Shape, in[1].Shape
	d, err := op.of(a, b)
	if err != nil {
		return nil, err
	}
	pairsA, pairsB := append(op.BatchA.Slice(), d.contractA...), append(op.BatchB.Slice(), d.contractB...)
	for i, x := range pairsA {
		if y := pairsB[i]; a.Dim(x) != b.Dim(y) {
			return nil, fmt.Errorf("axis %d of the first operand has size %d, axis %d of the second %d", x, a.Dim(x), y, b.Dim(y))
		}
	}
	sizes := append(sizesOf(a, d.batchA), sizesOf(a, d.freeA)...)
	shape, err := tensor.CheckedDims(append(sizes, sizesOf(b, d.freeB)...)...)
	return []tensor.Type{{DType: in[0].DType, Shape: shape}}, err
}

// sizesOf is the sizes of some axes.
func sizesOf(s tensor.Shape, axes []int) []int {
	sizes := make([]int, len(axes))
	for i, a := range axes {
		sizes[i] = s.Dim(a)
	}
	return sizes
}

// offsets lists where in memory the places along some axes lie, in row-major
// order of these axes.
func offsets(s tensor.Shape, axes []int) []int {
	list, strides := []int{0}, s.Strides()
	for _, a := range axes {
		var next []int
		for _, o := range list {
			for i := range s.Dim(a) {
				next = append(next, o+i*strides[a])
			}
		}
		list = next
	}
	return list
}

func (op dotGeneral) Ref(out, in []tensor.Wide) {
	a, b := in[0].Type.Shape, in[1].Type.Shape
	d, err := op.of(a, b)
	if err != nil {
		return
	}
	if out[0].F != nil {
		contract(d, a, b, out[0].F, in[0].F, in[1].F)
	} else {
		contract(d, a, b, out[0].I, in[0].I, in[1].I)
	}
}

func contract[T float64 | int64](d dims, a, b tensor.Shape, out, x, y []T) {
	freeA, freeB := offsets(a, d.freeA), offsets(b, d.freeB)
	sumA, sumB := offsets(a, d.contractA), offsets(b, d.contractB)
	batchB := offsets(b, d.batchB)
	at := 0
	for i, ba := range offsets(a, d.batchA) {
		for _, fa := range freeA {
			for _, fb := range freeB {
				var sum T
				for k := range sumA {
					sum += x[ba+fa+sumA[k]] * y[batchB[i]+fb+sumB[k]]
				}
				out[at] = sum
				at++
			}
		}
	}
}

// VJP: the cotangent contracted with the other operand.
func (op dotGeneral) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	a, b, g := n.In()[0], n.In()[1], ct[0]
	d, err := op.of(a.Shape(), b.Shape())
	if err != nil {
		return nil
	}
	nb, na := len(d.batchA), len(d.freeA)
	batch := List(numbered(0, nb)...)
	// [batch freeA freeB]·[batch contract freeB] over freeB, in b's order of the
	// contracted axes.
	ga := DotGeneral(g, b, DotDims{batch, op.BatchB, List(numbered(nb+na, len(d.freeB))...), List(d.freeB...)})
	orderA := append(append([]int{}, d.batchA...), d.freeA...)
	ga = unpermute(ga, append(orderA, matching(d.contractB, d.contractA)...))
	// [batch contract freeA]·[batch freeA freeB] over freeA.
	gb := DotGeneral(a, g, DotDims{op.BatchA, batch, List(d.freeA...), List(numbered(nb, na)...)})
	orderB := append(append([]int{}, d.batchB...), matching(d.contractA, d.contractB)...)
	gb = unpermute(gb, append(orderB, d.freeB...))
	return []*graph.Node{ga, gb}
}

// numbered is n numbers from first on.
func numbered(first, n int) []int {
	l := make([]int, n)
	for i := range l {
		l[i] = first + i
	}
	return l
}

// matching is the partners of axes taken in rising order.
func matching(axes, partners []int) []int {
	var l []int
	for a := range tensor.MaxRank {
		for i, x := range axes {
			if x == a {
				l = append(l, partners[i])
			}
		}
	}
	return l
}

// unpermute puts axis i of x, which is axis order[i] of what is wanted, there.
func unpermute(x *graph.Node, order []int) *graph.Node {
	for i, a := range order {
		if a != i {
			return Transpose(x, inverse(order)...)
		}
	}
	return x
}

// FLOPs implements graph.Costed: two for each product.
func (op dotGeneral) FLOPs(in, out []tensor.Type) int64 {
	return 2 * op.MACs(in, out)
}

// MACs implements graph.Contracting.
func (op dotGeneral) MACs(in, out []tensor.Type) int64 {
	return int64(out[0].Shape.Size()) * int64(product(sizesOf(in[0].Shape, op.ContractA.Slice())))
}

func init() {
	one := func(batch, contract Ints) DotDims { return DotDims{batch, batch, contract, contract} }
	sample := func(d DotDims, a, b tensor.Type) graph.Sample {
		return graph.Sample{Of: dotGeneral{d}, In: []tensor.Type{a, b}, Low: -1, High: 1}
	}
	plain := DotDims{ContractA: List(1), ContractB: List(0)}
	whole := sample(plain, tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(2, 3)}, tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(3, 4)})
	whole.Low, whole.High = -50, 50
	graph.Register(graph.Entry{
		Op:    dotGeneral{plain},
		Doc:   "Σ a·b over contracted axes, for each place of batch and free axes",
		Large: large(dotGeneral{plain}, tensor.F32(1024, 1024), tensor.F32(1024, 1024)),
		Samples: []graph.Sample{
			sample(plain, tensor.F32(3, 5), tensor.F32(5, 4)),
			sample(DotDims{ContractA: List(0), ContractB: List(1)}, tensor.F32(5, 3), tensor.F32(4, 5)),
			sample(one(List(0), List(2)), tensor.F32(2, 3, 4), tensor.F32(2, 5, 4)),
			sample(one(List(1), List(2)), tensor.F32(3, 2, 4), tensor.F32(5, 2, 4)),
			sample(DotDims{ContractA: List(0, 2), ContractB: List(2, 1)}, tensor.F32(2, 4, 3), tensor.F32(3, 3, 2)),
			sample(DotDims{BatchA: List(0, 2), BatchB: List(2, 0), ContractA: List(1), ContractB: List(1)}, tensor.F32(2, 3, 2, 2), tensor.F32(2, 3, 2)),
			sample(DotDims{}, tensor.F32(3), tensor.F32(2)),
			sample(DotDims{ContractA: List(0), ContractB: List(0)}, tensor.F32(7), tensor.F32(7)),
			sample(plain, tensor.F32(2, 0), tensor.F32(0, 3)),
			sample(plain, tensor.F32(0, 2), tensor.F32(2, 3)),
			whole,
		},
	})
}
