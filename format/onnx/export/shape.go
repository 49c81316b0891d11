package export

import (
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// small is a value that, aligned at the last axes as ONNX aligns operands, stands
// for a larger one that repeats it.
type small struct {
	of   string
	dims []int
}

// numbers is the content of a vector of int64 that the model holds.
func (m *model) numbers(name string) ([]int, bool) {
	t, ok := m.held[name]
	if !ok || t.DType() != tensor.Int64 || t.Shape().Rank() != 1 {
		return nil, false
	}
	list := make([]int, t.Shape().Size())
	for i, v := range tensor.Of[int64](t) {
		list[i] = int(v)
	}
	return list, true
}

// reshape writes v in another shape: one of a reshaped value is one of what it
// was before, and none if that has the shape.
func (w *writer) reshape(v, shape string, attrs []graph.Attribute) string {
	dims, ok := w.numbers(shape)
	if !ok || slices.Contains(dims, -1) {
		return w.AddMany("Reshape", []string{v, shape}, 1, attrs...)[0]
	}
	from := v
	if s := w.of(v).shaped; s != "" {
		from = s
	}
	if was := w.of(from); was.typed && slices.Equal(was.typ.Shape.Dims(), dims) {
		return from
	}
	y := w.AddMany("Reshape", []string{from, shape}, 1, attrs...)[0]
	w.of(y).shaped = from
	if was := w.of(from); was.typed {
		w.learn(y, tensor.Type{DType: was.typ.DType, Shape: tensor.Dims(dims...)})
	}
	return y
}

// expand writes v repeated to a shape, and remembers v for operators that repeat
// their operands themselves.
func (w *writer) expand(v, shape string) string {
	y := w.AddMany("Expand", []string{v, shape}, 1)[0]
	was := w.of(v)
	dims, ok := w.numbers(shape)
	if !ok || !was.typed {
		return y
	}
	w.learn(y, tensor.Type{DType: was.typ.DType, Shape: tensor.Dims(dims...)})
	s := &small{v, was.typ.Shape.Dims()}
	if from := w.of(was.shaped); was.shaped != "" && from.typed {
		if plain := from.typ.Shape.Dims(); slices.Equal(withoutOnes(s.dims), plain) {
			s = &small{was.shaped, plain}
		}
	}
	w.of(y).small = s
	return y
}

// withoutOnes is dims without the ones that they begin with.
func withoutOnes(dims []int) []int {
	for len(dims) > 0 && dims[0] == 1 {
		dims = dims[1:]
	}
	return dims
}

// oneWay is the operators of elements that do not repeat their first operand.
var oneWay = map[string]bool{"PRelu": true}

// isOneWay says whether n is written as one of them.
func isOneWay(n *graph.Inst) bool {
	named, ok := n.Op().(graph.Named)
	return ok && oneWay[named.ONNX()]
}

// shrunk is the operands of n with those replaced that repeat smaller ones, where
// n's operator does that itself.
func (w *writer) shrunk(n *graph.Inst, in []string) []string {
	if _, each := n.Op().(graph.Elementwise); !each || len(in) < 2 || len(n.Out()) != 1 {
		return in
	}
	out := slices.Clone(in)
	var dims [][]int
	for i, x := range in {
		d := n.InTypes()[i].Shape.Dims()
		if s := w.of(x).small; s != nil {
			out[i], d = s.of, s.dims
		}
		dims = append(dims, d)
	}
	if isOneWay(n) || !stretchTo(dims, n.OutTypes()[0].Shape.Dims()) {
		out[0] = in[0]
	}
	return out
}

// stretchTo says whether operands of such dimensions are together as large as full.
func stretchTo(operands [][]int, full []int) bool {
	for i, size := range full {
		reached := size == 1
		for _, d := range operands {
			k := i - len(full) + len(d)
			reached = reached || k >= 0 && d[k] == size
		}
		if !reached {
			return false
		}
	}
	return slices.ContainsFunc(operands, func(d []int) bool { return len(d) == len(full) })
}
