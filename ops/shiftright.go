package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ShiftRight moves the bits of the integers a down by b places, signed ones with their sign; b below 0 or not below the number of bits leaves only the sign.
func ShiftRight(a, b *graph.Node) *graph.Node { return binary(shiftRight{}, a, b) }

type shiftRight struct{ binaryRules }

func (shiftRight) Name() string { return "shift-right" }

// Export implements graph.Exporter: of negative numbers the complement is shifted,
// so that the sign stays.
func (shiftRight) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	d := n.InTypes()[0].DType
	zero := x.Constant(scalarOf(d, 0))
	if d.Kind() == tensor.KindUint {
		y, fits := shifted(x, in[0], in[1], d, "RIGHT")
		return []string{x.Add("Where", []string{fits, y, zero})}
	}
	negative := x.Add("Less", []string{in[0], zero})
	folded := x.Add("Where", []string{negative, x.Add("BitwiseNot", in[:1]), in[0]})
	y, fits := shifted(x, folded, in[1], d, "RIGHT")
	y = x.Add("Where", []string{fits, y, zero})
	return []string{x.Add("Where", []string{negative, x.Add("BitwiseNot", []string{y}), y})}
}

func (shiftRight) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, ints) }

func (shiftRight) Ref(out, in []tensor.Wide) {
	each2(out, in,
		nil,
		func(x, y int64) int64 {
			places := uint64(y)
			if places >= uint64(in[0].Type.DType.Bits()) {
				places = 64
			}
			if unsigned(in[0]) {
				return int64(uint64(x) >> places)
			}
			return x >> places
		})
}

// Permute implements graph.Permuter.
func (op shiftRight) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: the register machine has no such instruction.
func (shiftRight) Lane(*kernel.Expr, []kernel.Reg) (kernel.Reg, bool) { return 0, false }

func init() {
	graph.Register(graph.Entry{
		Op:  shiftRight{},
		Doc: "⌊a/2ᵇ⌋",
		Samples: []graph.Sample{
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -9, High: 9},
			{In: []tensor.Type{{DType: tensor.Uint8, Shape: tensor.Dims(64)}, {DType: tensor.Uint8, Shape: tensor.Dims(64)}}, Low: 0, High: 9},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(64)}, {DType: tensor.Uint64, Shape: tensor.Dims(64)}}, Low: 0, High: 70},
			{In: []tensor.Type{{DType: tensor.Int32, Shape: tensor.Dims(64)}, {DType: tensor.Int32, Shape: tensor.Dims(64)}}, Ranges: [][2]float64{{-1 << 31, 1 << 31}, {-2, 40}}},
		},
	})
}
