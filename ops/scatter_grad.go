package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// VJP gives x and the updates their share; indices have none.
//
//	add     g to both: the updates take theirs from where they went
//	update  g where no update went, and to the update that stayed
//	mul     g times the product of the others; see [scattering.others]
//	min/max g divided evenly among those that equal the result
func (op scattering) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	g := ct[0]
	x, indices, u, y := n.In()[0], n.In()[1], n.In()[2], n.Out()[0]
	take := func(v *graph.Node) *graph.Node { return Gather(v, indices, op.GatherDims) }
	put := func(v, u *graph.Node, how Combine) *graph.Node { return Scatter(v, indices, u, op.GatherDims, how) }
	zero, none := Like(x, 0), Like(u, 0)
	switch op.How {
	case CombineAdd:
		return []*graph.Node{g, nil, take(g)}
	case CombineUpdate:
		numbered := Reshape(Iota(x.Graph(), tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(u.Shape().Size())}, 0), u.Shape())
		last := put(x.Graph().Fill(-1, tensor.Type{DType: tensor.Int32, Shape: x.Shape()}), numbered, CombineUpdate)
		stayed := Eq(take(last), numbered)
		return []*graph.Node{Select(Lt(last, Like(last, 0)), g, zero), nil, Select(stayed, take(g), none)}
	case CombineMul:
		byX, byU := op.others(x, indices, u)
		return []*graph.Node{Mul(g, byX), nil, Mul(take(g), byU)}
	}
	fromX, fromU := Convert(Eq(x, y), x.DType()), Convert(Eq(u, take(y)), u.DType())
	share := Div(g, put(fromX, fromU, CombineAdd))
	return []*graph.Node{Mul(fromX, share), nil, Mul(fromU, take(share))}
}

// others is, for each element of x and of the updates u, the product of
// everything else that is multiplied into the same element of the result:
// the product of what is not 0, divided by the element itself if it is not; 0
// if there is another 0. Where two or more are 0 the second derivative between
// two of them is taken for 0.
func (op scattering) others(x, indices, u *graph.Node) (byX, byU *graph.Node) {
	isZero := func(v *graph.Node) *graph.Node { return Eq(v, Like(v, 0)) }
	solid := func(v *graph.Node) *graph.Node { return Select(isZero(v), Like(v, 1), v) }
	whole := Scatter(solid(x), indices, solid(u), op.GatherDims, CombineMul)
	zeros := Scatter(Convert(isZero(x), x.DType()), indices, Convert(isZero(u), u.DType()), op.GatherDims, CombineAdd)
	rest := func(v, whole, zeros *graph.Node) *graph.Node {
		others := Sub(zeros, Convert(isZero(v), v.DType()))
		return Select(isZero(others), Div(whole, solid(v)), Like(v, 0))
	}
	take := func(v *graph.Node) *graph.Node { return Gather(v, indices, op.GatherDims) }
	return rest(x, whole, zeros), rest(u, take(whole), take(zeros))
}

func init() {
	var samples []graph.Sample
	add := func(s gatherSample, d tensor.DType, how Combine, low, high float64) {
		s.x.DType = d
		shape, err := s.dims.shape(s.x.Shape, s.indices.Shape)
		if err != nil {
			panic(err)
		}
		updates := tensor.Type{DType: d, Shape: shape.y}
		samples = append(samples, graph.Sample{
			Of: scattering{s.dims, how}, In: []tensor.Type{s.x, s.indices, updates},
			Ranges: [][2]float64{{low, high}, {-2, 7}, {low, high}},
		})
	}
	all := gatherSamples()
	for _, s := range all {
		add(s, s.x.DType, CombineUpdate, -3, 3)
		if s.x.DType != tensor.Bool {
			add(s, s.x.DType, CombineAdd, -3, 3)
		}
	}
	for _, s := range []gatherSample{all[0], all[3], all[5]} {
		for _, how := range []Combine{CombineMul, CombineMin, CombineMax} {
			add(s, tensor.Float32, how, 0.5, 1.5)
			add(s, tensor.Float64, how, 0.5, 1.5)
			add(s, tensor.Int8, how, -9, 9)
			add(s, tensor.Uint64, how, 0, 1<<20)
		}
	}
	add(all[0], tensor.Float16, CombineAdd, -3, 3)
	graph.Register(graph.Entry{
		Op:      scattering{all[0].dims, CombineAdd},
		Doc:     "x with updates combined into the slices that begin at indices",
		Samples: samples,
	})
}
