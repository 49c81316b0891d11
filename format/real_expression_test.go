package format_test

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

const faceAPI = "face-api/model/"

// weightsOf opens a file of weights.
func weightsOf(t testing.TB, file string) *format.File {
	t.Helper()
	f, err := format.Open(shared(t, "models", file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if f.Model != nil {
		t.Fatalf("%s is taken for a model", file)
	}
	return f
}

func weight(t testing.TB, f *format.File, name string) tensor.Tensor {
	t.Helper()
	w, err := f.Tensor(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// expressionNet builds the network that face-api's sources have for its weights of
// expressions: four dense blocks of separable convolutions, a mean, a linear map.
type expressionNet struct {
	t *testing.T
	b *onnx.Builder
	f *format.File
}

// initial is the weights of a name, their axes exchanged.
func (n expressionNet) initial(name string, perm ...int) string {
	w := weight(n.t, n.f, name)
	if perm == nil {
		return n.b.Init(name, w)
	}
	from := w.Shape().Dims()
	to := make([]int, len(perm))
	for i, p := range perm {
		to[i] = from[p]
	}
	y := tensor.New(tensor.F32(to...))
	at := make([]int, len(perm))
	for i := range y.Floats() {
		rest := i
		for k := len(to) - 1; k >= 0; k-- {
			at[perm[k]], rest = rest%to[k], rest/to[k]
		}
		source := 0
		for k, d := range from {
			source = source*d + at[k]
		}
		y.Floats()[i] = w.Floats()[source]
	}
	return n.b.Init(name, y)
}

// separable is a convolution of each channel and one over channels.
func (n expressionNet) separable(x, name string, stride int64) string {
	depth := n.initial(name+"/depthwise_filter", 2, 3, 0, 1)
	channels := int64(weight(n.t, n.f, name+"/depthwise_filter").Shape().Dim(2))
	x = n.b.Add("Conv", []string{x, depth}, onnx.String("auto_pad", "SAME_UPPER"), onnx.Ints("strides", stride, stride), onnx.Int("group", channels))
	return n.b.Add("Conv", []string{x, n.initial(name+"/pointwise_filter", 3, 2, 0, 1), n.initial(name + "/bias")})
}

// block is the sums of the first convolution and of all behind it.
func (n expressionNet) block(x string, i int) string {
	name := fmt.Sprintf("dense%d/conv", i)
	if i == 0 {
		x = n.b.Add("Conv", []string{x, n.initial(name+"0/filters", 3, 2, 0, 1), n.initial(name + "0/bias")},
			onnx.String("auto_pad", "SAME_UPPER"), onnx.Ints("strides", 2, 2))
	} else {
		x = n.separable(x, name+"0", 2)
	}
	sum := n.b.Add("Relu", []string{x})
	x = sum
	for k := 1; k < 4; k++ {
		sum = n.b.Add("Add", []string{sum, n.separable(x, name+fmt.Sprint(k), 1)})
		x = n.b.Add("Relu", []string{sum})
	}
	return x
}

// model takes float32 [N 112 112 3] from 0 to 255.
func (n expressionNet) model() *onnx.Model {
	x := n.b.Input("image", 1, "N", 112, 112, 3)
	x = n.b.Add("Sub", []string{x, n.b.Init("mean", tensor.From(tensor.Dims(3), []float32{122.782, 117.001, 104.298}))})
	x = n.b.Add("Transpose", []string{n.b.Add("Div", []string{x, n.b.Scalar("white", 255)})}, onnx.Ints("perm", 0, 3, 1, 2))
	for i := range 4 {
		x = n.block(x, i)
	}
	x = n.b.Add("Flatten", []string{n.b.Add("GlobalAveragePool", []string{x})})
	x = n.b.Add("Gemm", []string{x, n.initial("fc/weights"), n.initial("fc/bias")})
	n.b.AddAs("expressions", "Softmax", []string{x}, onnx.Int("axis", 1))
	n.b.Output("expressions", 1, "N", 7)
	m, err := n.b.Model(17)
	if err != nil {
		n.t.Fatal(err)
	}
	return m
}

// square is a part of an image in the middle of a black square, brought to side by
// side pixels as TensorFlow 1 does: output pixel i is what lies at i · scale.
func square(m media.Image, x, y, w, h, side int) []float32 {
	s := max(w, h)
	m = m.Crop(x, y, w, h).Crop(-(s-w)/2, -(s-h)/2, s, s)
	scale := float64(s) / float64(side)
	out := make([]float32, side*side*3)
	for i := range out {
		c, u, v := i%3, float64(i/3%side)*scale, float64(i/3/side)*scale
		at := func(u, v int) float64 { return float64(m.Pix[(min(v, s-1)*s+min(u, s-1))*3+c]) }
		u0, v0 := int(u), int(v)
		du, dv := u-float64(u0), v-float64(v0)
		out[i] = float32((at(u0, v0)*(1-du)+at(u0+1, v0)*du)*(1-dv) + (at(u0, v0+1)*(1-du)+at(u0+1, v0+1)*du)*dv)
	}
	return out
}

// TestRealExpressions runs face-api's network on the faces that its detector is
// published to find: what TensorFlow makes of the same weights, and the published
// expressions, of which the shares are for boxes turned by landmarks.
func TestRealExpressions(t *testing.T) {
	const happy, sad, file = 1, 2, faceAPI + "face_expression_model-weights_manifest.json"
	m := resized(t, photo(t, "models", portraits[1].file), 640, 427)
	var x []float32
	for _, b := range [][4]int{{259, 148, 104, 85}, {474, 70, 101, 93}, {113, 132, 101, 81}} {
		x = append(x, square(m, b[0], b[1], b[2], b[3], 112)...)
	}
	net := expressionNet{t, onnx.NewBuilder("expressions"), weightsOf(t, file)}
	out := peerCase{
		name: "faces", model: file, opened: net.model(), in: tensors{"image": tensor.From(tensor.Dims(3, 112, 112, 3), x)}, outputs: []string{"expressions"},
		tolerance: exact,
	}.run(t, "expressions")
	p := values(out["expressions"])
	for i, want := range []struct {
		class int
		p     float64
	}{{sad, 0.904}, {happy, 0.999}, {happy, 0.777}} {
		row := p[7*i : 7*i+7]
		if slices.Index(row, slices.Max(row)) != want.class {
			t.Errorf("face %d: %.3f, want class %d", i, row, want.class)
		}
		near(t, fmt.Sprintf("face %d", i), row[want.class:want.class+1], 0.25, want.p)
	}
}

// TestRealFaceWeights opens all manifests of face-api and compares each tensor
// with what NumPy made of the bytes.
func TestRealFaceWeights(t *testing.T) {
	folder := shared(t, "models", faceAPI)
	var want map[string]map[string]summary
	readRecord(t, "face-api", &want)
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d manifests, want %d (%v)", len(files), len(want), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		f := weightsOf(t, faceAPI+name)
		if len(f.Names) != len(want[name]) {
			t.Errorf("%s: %d tensors, want %d", name, len(f.Names), len(want[name]))
		}
		worst := 0.0
		for _, n := range slices.Sorted(maps.Keys(want[name])) {
			far, err := want[name][n].distance(weight(t, f, n))
			if err != nil || !(far <= 1e-6) {
				t.Errorf("%s: %s is off by %.3g of its largest (%v)", name, n, far, err)
			}
			worst = math.Max(worst, far)
		}
		t.Logf("%s: %d tensors, off by at most %.2g", name, len(f.Names), worst)
	}
}
