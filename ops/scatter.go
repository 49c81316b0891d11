package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Combine is what a scatter makes of an element and an update for it.
type Combine = kernel.Combine

// The ways to combine an element with an update.
const (
	CombineUpdate = kernel.CombineUpdate // the update: of several the last one stays
	CombineAdd    = kernel.CombineAdd    // the sum
	CombineMul    = kernel.CombineMul    // the product
	CombineMin    = kernel.CombineMin    // the smaller, NaN if either is NaN
	CombineMax    = kernel.CombineMax    // the larger, NaN if either is NaN
)

// Scatter is x after updates, of the type that [Gather] by the same indices and
// dims would give, have been combined in row-major order with the elements that
// it would take. Any number of updates may go to one element.
func Scatter(x, indices, updates *graph.Node, d GatherDims, how Combine) *graph.Node {
	return graph.Apply1(scattering{d, how}, x, indices, updates)
}

// ScatterAdd is [Scatter] by sums: the transpose of [Gather].
func ScatterAdd(x, indices, updates *graph.Node, d GatherDims) *graph.Node {
	return Scatter(x, indices, updates, d, CombineAdd)
}

type scattering struct {
	GatherDims
	How Combine
}

func (scattering) Name() string { return "scatter" }

// Export implements graph.Exporter: what [PutAlongAxis] builds is an operator; other
// slices are updated element by element.
func (op scattering) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	s, ids := n.InTypes()[0].Shape, n.InTypes()[1]
	name, axis := op.operator(s, ids.Shape)
	if name != "GatherElements" {
		return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
			flat := func(v *graph.Node) *graph.Node { return Reshape(v, tensor.Dims(v.Shape().Size())) }
			return []*graph.Node{Reshape(PutAlongAxis(flat(v[0]), flat(op.places(v[0], v[1])), flat(v[2]), 0, op.How), s)}
		})
	}
	how := map[Combine]string{CombineUpdate: "none", CombineAdd: "add", CombineMul: "mul", CombineMin: "min", CombineMax: "max"}[op.How]
	places := exportPlaces(x, in[1], ids, s.Dim(axis))
	return []string{x.Add("ScatterElements", []string{in[0], places, in[2]}, graph.Attribute{Name: "axis", Value: axis}, graph.Attribute{Name: "reduction", Value: how})}
}

func (op scattering) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := count(in, 3); err != nil {
		return nil, err
	}
	k := numbers
	if op.How == CombineUpdate {
		k = anything
	}
	if op.How > CombineMax {
		return nil, fmt.Errorf("no way %d to combine", op.How)
	}
	if !k.has(in[0].DType) {
		return nil, fmt.Errorf("cannot combine %v in this way", in[0].DType)
	}
	if err := indexType(in[1]); err != nil {
		return nil, err
	}
	s, err := op.shape(in[0].Shape, in[1].Shape)
	if err != nil {
		return nil, err
	}
	if want := (tensor.Type{DType: in[0].DType, Shape: s.y}); in[2] != want {
		return nil, fmt.Errorf("updates are %v, want %v", in[2], want)
	}
	return in[:1], nil
}

func (op scattering) Ref(out, in []tensor.Wide) {
	copy(out[0].F, in[0].F)
	copy(out[0].I, in[0].I)
	s, _ := op.shape(in[0].Type.Shape, in[1].Type.Shape)
	f, i := op.floats(), op.ints(in[0])
	s.each(in[1].I, func(y, x int) {
		if out[0].F != nil {
			out[0].F[x] = f(out[0].F[x], in[2].F[y])
		} else {
			out[0].I[x] = i(out[0].I[x], in[2].I[y])
		}
	})
}

func (op scattering) floats() func(x, u float64) float64 {
	switch op.How {
	case CombineAdd:
		return func(x, u float64) float64 { return x + u }
	case CombineMul:
		return func(x, u float64) float64 { return x * u }
	case CombineMin:
		return math.Min
	case CombineMax:
		return math.Max
	}
	return func(_, u float64) float64 { return u }
}

func (op scattering) ints(w tensor.Wide) func(x, u int64) int64 {
	less := lessInt(w)
	switch op.How {
	case CombineAdd:
		return func(x, u int64) int64 { return x + u }
	case CombineMul:
		return func(x, u int64) int64 { return x * u }
	case CombineMin:
		return func(x, u int64) int64 {
			if less(u, x) {
				return u
			}
			return x
		}
	case CombineMax:
		return func(x, u int64) int64 {
			if less(x, u) {
				return u
			}
			return x
		}
	}
	return func(_, u int64) int64 { return u }
}

// Kernel implements graph.Kerneled.
func (op scattering) Kernel(in, _ []tensor.Type) *kernel.Code {
	s, _ := op.shape(in[0].Shape, in[1].Shape)
	return kernel.Scatter(s.spec(in[1]), in[0], op.How)
}

// InPlace implements graph.InPlace.
func (scattering) InPlace() [][2]int { return [][2]int{{0, 0}} }

// FLOPs implements graph.Costed.
func (scattering) FLOPs(in, _ []tensor.Type) int64 { return int64(in[2].Shape.Size()) }
