package train

import (
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// small is a net of two linear layers with a norm between, if normed.
type small struct {
	Hidden *nn.Linear
	Norm   *nn.BatchNorm
	Out    *nn.Linear
}

func newSmall(normed bool) *small {
	r := rng.New(1)
	s := &small{Hidden: nn.NewLinear(r.Split("hidden"), 6, 5), Out: nn.NewLinear(r.Split("out"), 5, 3)}
	if normed {
		s.Norm = nn.NewBatchNorm(5)
	}
	return s
}

// Forward implements nn.Layer: [N 6] → [N 3].
func (s *small) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("hidden", s.Hidden, x)
	if s.Norm != nil {
		x = c.In("norm", s.Norm, x)
	}
	return c.In("out", s.Out, ops.Tanh(x))
}

const smallBatch = 8

// fields is a batch for small.
func fields() map[string]tensor.Tensor {
	draw := rng.New(2).Rand()
	x, share := tensor.New(tensor.F32(smallBatch, 6)), tensor.New(tensor.F32(smallBatch))
	a, b := make([]int32, smallBatch), make([]int32, smallBatch)
	for i := range x.Floats() {
		x.Floats()[i] = float32(draw.NormFloat64())
	}
	for i := range a {
		a[i], b[i], share.Floats()[i] = int32(draw.IntN(3)), int32(draw.IntN(3)), draw.Float32()
	}
	n := tensor.Dims(smallBatch)
	return map[string]tensor.Tensor{
		"row": x, data.FieldLabel: tensor.From(n, a), FieldOther: tensor.From(n, b), FieldShare: share,
	}
}

// stepOnce is by how much one step of plain gradient descent with a rate of 1
// changes each parameter and buffer, and what the step tells.
func stepOnce(t *testing.T, net *small, o StepOptions, batch map[string]tensor.Tensor) (map[string][]float64, stepped) {
	t.Helper()
	pool := exec.NewPool(1)
	defer pool.Close()
	o.Input = "row"
	p, err := NewStepProgram(net, tensor.F32(smallBatch, 6), optim.SGD{}, o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newStepper(p, pool)
	if err != nil {
		t.Fatal(err)
	}
	before := map[string][]float32{}
	for _, p := range nn.Params(net) {
		before[p.Path] = append([]float32{}, p.Value.Floats()...)
	}
	told, err := s.run(t.Context(), batch, rng.New(5), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	delta := map[string][]float64{}
	for _, p := range nn.Params(net) {
		for i, v := range p.Value.Floats() {
			delta[p.Path] = append(delta[p.Path], float64(before[p.Path][i])-float64(v))
		}
	}
	return delta, told
}

// length is of all together.
func length(delta map[string][]float64) float64 {
	sum := 0.0
	for _, d := range delta {
		for _, v := range d {
			sum += v * v
		}
	}
	return math.Sqrt(sum)
}

// nearby compares two gradients after scaling the second.
func nearby(t *testing.T, got, want map[string][]float64, scale float64) {
	t.Helper()
	for path := range want {
		for i, v := range want[path] {
			if math.Abs(got[path][i]-scale*v) > 1e-6 {
				t.Fatalf("%s[%d] moved by %v, want %v", path, i, got[path][i], scale*v)
			}
		}
	}
}

// TestClipping bounds the gradient, and tells the length from before.
func TestClipping(t *testing.T) {
	free, told := stepOnce(t, newSmall(false), StepOptions{}, fields())
	norm := length(free)
	if math.Abs(told.length-norm*norm) > 1e-6 {
		t.Errorf("the square of the length is %v, want %v", told.length, norm*norm)
	}
	clipped, again := stepOnce(t, newSmall(false), StepOptions{ClipNorm: norm / 4}, fields())
	nearby(t, clipped, free, 0.25)
	if math.Abs(again.length-norm*norm) > 1e-6 {
		t.Errorf("the square of the length is %v after clipping, want %v", again.length, norm*norm)
	}
	loose, _ := stepOnce(t, newSmall(false), StepOptions{ClipNorm: norm * 2}, fields())
	nearby(t, loose, free, 1)
	byValue, _ := stepOnce(t, newSmall(false), StepOptions{ClipValue: 0.02}, fields())
	for path, d := range free {
		for i, v := range d {
			d[i] = min(max(v, -0.02), 0.02)
		}
		free[path] = d
	}
	nearby(t, byValue, free, 1)
}

// TestAccumulationIsOneBigBatch works a batch off in pieces.
func TestAccumulationIsOneBigBatch(t *testing.T) {
	for _, o := range []StepOptions{{}, {ClipNorm: 0.1, ClipValue: 0.05}, {Mixed: true}, {Objective: Class{Smoothing: 0.1, Weights: []float64{2, 0.5, 0.5}}}} {
		whole, told := stepOnce(t, newSmall(false), o, fields())
		for _, k := range []int{2, 4, 8} {
			o.Accumulate = k
			parts, also := stepOnce(t, newSmall(false), o, fields())
			nearby(t, parts, whole, 1)
			if math.Abs(also.loss-told.loss) > 1e-6 || also.right != told.right || math.Abs(also.length-told.length) > 1e-6 {
				t.Errorf("%d pieces tell %+v, one tells %+v", k, also, told)
			}
		}
	}
	_, err := NewStepProgram(newSmall(false), tensor.F32(smallBatch, 6), optim.SGD{}, StepOptions{Input: "row", Accumulate: 3})
	if err == nil || !strings.Contains(err.Error(), "3 pieces do not divide a batch of 8") {
		t.Error(err)
	}
}

// TestFrozenParametersStay freezes a layer, and a batch norm with its buffers,
// which then normalises as in inference.
func TestFrozenParametersStay(t *testing.T) {
	frozen := func(path string) bool { return strings.HasPrefix(path, "norm.") || path == "hidden.bias" }
	delta, told := stepOnce(t, newSmall(true), StepOptions{Frozen: frozen}, fields())
	for path, d := range delta {
		still := true
		for _, v := range d {
			still = still && v == 0
		}
		if still != frozen(path) {
			t.Errorf("%s: unchanged is %v", path, still)
		}
	}
	// The running statistics of a new norm are 0 and 1: it does nothing but for Eps.
	without, plain := stepOnce(t, newSmall(false), StepOptions{}, fields())
	if math.Abs(told.loss-plain.loss) > 1e-4 {
		t.Errorf("loss %v with a frozen norm that does nothing, %v without", told.loss, plain.loss)
	}
	for i, v := range without["out.weight"] {
		if math.Abs(delta["out.weight"][i]-v) > 1e-4 {
			t.Fatalf("out.weight[%d] moved by %v, want %v", i, delta["out.weight"][i], v)
		}
	}
}

// TestMixedLabels holds a mixture against the two losses it is made of.
func TestMixedLabels(t *testing.T) {
	batch := fields()
	share := batch[FieldShare].Floats()
	loss := func(o StepOptions) float64 {
		_, told := stepOnce(t, newSmall(false), o, batch)
		return told.loss
	}
	for i := range share {
		share[i] = 0.3
	}
	mixed := loss(StepOptions{Mixed: true})
	first := loss(StepOptions{})
	batch[data.FieldLabel] = batch[FieldOther]
	second := loss(StepOptions{})
	if want := 0.3*first + 0.7*second; math.Abs(mixed-want) > 1e-6 {
		t.Errorf("loss %v, want %v", mixed, want)
	}
	_, err := NewStepProgram(newSmall(false), tensor.F32(smallBatch, 6), optim.SGD{}, StepOptions{Input: "row", Mixed: true, Objective: Next{}})
	if err == nil || !strings.Contains(err.Error(), "two labels") {
		t.Error(err)
	}
}
