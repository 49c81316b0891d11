package format_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// gradientCase is a model and a place at which its gradient is asked for.
type gradientCase struct {
	name, file string
	at         tensors // inputs to differentiate by, in float32
	noise      float64 // that is added, uniform from 0 on: half a grey level
	fixed      tensors // other inputs
}

// slope is a model in float64 as a function: a random projection of all outputs,
// and its gradient.
type slope struct {
	value, gradient *exec.Function
	names           []string
	x               []tensor.Tensor // where it is asked for
}

// newSlope lowers the model in float64 and adds noise to its inputs.
func newSlope(t *testing.T, c gradientCase, r rng.Stream) slope {
	t.Helper()
	types := map[string]tensor.Type{}
	for name, x := range c.at {
		types[name] = x.Type()
	}
	l, err := lower.Lower(opened(t, c.file), lower.Binding{Types: types, Values: c.fixed, Floats: tensor.Float64})
	if err != nil {
		t.Fatal(err)
	}
	var s slope
	for _, n := range l.Inputs {
		x := values(c.at[n.Name()])
		noise := make([]float32, len(x))
		r.Split("noise").Split(n.Name()).Uniform(noise, 0, c.noise)
		for i := range x {
			x[i] += float64(noise[i])
		}
		s.names, s.x = append(s.names, n.Name()), append(s.x, tensor.From(n.Shape(), x))
	}
	var sum *graph.Node
	leaves := l.Inputs
	for i, y := range l.Outputs {
		u := make([]float32, y.Shape().Size())
		r.Split("projection").At(uint64(i)).Normal(u, 0, 1)
		w := l.Graph.Constant(tensor.From(y.Shape(), values(tensor.From(y.Shape(), u))))
		axes := make([]int, y.Shape().Rank())
		for k := range axes {
			axes[k] = k
		}
		part := ops.ReduceSum(ops.Mul(y, w), axes...)
		if sum == nil {
			sum = part
		} else {
			sum = ops.Add(sum, part)
		}
	}
	s.value = compiled(t, leaves, sum)
	s.gradient = compiled(t, leaves, graph.Grad(sum, leaves...)...)
	return s
}

func compiled(t *testing.T, leaves []*graph.Node, outputs ...*graph.Node) *exec.Function {
	t.Helper()
	f, err := graph.NewFunc("slope", leaves, outputs)
	if err != nil {
		t.Fatal(err)
	}
	fn, err := exec.Compile(f, pool(), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return fn
}

// along is the value at x + step · d.
func (s slope) along(t *testing.T, d [][]float64, step float64) float64 {
	t.Helper()
	x := make([]tensor.Tensor, len(s.x))
	for i := range x {
		v := values(s.x[i])
		for k := range v {
			v[k] += step * d[i][k]
		}
		x[i] = tensor.From(s.x[i].Shape(), v)
	}
	y, err := s.value.Call(t.Context(), x...)
	if err != nil {
		t.Fatal(err)
	}
	return values(y[0])[0]
}

// TestRealGradients holds the gradients of models in float64 to central
// differences along random directions, the best of three steps: 200 directions
// with -long, 2 without. Errors are shares of the slope along the direction, or of
// the root mean square slope of all directions where that is greater: across the gradient
// there is nothing but rounding.
func TestRealGradients(t *testing.T) {
	directions := 2
	if *long {
		directions = 200
	}
	kitten := photo(t, "models", squeeze+"kitten_224.png")
	for _, c := range []gradientCase{
		{"squeezenet", squeeze + "squeezenet1.1_f32.onnx", tensors{"data_0": planes(kitten, plain, bgr)}, 0.5, nil},
		{"mobilenet", mobile + "mobilenet_v2_dequant_f32.onnx", tensors{"input": planes(kitten, imageNet, rgb)}, 0.5 / 255 / 0.225, nil},
		{"silero", "silero-vad/silero_vad_16k_op15.onnx", spoken(t), 0.5 / 32768, tensors{"sr": tensor.Scalar(int64(16000))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rng.New(1).Split(c.name)
			s := newSlope(t, c, r)
			g, err := s.gradient.Call(t.Context(), s.x...)
			if err != nil {
				t.Fatal(err)
			}
			usual := 0.0
			for i, x := range s.x {
				size := meanAbs(x)
				for _, v := range values(g[i]) {
					usual += v * v * size * size
				}
			}
			usual = math.Sqrt(usual)
			worst, steep, beyond := 0.0, 0.0, 0
			for k := range directions {
				d, want := s.direction(r.Split("direction").At(uint64(k)), g)
				far := math.Inf(1)
				for _, step := range []float64{1e-7, 1e-8, 1e-9} {
					got := (s.along(t, d, step) - s.along(t, d, -step)) / (2 * step)
					far = min(far, math.Abs(got-want))
				}
				if !(far < 1e-5*max(usual, math.Abs(want))) {
					t.Errorf("direction %d: off by %.3g of %.3g; usual are %.3g", k, far, want, usual)
				}
				if far >= 1e-5*math.Abs(want) {
					beyond, steep = beyond+1, max(steep, math.Abs(want))
				}
				worst = max(worst, far/max(usual, math.Abs(want)))
			}
			t.Logf("%d directions, off by at most %.2g; %d by 1e-5 of their own slope, all of less than %.2g of the usual", directions, worst, beyond, steep/usual)
		})
	}
}

// direction is a random one, in units of the mean magnitude of each input, and the
// slope along it that gradient g tells.
func (s slope) direction(r rng.Stream, g []tensor.Tensor) (d [][]float64, along float64) {
	for i, x := range s.x {
		v := make([]float32, x.Shape().Size())
		r.Split(s.names[i]).Normal(v, 0, 1)
		w, size := values(tensor.From(x.Shape(), v)), meanAbs(x)
		for q, gq := range values(g[i]) {
			w[q] *= size
			along += gq * w[q]
		}
		d = append(d, w)
	}
	return d, along
}

func meanAbs(x tensor.Tensor) float64 {
	sum := 0.0
	for _, v := range values(x) {
		sum += math.Abs(v)
	}
	return sum / float64(x.Shape().Size())
}

// spoken is a chunk of speech and the state of Silero's detector before it.
func spoken(t *testing.T) tensors {
	t.Helper()
	const chunk, chunks = 512, 60
	x := speech(t)
	s := running(t, "silero-vad/silero_vad_16k_op15.onnx")
	_, state := listen(t, func(in tensors) tensors { return ran(t, s, in) }, x[:chunks*chunk], 16000, chunk)
	in := x[chunks*chunk-chunk/8 : (chunks+1)*chunk]
	return tensors{"input": tensor.From(tensor.Dims(1, len(in)), in), "state": state}
}
