package torch7

import (
	"fmt"
	"math"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// results is what a network makes of numbers in a shape with the axis of examples.
func results(t *testing.T, m *Module, dims []int, v ...float32) tensor.Tensor {
	t.Helper()
	model, err := translate(m, Options{Inputs: [][]int{dims[1:]}})
	if err != nil {
		t.Fatal(err)
	}
	return run(t, model, map[string]tensor.Tensor{"input": tensor.From(tensor.Dims(dims...), v)})[0]
}

// TestAveragesOfOldFilesAreSums: nn multiplies by the window where the field
// divide is not true, cudnn has no such field.
func TestAveragesOfOldFilesAreSums(t *testing.T) {
	for _, c := range []struct {
		class  string
		divide any
		want   float64
	}{
		{"nn.SpatialAveragePooling", nil, 10}, {"nn.SpatialAveragePooling", false, 10}, {"nn.SpatialAveragePooling", true, 2.5},
		{"cudnn.SpatialAveragePooling", nil, 2.5},
	} {
		m := module(c.class, "kW", 2.0, "kH", 2.0, "dW", 2.0, "dH", 2.0, "divide", c.divide)
		near(t, fmt.Sprint(c), results(t, m, []int{1, 1, 2, 2}, 1, 2, 3, 4), []float64{c.want}, []int{1, 1, 1, 1}, 1e-6)
	}
}

// TestOldFieldOfCrossMap: x / (2 + 1/1 · x²)^1 for x = 2, 2 being in K.
func TestOldFieldOfCrossMap(t *testing.T) {
	m := module("cudnn.SpatialCrossMapLRN", "size", 1.0, "alpha", 1.0, "beta", 1.0, "K", 2.0)
	near(t, "K", results(t, m, []int{1, 1, 1, 1}, 2), []float64{2.0 / 6}, []int{1, 1, 1, 1}, 1e-6)
}

// TestSoftMaxOfCudnn goes over planes and places together, that of nn over planes.
func TestSoftMaxOfCudnn(t *testing.T) {
	x := []float32{0, 1, 2, 3, 0, 0, 1, 1}
	all := func(of func(sum, v float64) float64, groups int) []float64 {
		want := make([]float64, len(x))
		for n := range 2 {
			for i := range 4 {
				sum := 0.0
				for j := range 4 {
					if j%groups == i%groups {
						sum += math.Exp(float64(x[n*4+j]))
					}
				}
				want[n*4+i] = of(sum, float64(x[n*4+i]))
			}
		}
		return want
	}
	soft := func(sum, v float64) float64 { return math.Exp(v) / sum }
	logged := func(sum, v float64) float64 { return v - math.Log(sum) }
	for class, want := range map[string][]float64{
		"cudnn.SoftMax": all(soft, 1), "cudnn.LogSoftMax": all(logged, 1),
		"cudnn.SpatialSoftMax": all(soft, 2), "nn.SoftMax": all(soft, 2), "nn.LogSoftMax": all(logged, 2),
	} {
		near(t, class, results(t, module(class), []int{2, 2, 1, 2}, x...), want, []int{2, 2, 1, 2}, 1e-6)
	}
	near(t, "of vectors", results(t, module("cudnn.SoftMax"), []int{2, 4}, x...), all(soft, 1), []int{2, 4}, 1e-6)
}
