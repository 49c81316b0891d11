package tensorflow

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/tensor"
)

func init() {
	register((*call).dequantize, "Dequantize")
	register((*call).fakeQuantize, "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxArgs")
}

// dequantize turns whole numbers into the numbers that they stand for. Their
// range is that from input 1 to input 2; with MIN_FIRST its beginning is moved
// so that 0 is met exactly; with SCALED there is no offset.
func (k *call) dequantize() error {
	low, err := k.constFloat(1)
	if err != nil {
		return err
	}
	high, err := k.constFloat(2)
	if err != nil {
		return err
	}
	v := k.in[0]
	d, ok := v.typ.DType()
	if !ok || d.Float() || d.Bits() > 32 {
		return fmt.Errorf("element type %d", v.typ)
	}
	least, most := d.Range()
	if k.int("axis", -1) != -1 {
		return fmt.Errorf("ranges along an axis")
	}
	if k.typ("dtype", floatType) != floatType {
		return fmt.Errorf("a result of element type %d", k.typ("dtype", floatType))
	}
	q := quantized{scale: (float64(high) - float64(low)) / (most - least), zero: least, low: float64(low)}
	switch mode := k.text("mode", "MIN_COMBINED"); mode {
	case "MIN_COMBINED":
	case "MIN_FIRST":
		if low != high {
			scale := float64(float32(q.scale))
			q.low = math.Round(float64(low)/scale) * scale
		}
	case "SCALED":
		q = quantized{scale: math.Max(math.Abs(float64(low)), math.Abs(float64(high))) / most}
		if least < 0 && k.flag("narrow_range", false) {
			q.scale = math.Max(float64(low)/(least+1), float64(high)/most)
		} else if least < 0 {
			q.scale = math.Max(float64(low)/least, float64(high)/most)
		}
	default:
		return fmt.Errorf("mode %q", mode)
	}
	if t, ok := v.tensor(); ok && k.c.spend(4*int64(t.Shape().Size())) {
		return k.same(constant(k.n.Name, q.of(t)))
	}
	x := k.node("Sub", []string{k.cast(k.use(v), floatType), k.scalar(float32(q.zero), floatType)})
	x = k.node("Mul", []string{x, k.scalar(float32(q.scale), floatType)})
	return k.give(floatType, v.shape, "Add", []string{x, k.scalar(float32(q.low), floatType)})
}

// quantized is how whole numbers stand for others: low + (q - zero)·scale.
type quantized struct{ scale, zero, low float64 }

func (q quantized) of(t tensor.Tensor) tensor.Tensor {
	w := tensor.Widen(t)
	y := tensor.New(tensor.Type{DType: tensor.Float32, Shape: t.Shape()})
	for i, v := range w.I {
		y.Floats()[i] = float32(q.low + (float64(v)-q.zero)*q.scale)
	}
	return y
}

// fakeQuantize rounds to the numbers that whole numbers could stand for (Jacob
// et al., "Quantization and Training of Neural Networks", 2018).
func (k *call) fakeQuantize() error {
	if err := k.takes(1); err != nil {
		return err
	}
	low, high := k.float("min", -6), k.float("max", 6)
	if k.n.Op == "FakeQuantWithMinMaxVars" {
		var err error
		if low, err = k.constFloat(1); err != nil {
			return err
		}
		if high, err = k.constFloat(2); err != nil {
			return err
		}
	}
	bits, first := k.int("num_bits", 8), 0.0
	if k.flag("narrow_range", false) {
		first = 1
	}
	if bits < 2 || bits > 16 || !(low < high) {
		return fmt.Errorf("%d bits from %v to %v", bits, low, high)
	}
	last := float64(int(1)<<bits - 1)
	scale := (float64(high) - float64(low)) / (last - first)
	zero := math.Round(math.Min(last, math.Max(first, first-float64(low)/scale)))
	from, to := float32((first-zero)*scale), float32((last-zero)*scale)
	x := k.node("Clip", []string{k.use(k.in[0]), k.scalar(from, floatType), k.scalar(to, floatType)})
	x = k.node("Div", []string{k.node("Sub", []string{x, k.scalar(from, floatType)}), k.scalar(float32(scale), floatType)})
	x = k.node("Floor", []string{k.node("Add", []string{x, k.scalar(0.5, floatType)})})
	x = k.node("Mul", []string{x, k.scalar(float32(scale), floatType)})
	return k.give(k.in[0].typ, k.in[0].shape, "Add", []string{x, k.scalar(from, floatType)})
}
