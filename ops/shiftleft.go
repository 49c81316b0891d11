package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ShiftLeft moves the bits of the integers a up by b places; nothing is left of a for b below 0 or not below the number of bits.
func ShiftLeft(a, b *graph.Node) *graph.Node { return binary(shiftLeft{}, a, b) }

type shiftLeft struct{ binaryRules }

func (shiftLeft) Name() string { return "shift-left" }

// Export implements graph.Exporter.
func (shiftLeft) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	d := n.InTypes()[0].DType
	y, fits := shifted(x, in[0], in[1], d, "LEFT")
	return []string{x.Add("Where", []string{fits, y, x.Constant(scalarOf(d, 0))})}
}

// shifted writes a BitShift of a by b places, which the operator has for unsigned
// numbers, and whether b is below the number of bits; where it is not the result
// means nothing.
func shifted(x graph.Exchange, a, b string, d tensor.DType, direction string) (y, fits string) {
	bits := unsignedOf(d)
	cast := func(v string, to tensor.DType) string {
		if d == bits {
			return v
		}
		return x.Add("Cast", []string{v}, graph.Attribute{Name: "to", Value: to})
	}
	places := cast(b, bits)
	fits = x.Add("Less", []string{places, x.Constant(scalarOf(bits, float64(d.Bits())))})
	places = x.Add("Where", []string{fits, places, x.Constant(scalarOf(bits, 0))})
	y = x.Add("BitShift", []string{cast(a, bits), places}, graph.Attribute{Name: "direction", Value: direction})
	return cast(y, d), fits
}

// unsignedOf is the unsigned type of as many bits.
func unsignedOf(d tensor.DType) tensor.DType {
	return map[int]tensor.DType{8: tensor.Uint8, 16: tensor.Uint16, 32: tensor.Uint32, 64: tensor.Uint64}[d.Bits()]
}

func (shiftLeft) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, ints) }

func (shiftLeft) Ref(out, in []tensor.Wide) {
	each2(out, in,
		nil,
		func(x, y int64) int64 {
			if uint64(y) >= uint64(in[0].Type.DType.Bits()) {
				return 0
			}
			return x << uint64(y)
		})
}

// Permute implements graph.Permuter.
func (op shiftLeft) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: the register machine has no such instruction.
func (shiftLeft) Lane(*kernel.Expr, []kernel.Reg) (kernel.Reg, bool) { return 0, false }

func init() {
	graph.Register(graph.Entry{
		Op:  shiftLeft{},
		Doc: "a·2ᵇ",
		Samples: []graph.Sample{
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -9, High: 9},
			{In: []tensor.Type{{DType: tensor.Uint8, Shape: tensor.Dims(64)}, {DType: tensor.Uint8, Shape: tensor.Dims(64)}}, Low: 0, High: 9},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(64)}, {DType: tensor.Uint64, Shape: tensor.Dims(64)}}, Low: 0, High: 70},
			{In: []tensor.Type{{DType: tensor.Int32, Shape: tensor.Dims(64)}, {DType: tensor.Int32, Shape: tensor.Dims(64)}}, Ranges: [][2]float64{{-1 << 31, 1 << 31}, {-2, 40}}},
		},
	})
}
