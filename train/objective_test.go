package train

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// judged evaluates an objective in float64.
func judged(t *testing.T, o Objective, out tensor.Wide, batch int, label tensor.Wide) (loss, right float64) {
	t.Helper()
	g := graph.New()
	y := g.Leaf("out", out.Type)
	label.Type = o.LabelType(batch, out.Type)
	l := g.Leaf(o.Label(), label.Type)
	a, b := o.Loss(y, l)
	f, err := graph.NewFunc("objective", []*graph.Node{y, l}, []*graph.Node{a, b})
	if err != nil {
		t.Fatal(err)
	}
	res := graph.Eval(f, []tensor.Wide{out, label})
	return res[0].F[0], res[1].F[0]
}

// TestObjectives works small batches out by hand.
func TestObjectives(t *testing.T) {
	ln := math.Log
	// The softmax of {0, ln 3} is {1/4, 3/4}.
	logits := []float64{0, ln(3), ln(3), 0, 0, ln(3), 0, ln(3)}
	for _, c := range []struct {
		name        string
		o           Objective
		out         tensor.Wide
		batch       int
		label       tensor.Wide
		loss, right float64
	}{
		{
			"class", Class{},
			tensor.Wide{Type: tensor.F32(4, 2), F: logits}, 4, tensor.Wide{I: []int64{0, 0, 1, 1}},
			(ln(4) + 3*ln(4./3)) / 4, 3,
		},
		{
			"class with weights", Class{Weights: []float64{0.5, 2}},
			tensor.Wide{Type: tensor.F32(4, 2), F: logits}, 4, tensor.Wide{I: []int64{0, 0, 1, 1}},
			(0.5*ln(4) + (0.5+2+2)*ln(4./3)) / 4, 3,
		},
		{
			"value", Value{},
			tensor.Wide{Type: tensor.F32(3, 1), F: []float64{1, 2, 3}}, 3, tensor.Wide{F: []float64{1, 0, 5}},
			8. / 3, 0,
		},
		{
			"focal", Class{Focal: 1},
			tensor.Wide{Type: tensor.F32(4, 2), F: logits}, 4, tensor.Wide{I: []int64{0, 0, 1, 1}},
			(0.75*ln(4) + 0.25*3*ln(4./3)) / 4, 3,
		},
		{
			"value, far", Value{Huber: 1},
			tensor.Wide{Type: tensor.F32(2), F: []float64{1, 2}}, 2, tensor.Wide{F: []float64{1.5, 5}},
			(0.125 + 2.5) / 2, 0,
		},
		{
			"next, one place unknown", Next{},
			tensor.Wide{Type: tensor.F32(2, 2, 2), F: logits}, 2, tensor.Wide{I: []int64{0, 0, -1, 1}},
			(ln(4) + 2*ln(4./3)) / 3, 2 * 2. / 3,
		},
		{
			"next, nothing known", Next{},
			tensor.Wide{Type: tensor.F32(2, 2, 2), F: logits}, 2, tensor.Wide{I: []int64{-1, -1, -1, -1}},
			0, 0,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			loss, right := judged(t, c.o, c.out, c.batch, c.label)
			if math.Abs(loss-c.loss) > 1e-6 || math.Abs(right-c.right) > 1e-6 {
				t.Errorf("loss %v, %v right; want %v and %v", loss, right, c.loss, c.right)
			}
		})
	}
}
