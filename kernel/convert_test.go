package kernel

import (
	"math"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// TestConvertToWhole holds conversions of floats to integers to the rule, at the
// ends of ranges, at halves, at infinities and NaN.
func TestConvertToWhole(t *testing.T) {
	var values []float64
	for _, e := range []float64{0, 0.5, 1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1<<31 - 1, 1 << 31, 1 << 53, 1 << 62, 1 << 63, 1e30, math.Inf(1)} {
		for _, v := range []float64{e - 1, e - 0.5, e, e + 0.5, e + 1} {
			values = append(values, v, -v)
		}
	}
	values = append(values, math.NaN())
	for _, from := range []tensor.DType{tensor.Float32, tensor.Float64} {
		for _, to := range []tensor.DType{tensor.Uint8, tensor.Int8, tensor.Uint16, tensor.Int16, tensor.Int32, tensor.Int64} {
			x := tensor.Wide{Type: tensor.Type{DType: from, Shape: tensor.Dims(len(values))}, F: values}.Narrow()
			y := tensor.New(tensor.Type{DType: to, Shape: x.Shape()})
			move := Converter(from, to)
			if move == nil {
				t.Fatalf("no conversion from %v to %v", from, to)
			}
			move(y.Bytes(), x.Bytes())
			low, high := to.Range()
			for i, got := range tensor.Widen(y).I {
				v := tensor.Widen(x).F[i]
				want := math.Trunc(min(max(v, low), high))
				switch {
				case v != v:
					want = 0
				case to == tensor.Int64 && v >= 1<<63:
					if got != math.MaxInt64 {
						t.Errorf("%v as %v is %d", v, to, got)
					}
					continue
				}
				if float64(got) != want {
					t.Errorf("%v of %v as %v is %d, want %v", v, from, to, got, want)
				}
			}
		}
	}
}
