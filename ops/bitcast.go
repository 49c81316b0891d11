package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Bitcast sees the bits of x as elements of another type of the same size. Bool
// has bytes that mean nothing and types below 8 bits have such bits, so they take
// no part. NaNs may lose their payload.
func Bitcast(x *graph.Node, to tensor.DType) *graph.Node {
	if x.DType() == to {
		return x
	}
	return graph.Apply1(bitcast{to}, x)
}

type bitcast struct{ To tensor.DType }

func (bitcast) Name() string { return "bitcast" }

// Export implements graph.Exporter: between whole numbers a Cast, which wraps
// around; others from opset 26 on.
func (op bitcast) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	to := graph.Attribute{Name: "to", Value: op.To}
	switch {
	case !op.To.Float() && !n.InTypes()[0].DType.Float():
		return []string{x.Add("Cast", in, to)}
	case x.Opset() < 26:
		return x.Unsupported("bitcast before opset 26", 1)
	}
	return []string{x.Add("BitCast", in, to)}
}

func (op bitcast) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, numbers); err != nil {
		return nil, err
	}
	if in[0].DType.Bits() < 8 {
		return nil, fmt.Errorf("elements of %d bits in a byte", in[0].DType.Bits())
	}
	if !numbers.has(op.To) || op.To.Bits() != in[0].DType.Bits() {
		return nil, fmt.Errorf("elements of %d bits seen as %v of %d", in[0].DType.Bits(), op.To, op.To.Bits())
	}
	return []tensor.Type{{DType: op.To, Shape: in[0].Shape}}, nil
}

func (op bitcast) Ref(out, in []tensor.Wide) {
	t, err := tensor.View(out[0].Type, in[0].Narrow().Bytes())
	if err != nil {
		panic(err) // Infer saw that the sizes agree
	}
	w := tensor.Widen(t)
	copy(out[0].F, w.F)
	copy(out[0].I, w.I)
}

// Aliases implements graph.Aliasing.
func (bitcast) Aliases() bool { return true }

// Simplify: a bitcast to the same type is none, and a bitcast of another is one.
func (op bitcast) Simplify(n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	if x.DType() == op.To {
		return []*graph.Node{x}
	}
	if isOp[bitcast](x) {
		return []*graph.Node{Bitcast(x.In()[0], op.To)}
	}
	return nil
}

// Permute implements graph.Permuter.
func (op bitcast) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

func init() {
	graph.Register(graph.Entry{
		Op:  bitcast{tensor.Uint32},
		Doc: "the bits of x as elements of another type",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{Of: bitcast{tensor.Float32}, In: []tensor.Type{{DType: tensor.Int32, Shape: tensor.Dims(9)}}, Low: 0, High: 1 << 30},
			{Of: bitcast{tensor.Uint64}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(9)}}, Low: -9, High: 9},
			{Of: bitcast{tensor.Uint8}, In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(9)}}, Low: -128, High: 128},
		},
	})
}
