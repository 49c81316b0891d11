package lower_test

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// TestTablesAreNoWeights: the cosines, sines and windows that a file holds are not
// trained; what is multiplied with is.
func TestTablesAreNoWeights(t *testing.T) {
	b := onnx.NewBuilder("tables")
	table := func(name string, dims ...int) string { return b.Init(name, tensor.New(tensor.F32(dims...))) }
	q := b.Add("Mul", []string{b.Input("x", 1), table("weight", 4)})
	y := b.Add("RotaryEmbedding", []string{q, table("cos", 1, 3, 2), table("sin", 1, 3, 2)})
	z := b.Add("STFT", []string{b.Input("signal", 1), b.Init("step", tensor.Scalar(int64(2))), table("window", 4)})
	for _, name := range []string{y, z} {
		b.OutputAny(name, 1)
	}
	m, err := b.Model(23)
	if err != nil {
		t.Fatal(err)
	}
	if weights, statistics := lower.Weights(m); !slices.Equal(weights, []string{"weight"}) || len(statistics) > 0 {
		t.Errorf("weights are %q, statistics %q", weights, statistics)
	}
}
