package check_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestLossFindsFaults plants losses that are not what a loss must be.
func TestLossFindsFaults(t *testing.T) {
	pair := []nn.LossArg{
		{Type: tensor.F32(4), Low: -1, High: 1, Extreme: []float64{0, 1e4}},
		{Type: tensor.F32(4), Low: -1, High: 1, Target: true},
	}
	for _, c := range []struct {
		name  string
		build func(a []*graph.Node) *graph.Node
		want  string
	}{
		{"forgets the mean", func(a []*graph.Node) *graph.Node { return ops.Sub(a[0], a[1]) }, "it is float32[4], want float32[]"},
		{"overflows", func(a []*graph.Node) *graph.Node { return ops.Mean(ops.Exp(ops.Sub(a[0], a[1])), 0) }, "has +Inf"},
		{"divides by zero", func(a []*graph.Node) *graph.Node { return ops.Mean(ops.Div(a[1], a[0]), 0) }, "argument 0 beginning with 0"},
		{
			"hides its slope",
			func(a []*graph.Node) *graph.Node {
				d := ops.Sub(a[0], a[1])
				return ops.Mean(ops.Mul(d, ops.Bitcast(ops.Bitcast(d, tensor.Int32), tensor.Float32)), 0)
			},
			"gradient",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := check.Loss(nn.LossSpec{Name: "faulty", Doc: "doc", Build: c.build, Args: pair})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
		})
	}
}
