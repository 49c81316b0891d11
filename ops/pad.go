package ops

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Pad puts value around and between the elements of x: along each axis low
// before the first, high behind the last, interior between neighbours. Negative
// low and high cut off instead. A nil interior is all zeros.
func Pad(x *graph.Node, value float64, low, high, interior []int) *graph.Node {
	if interior == nil {
		return graph.Apply1(pad{value, List(low...), List(high...), Repeat(0, len(low))}, x)
	}
	return graph.Apply1(pad{value, List(low...), List(high...), List(interior...)}, x)
}

type pad struct {
	Value               float64
	Low, High, Interior Ints
}

func (pad) Name() string { return "pad" }

// Export implements graph.Exporter; what lies between neighbours comes from a
// scatter of x into the value.
func (op pad) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	y := in[0]
	for i, k := range op.Interior.Slice() {
		if k > 0 {
			y = op.spread(x, y, n, i, k)
		}
	}
	var axes, low, high []int
	for i := range op.Low.Len() {
		if a, b := op.Low.At(i), op.High.At(i); a != 0 || b != 0 {
			axes, low, high = append(axes, i), append(low, a), append(high, b)
		}
	}
	if len(axes) == 0 {
		return []string{y}
	}
	value := x.Constant(scalarOf(n.InTypes()[0].DType, op.Value))
	return []string{x.Add("Pad", []string{y, x.Constant(whole(join(low, high))), value, x.Constant(whole(axes))})}
}

// spread puts k values between neighbours along axis i: each element is padded by
// k behind it along an axis of its own, and the last k are cut off.
func (op pad) spread(x graph.Exchange, in string, n *graph.Inst, i, k int) string {
	dims := n.InTypes()[0].Shape.Dims()
	for j := range i { // done before
		dims[j] = max(0, dims[j]+(dims[j]-1)*op.Interior.At(j))
	}
	if dims[i] == 0 {
		return in
	}
	apart := append(append(append([]int{}, dims[:i+1]...), 1), dims[i+1:]...)
	y := x.Add("Reshape", []string{in, x.Constant(whole(apart))})
	pads := make([]int, 2*len(apart))
	pads[len(apart)+i+1] = k
	value := x.Constant(scalarOf(n.InTypes()[0].DType, op.Value))
	y = x.Add("Pad", []string{y, x.Constant(whole(pads)), value})
	whole1 := append([]int{}, dims...)
	whole1[i] *= k + 1
	y = x.Add("Reshape", []string{y, x.Constant(whole(whole1))})
	return x.Add("Slice", []string{y, x.Constant(whole([]int{0})), x.Constant(whole([]int{whole1[i] - k})), x.Constant(whole([]int{i}))})
}

func (op pad) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	rank := in[0].Shape.Rank()
	if op.Low.Len() != rank || op.High.Len() != rank || op.Interior.Len() != rank {
		return nil, fmt.Errorf("low %v, high %v, interior %v for %d axes", op.Low, op.High, op.Interior, rank)
	}
	dims := make([]int, rank)
	for i := range rank {
		d, ok := op.size(i, in[0].Shape.Dim(i))
		if !ok {
			return nil, fmt.Errorf("axis %d of size %d: low %d, high %d, interior %d",
				i, in[0].Shape.Dim(i), op.Low.At(i), op.High.At(i), op.Interior.At(i))
		}
		dims[i] = d
	}
	shape, err := tensor.CheckedDims(dims...)
	if err != nil {
		return nil, err
	}
	return []tensor.Type{{DType: in[0].DType, Shape: shape}}, nil
}

// most bounds paddings, so that sums of a few do not overflow.
const most = 1 << 56

// size is the size of axis i afterwards; ok is false if there is none.
func (op pad) size(i, d int) (size int, ok bool) {
	low, high, interior := op.Low.At(i), op.High.At(i), op.Interior.At(i)
	if min(low, high) < -most || max(low, high, interior) > most || interior < 0 {
		return 0, false
	}
	hi, gaps := bits.Mul64(uint64(max(d-1, 0)), uint64(interior))
	if hi != 0 || gaps > most {
		return 0, false
	}
	size = low + d + int(gaps) + high
	return size, size >= 0
}

func (op pad) Ref(out, in []tensor.Wide) {
	for j := range out[0].F {
		out[0].F[j] = op.Value
	}
	for j := range out[0].I {
		out[0].I[j] = toWhole(op.Value, out[0].Type.DType)
	}
	p, to := place{shape: in[0].Type.Shape}, out[0].Type.Shape
	for j := range in[0].Type.Shape.Size() {
		if o, ok := op.to(&p, to); ok {
			if out[0].F != nil {
				out[0].F[o] = in[0].F[j]
			} else {
				out[0].I[o] = in[0].I[j]
			}
		}
		p.next()
	}
}

// to is where the element at p lands, if it is not cut off.
func (op pad) to(p *place, shape tensor.Shape) (offset int, ok bool) {
	st := shape.Strides()
	for i := range shape.Rank() {
		a := op.Low.At(i) + p.at[i]*(op.Interior.At(i)+1)
		if a < 0 || a >= shape.Dim(i) {
			return 0, false
		}
		offset += a * st[i]
	}
	return offset, true
}

// VJP: the elements of g where those of x are.
func (op pad) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0].Shape()
	if x.Size() == 0 {
		return []*graph.Node{nil}
	}
	low, high, stride := op.Low.Slice(), op.High.Slice(), op.Interior.Slice()
	start, limit := make([]int, len(low)), make([]int, len(low))
	for i := range low {
		low[i], high[i] = -low[i], -high[i]
		stride[i]++
		limit[i] = (x.Dim(i)-1)*stride[i] + 1
	}
	g := Pad(ct[0], 0, low, high, nil) // of the size of x with its gaps
	return []*graph.Node{Slice(g, start, limit, stride)}
}

// Simplify: no padding is none, and a constant padded with itself is a constant.
func (op pad) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	rank := x.Shape().Rank()
	if none := Repeat(0, rank); op.Low == none && op.High == none && (op.Interior == none || x.Type() == y.Type()) {
		return []*graph.Node{x}
	}
	if isFill(x, op.Value) {
		return []*graph.Node{Like(y, op.Value)}
	}
	return nil
}

// Permute implements graph.Permuter.
func (op pad) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return pad{op.Value, op.Low.back(perm), op.High.back(perm), op.Interior.back(perm)}, len(perm) == op.Low.Len()
}

// Kernel implements graph.Kerneled.
func (op pad) Kernel(in, out []tensor.Type) *kernel.Code {
	fill := kernel.FillBytes(out[0].Bytes(), op.pattern(out[0].DType))
	body := op.body(in[0], out[0])
	if fill == nil || body == nil {
		return nil
	}
	return &kernel.Code{
		Phases: append(slices.Clone(fill.Phases), body.Phases...),
		Shared: max(fill.Shared, body.Shared),
		Local:  max(fill.Local, body.Local),
	}
}

// pattern is the bytes of one element of value.
func (op pad) pattern(d tensor.DType) []byte {
	w := tensor.NewWide(tensor.Type{DType: d})
	if w.F != nil {
		w.F[0] = op.Value
	} else {
		w.I[0] = toWhole(op.Value, d)
	}
	return w.Narrow().Bytes()
}

// body copies the elements of x that are not cut off to their places.
func (op pad) body(in, out tensor.Type) *kernel.Code {
	rank := in.Shape.Rank()
	space, dst, src := make([]int, rank), make([]int, rank), in.Shape.Strides()
	to, dstOff, srcOff := out.Shape.Strides(), 0, 0
	for i := range rank {
		low, step := op.Low.At(i), op.Interior.At(i)+1
		first := steps(max(-low, 0), step)
		end := min(in.Shape.Dim(i), steps(max(out.Shape.Dim(i)-low, 0), step))
		space[i] = max(end-first, 0)
		dst[i] = to[i] * step
		dstOff += (low + first*step) * to[i]
		srcOff += first * src[i]
	}
	return kernel.StridedCopy(in.DType.Size(), space, dst, src[:rank], dstOff, srcOff)
}

func init() {
	graph.Register(graph.Entry{
		Op:  pad{0, List(1, 0), List(0, 2), List(0, 1)},
		Doc: "x with value around and between its elements",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 4)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 4)}, Low: -3, High: 3},
			{Of: pad{1, List(-1, 2), List(1, -2), List(1, 0)}, In: []tensor.Type{tensor.F32(3, 4)}, Low: -3, High: 3},
			{Of: pad{-7, List(2, 2), List(0, 0), List(0, 3)}, In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(2, 3)}}, Low: -9, High: 9},
			{Of: pad{1, List(2), List(1), List(0)}, In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(5)}}},
			{Of: pad{0, List(0, 1, 1, 0), List(0, 1, 1, 0), List(0, 0, 0, 0)}, In: []tensor.Type{tensor.F32(2, 3, 4, 2)}, Low: -3, High: 3},
		},
	})
}
