package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// What operations have in common when they are written as operators of ONNX.

// whole is numbers as ONNX takes shapes, axes and places.
func whole(v []int) tensor.Tensor {
	y := make([]int64, len(v))
	for i, x := range v {
		y[i] = int64(x)
	}
	return tensor.From(tensor.Dims(len(v)), y)
}

// scalarOf is one number of type d, held to d's range.
func scalarOf(d tensor.DType, v float64) tensor.Tensor {
	w := tensor.NewWide(tensor.Type{DType: d})
	if d.Float() {
		w.F[0] = v
	} else {
		w.I[0] = toWhole(v, d)
	}
	return w.Narrow()
}

// logicName is the name of an operator for bools, or that for the bits of whole
// numbers.
func logicName(bools, bits string, n *graph.Inst) string {
	if n.InTypes()[0].DType == tensor.Bool {
		return bools
	}
	return bits
}

// inlined writes the operations that f makes n of.
func inlined(x graph.Exchange, in []string, n *graph.Inst, f func(v []*graph.Node) []*graph.Node) []string {
	body := composed(n, f)
	if body == nil {
		return x.Unsupported(n.Op().Name(), len(n.Out()))
	}
	return x.Inline(body, in)
}

// reshaped writes v in shape s.
func reshaped(x graph.Exchange, v string, s tensor.Shape) string {
	attrs := []graph.Attribute{}
	if s.Size() == 0 { // a size of 0 is meant as it stands
		attrs = append(attrs, graph.Attribute{Name: "allowzero", Value: 1})
	}
	return x.Add("Reshape", []string{v, x.Constant(whole(s.Dims()))}, attrs...)
}

// export writes a reduction as the operator name.
func (op reduction) export(x graph.Exchange, name, in string) string {
	axes := graph.Attribute{Name: "keepdims", Value: 0}
	if op.Axes.Len() == 0 {
		return x.Add("Identity", []string{in})
	}
	return x.Add(name, []string{in, x.Constant(whole(op.Axes.Slice()))}, axes)
}

// export writes the first k elements in order, and their places.
func (o ordering) export(x graph.Exchange, in string, k int) []string {
	largest := 0
	if o.Descending {
		largest = 1
	}
	r := x.AddMany("TopK", []string{in, x.Constant(whole([]int{k}))}, 2,
		graph.Attribute{Name: "axis", Value: o.Axis}, graph.Attribute{Name: "largest", Value: largest})
	return []string{r[0], x.Add("Cast", r[1:], graph.Attribute{Name: "to", Value: tensor.Int32})}
}

// rectified is y, or where relu is true what a ReLU makes of it.
func rectified(x graph.Exchange, relu bool, y string) string {
	if relu {
		return x.Add("Relu", []string{y})
	}
	return y
}

// join is lists one after the other.
func join(lists ...[]int) []int {
	var all []int
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// join2 is two lists of names, one after the other.
func join2(a, b []string) []string { return append(append([]string{}, a...), b...) }

// ones is a list of n ones.
func ones(n int) []int {
	l := make([]int, n)
	for i := range l {
		l[i] = 1
	}
	return l
}

// restOf is the axes of rank that are in neither list.
func restOf(rank int, a, b Ints) []int {
	used := map[int]bool{}
	for _, i := range join(a.Slice(), b.Slice()) {
		used[i] = true
	}
	var rest []int
	for i := range rank {
		if !used[i] {
			rest = append(rest, i)
		}
	}
	return rest
}

// The transpositions between our layout, channels last, and ONNX's.

func transposed(x graph.Exchange, v string, perm []int) string {
	return x.Add("Transpose", []string{v}, graph.Attribute{Name: "perm", Value: perm})
}

// channelsSecond is [N … C] as [N C …].
func channelsSecond(x graph.Exchange, v string, rank int) string {
	perm := []int{0, rank - 1}
	for i := 1; i < rank-1; i++ {
		perm = append(perm, i)
	}
	return transposed(x, v, perm)
}

// channelsLast is [N C …] as [N … C].
func channelsLast(x graph.Exchange, v string, rank int) string {
	perm := []int{0}
	for i := 2; i < rank; i++ {
		perm = append(perm, i)
	}
	return transposed(x, v, append(perm, 1))
}

// outputsFirst is filters [… In Out] as [Out In …].
func outputsFirst(x graph.Exchange, v string, rank int) string {
	perm := []int{rank - 1, rank - 2}
	for i := range rank - 2 {
		perm = append(perm, i)
	}
	return transposed(x, v, perm)
}

// attributes is how filters w [… In Out] slide, for ONNX.
func (d ConvDims) attributes(w tensor.Shape) []graph.Attribute {
	return []graph.Attribute{
		{Name: "kernel_shape", Value: w.Dims()[:w.Rank()-2]}, {Name: "strides", Value: d.Stride.Slice()},
		{Name: "pads", Value: join(d.PadLow.Slice(), d.PadHigh.Slice())}, {Name: "dilations", Value: d.Dilation.Slice()},
		{Name: "group", Value: d.Groups},
	}
}

// export writes pooling as the operator name.
func (d WindowDims) export(x graph.Exchange, name, in string, n *graph.Inst, more ...graph.Attribute) string {
	rank := n.InTypes()[0].Shape.Rank()
	if moreThan1(d.Dilation) && name == "AveragePool" && x.Opset() < 19 {
		return x.Unsupported("dilated averages before opset 19", 1)[0]
	}
	attrs := append(d.attributes(), more...)
	return channelsLast(x, x.Add(name, []string{channelsSecond(x, in, rank)}, attrs...), rank)
}

// attributes is how the windows slide, for ONNX.
func (d WindowDims) attributes() []graph.Attribute {
	attrs := []graph.Attribute{
		{Name: "kernel_shape", Value: d.Size.Slice()}, {Name: "strides", Value: d.Stride.Slice()},
		{Name: "pads", Value: join(d.PadLow.Slice(), d.PadHigh.Slice())},
	}
	if moreThan1(d.Dilation) {
		attrs = append(attrs, graph.Attribute{Name: "dilations", Value: d.Dilation.Slice()})
	}
	return attrs
}
