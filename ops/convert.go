package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Convert gives x another element type. Floating-point numbers are rounded to
// nearest even; on the way to integers they are cut towards zero and stay
// within the type's range, NaN becoming 0. Integers wrap around. Whatever is not
// 0 is true.
func Convert(x *graph.Node, to tensor.DType) *graph.Node {
	if x.DType() == to {
		return x
	}
	return graph.Apply1(convert{x.DType(), to}, x)
}

type convert struct{ From, To tensor.DType }

func (convert) Name() string { return "convert" }

// Export implements graph.Exporter. What a Cast makes of floating-point numbers
// outside the range of small integers is undefined, so they are clipped first; of
// larger ones only those in range are the same everywhere.
func (op convert) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	attrs := []graph.Attribute{{Name: "to", Value: op.To}}
	bits := op.To.Bits()
	switch small := bits <= 8 || bits == 16 && op.From.Bits() > 16; {
	case op.To.Float() && bits == 8 && op.To != tensor.Float8E8M0:
		attrs = append(attrs, graph.Attribute{Name: "saturate", Value: 0})
	case op.To != tensor.Bool && !op.To.Float() && op.From.Float() && op.From.Bits() >= 16 && small:
		low, high := x.Constant(scalarOf(op.From, float64(lowest(op.To)))), x.Constant(scalarOf(op.From, float64(highest(op.To))))
		in = []string{x.Add("Clip", []string{in[0], low, high})}
	}
	return []string{x.Add("Cast", in, attrs...)}
}

func (op convert) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	if in[0].DType != op.From {
		return nil, fmt.Errorf("want elements of %v", op.From)
	}
	if !anything.has(op.To) {
		return nil, fmt.Errorf("no element type to convert to")
	}
	return []tensor.Type{{DType: op.To, Shape: in[0].Shape}}, nil
}

func (op convert) Ref(out, in []tensor.Wide) {
	from, to := in[0], out[0]
	switch {
	case to.F != nil && from.F != nil:
		copy(to.F, from.F)
	case to.F != nil:
		for j, v := range from.I {
			to.F[j] = float64(v)
			if unsigned(from) {
				to.F[j] = float64(uint64(v))
			}
		}
	case from.F != nil:
		for j, v := range from.F {
			to.I[j] = toWhole(v, op.To)
		}
	default:
		for j, v := range from.I {
			to.I[j] = v
			if op.To == tensor.Bool && v != 0 {
				to.I[j] = 1
			}
		}
	}
}

// toWhole is x as an integer or bool of type d.
func toWhole(x float64, d tensor.DType) int64 {
	switch top := math.Ldexp(1, d.Bits()); {
	case d.Kind() == tensor.KindBool:
		if x != 0 {
			return 1
		}
		return 0
	case x != x:
		return 0
	case d.Kind() == tensor.KindUint:
		if x >= top {
			return int64(uint64(math.MaxUint64) >> (64 - d.Bits()))
		}
		return int64(uint64(max(x, 0)))
	case x >= top/2:
		return math.MaxInt64 >> (64 - d.Bits())
	case x < -top/2:
		return math.MinInt64 >> (64 - d.Bits())
	}
	return int64(x)
}

// VJP: g, converted back, between floating-point types.
func (op convert) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	if !op.From.Float() || !op.To.Float() {
		return []*graph.Node{nil}
	}
	return []*graph.Node{Convert(ct[0], op.From)}
}

// Simplify: a conversion to the same type is none, and neither is one there and
// back by way of a type that holds all values.
func (op convert) Simplify(n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	if op.From == op.To {
		return []*graph.Node{x}
	}
	if first, ok := x.Op().(convert); ok && first.From == op.To && holds(first.To, first.From) {
		return x.In()[:1]
	}
	return foldFills(n)
}

// holds says whether every value of the element type narrow is one of wide.
func holds(wide, narrow tensor.DType) bool {
	switch {
	case wide.Storage(), narrow == tensor.Float8E8M0 && wide == tensor.Float16:
		return false // some lack 0, -0 or the exponents
	case narrow == tensor.Bool:
		return true
	}
	return wide.Kind() == narrow.Kind() && wide.Bits() > narrow.Bits()
}

// Permute implements graph.Permuter.
func (op convert) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Converts implements graph.Converting.
func (convert) Converts() {}

// Lane implements graph.Elementwise: registers are numbers already.
func (op convert) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	switch {
	case op.To == tensor.Float32:
		return in[0], true
	case op.To == tensor.Bool:
		return e.Ne(in[0], e.Imm(0)), true
	case op.From == tensor.Float32 && (op.To == tensor.Uint8 || op.To == tensor.Int8):
		return e.Cut(in[0], op.To), true
	}
	return 0, false
}

// Kernel implements graph.Kerneled.
func (op convert) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Convert(op.From, op.To, in[0].Shape.Size())
}

func init() {
	sample := func(from, to tensor.DType, low, high float64) graph.Sample {
		t := tensor.Type{DType: from, Shape: tensor.Dims(3, 7)}
		return graph.Sample{Of: convert{from, to}, In: []tensor.Type{t}, Low: low, High: high}
	}
	graph.Register(graph.Entry{
		Op:  convert{tensor.Float32, tensor.Float64},
		Doc: "x as elements of another type",
		Samples: []graph.Sample{
			sample(tensor.Float32, tensor.Float64, -3, 3),
			sample(tensor.Float32, tensor.BFloat16, -3, 3),
			sample(tensor.Float16, tensor.Float32, -3, 3),
			sample(tensor.Float16, tensor.Float32, -1e-5, 1e-5),
			sample(tensor.Float32, tensor.Float16, -3, 3),
			sample(tensor.Float32, tensor.Float16, -1e-5, 1e-5),
			sample(tensor.Float32, tensor.Float16, 65000, 66000),
			sample(tensor.Int32, tensor.Int64, -1<<31, 1<<31),
			sample(tensor.Int64, tensor.Int32, -1<<40, 1<<40),
			sample(tensor.Int32, tensor.Float32, -1<<31, 1<<31),
			sample(tensor.Uint64, tensor.Uint8, 0, 1<<63),
			sample(tensor.Float32, tensor.Int8, -200, 200),
			sample(tensor.Float64, tensor.Uint64, -1e19, 4e19),
			sample(tensor.Uint8, tensor.Float32, 0, 256),
			sample(tensor.Int8, tensor.Float32, -128, 128),
			sample(tensor.Int8, tensor.Bool, -2, 3),
			sample(tensor.Float32, tensor.Uint8, -50, 300),
			{Of: convert{tensor.Uint8, tensor.Float32}, In: []tensor.Type{{DType: tensor.Uint8, Shape: tensor.Dims(0, 3)}}},
			sample(tensor.Uint64, tensor.Float64, 0, 1<<64),
			sample(tensor.Int64, tensor.Int8, -999, 999),
			sample(tensor.Int32, tensor.Bool, -2, 2),
			sample(tensor.Float32, tensor.Bool, -1, 1),
			sample(tensor.Bool, tensor.Float32, 0, 2),
			sample(tensor.Float32, tensor.Float8E4M3FN, -500, 500),
			sample(tensor.Float8E5M2, tensor.Float32, -60000, 60000),
			sample(tensor.Int4, tensor.Float32, -8, 8),
			sample(tensor.Float32, tensor.Uint2, -1, 5),
		},
	})
}
