package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Gather takes a slice of x for each index: see [GatherDims]. Indices are int32
// or int64. [Take] and [TakeAlongAxis] are its usual forms.
func Gather(x, indices *graph.Node, d GatherDims) *graph.Node {
	return graph.Apply1(gathering{d}, x, indices)
}

type gathering struct{ GatherDims }

func (gathering) Name() string { return "gather" }

// Export implements graph.Exporter: what [Take] and [TakeAlongAxis] build are
// operators; other slices are looked up element by element.
func (op gathering) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	s, ids := n.InTypes()[0].Shape, n.InTypes()[1]
	name, axis := op.operator(s, ids.Shape)
	if name == "" {
		return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
			return []*graph.Node{Take(Reshape(v[0], tensor.Dims(s.Size())), op.places(v[0], v[1]), 0)}
		})
	}
	places := exportPlaces(x, in[1], ids, s.Dim(axis))
	return []string{x.Add(name, []string{in[0], places}, graph.Attribute{Name: "axis", Value: axis})}
}

func (op gathering) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 2, anything); err != nil {
		return nil, err
	}
	if err := indexType(in[1]); err != nil {
		return nil, err
	}
	s, err := op.shape(in[0].Shape, in[1].Shape)
	return []tensor.Type{{DType: in[0].DType, Shape: s.y}}, err
}

func (op gathering) Ref(out, in []tensor.Wide) {
	s, _ := op.shape(in[0].Type.Shape, in[1].Type.Shape)
	s.each(in[1].I, func(y, x int) {
		if out[0].F != nil {
			out[0].F[y] = in[0].F[x]
		} else {
			out[0].I[y] = in[0].I[x]
		}
	})
}

// VJP: each element of g is added where it was taken; indices have none.
func (op gathering) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Scatter(Like(n.In()[0], 0), n.In()[1], ct[0], op.GatherDims, CombineAdd), nil}
}

// Simplify: of equal elements any is as good, and one slice at a place that is
// known is a slice.
func (op gathering) Simplify(n *graph.Inst) []*graph.Node {
	x, indices, y := n.In()[0], n.In()[1], n.Out()[0]
	if v, ok := fillOf(x); ok {
		return []*graph.Node{Like(y, v)}
	}
	ids, ok := knownIndex(indices)
	if !ok {
		return nil
	}
	start, limit := make([]int, x.Shape().Rank()), op.Size.Slice()
	for k, a := range op.Axes.Slice() {
		start[a] = int(min(max(ids[k], 0), int64(x.Shape().Dim(a)-op.Size.At(a))))
		limit[a] += start[a]
	}
	return []*graph.Node{Reshape(Slice(x, start, limit, nil), y.Shape())}
}

// knownIndex is the numbers of indices if it is a single one that is constant.
func knownIndex(indices *graph.Node) ([]int64, bool) {
	if indices.Shape().Rank() != 1 {
		return nil, false
	}
	switch op := indices.Op().(type) {
	case *graph.Const:
		return tensor.Widen(op.Value).I, true
	case graph.Fill:
		w := tensor.NewWide(op.Of)
		op.Ref([]tensor.Wide{w}, nil)
		return w.I, true
	}
	return nil, false
}

// Kernel implements graph.Kerneled.
func (op gathering) Kernel(in, _ []tensor.Type) *kernel.Code {
	s, _ := op.shape(in[0].Shape, in[1].Shape)
	return kernel.Gather(s.spec(in[1]), in[0].DType.Size())
}

// spec is what kernels know of the shape.
func (s *gatherShape) spec(indices tensor.Type) kernel.GatherSpec {
	return kernel.GatherSpec{Axes: s.axes, Along: s.along, Wide: indices.DType == tensor.Int64}
}

// FLOPs implements graph.Costed.
func (gathering) FLOPs(_, _ []tensor.Type) int64 { return 0 }

func init() {
	var samples []graph.Sample
	for _, s := range gatherSamples() {
		samples = append(samples, graph.Sample{
			Of: gathering{s.dims}, In: []tensor.Type{s.x, s.indices},
			Ranges: [][2]float64{{-3, 3}, {-2, 7}},
		})
	}
	graph.Register(graph.Entry{
		Op:      gathering{gatherSamples()[0].dims},
		Doc:     "the slices of x that begin at indices",
		Samples: samples,
		Large:   largeTake(),
	})
}

// gatherSample is one use of GatherDims.
type gatherSample struct {
	dims       GatherDims
	x, indices tensor.Type
}

// gatherSamples are rows, columns, elements along an axis (also where there are
// fewer than in x), slices at two numbers, one slice, strings, and nothing.
func gatherSamples() []gatherSample {
	typed := func(d tensor.DType, dims ...int) tensor.Type {
		return tensor.Type{DType: d, Shape: tensor.Dims(dims...)}
	}
	ids := func(dims ...int) tensor.Type { return typed(tensor.Int32, dims...) }
	rows := takeDims(tensor.Dims(6, 5), 2, 0)
	return []gatherSample{
		{rows, tensor.F32(6, 5), ids(3, 2, 1)},
		{takeDims(tensor.Dims(3, 6), 1, 1), tensor.F32(3, 6), ids(4, 1)},
		{takeDims(tensor.Dims(2, 6, 3), 1, 1), tensor.F32(2, 6, 3), typed(tensor.Int64, 4, 1)},
		{alongDims(2, 1), tensor.F32(3, 6), ids(3, 4, 1)},
		{alongDims(3, 0), tensor.F32(6, 3, 2), ids(4, 2, 2, 1)},
		{GatherDims{Axes: List(1, 0), Size: List(2, 3, 2), Offset: List(0, 2, 3)}, tensor.F32(5, 4, 2), ids(3, 2)},
		{GatherDims{Axes: List(2, 0), Size: List(1, 2, 2), Collapsed: List(0), Offset: List(1, 2)}, tensor.F32(4, 2, 5), typed(tensor.Int64, 3, 2)},
		{GatherDims{Axes: List(0, 1), Size: List(2, 3), Offset: List(0, 1)}, tensor.F32(6, 5), ids(2)},
		{rows, typed(tensor.Int16, 6, 5), ids(3, 2, 1)},
		{rows, typed(tensor.Float64, 6, 5), ids(3, 2, 1)},
		{rows, typed(tensor.Bool, 6, 5), ids(3, 2, 1)},
		{rows, tensor.F32(6, 5), ids(3, 0, 1)},
		{takeDims(tensor.Dims(6, 0), 1, 0), tensor.F32(6, 0), ids(3, 1)},
		{takeDims(tensor.Dims(9, 70), 1, 0), tensor.F32(9, 70), ids(40, 1)},
	}
}

// largeTake looks as many rows up as there are.
func largeTake() *graph.Sample {
	rows, ids := tensor.F32(1<<16, 256), tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(1 << 16)}
	g := graph.New()
	n := Take(g.Leaf("x", rows), g.Leaf("ids", ids), 0).Inst()
	return large(n.Op(), n.InTypes()...)
}
