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

// faceNet builds the network that face-api's sources have for its weights of
// expressions and of landmarks: four dense blocks of separable convolutions, a mean, a
// linear map.
type faceNet struct {
	t *testing.T
	b *onnx.Builder
	f *format.File
}

// initial is the weights of a name, their axes exchanged.
func (n faceNet) initial(name string, perm ...int) string {
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
func (n faceNet) separable(x, name string, stride int64) string {
	depth := n.initial(name+"/depthwise_filter", 2, 3, 0, 1)
	channels := int64(weight(n.t, n.f, name+"/depthwise_filter").Shape().Dim(2))
	x = n.b.Add("Conv", []string{x, depth}, onnx.String("auto_pad", "SAME_UPPER"), onnx.Ints("strides", stride, stride), onnx.Int("group", channels))
	return n.b.Add("Conv", []string{x, n.initial(name+"/pointwise_filter", 3, 2, 0, 1), n.initial(name + "/bias")})
}

// block is the sums of the first convolution and of all behind it.
func (n faceNet) block(x string, i int) string {
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

// model takes float32 [N 112 112 3] from 0 to 255 and gives "y" [N K], which are
// probabilities or not.
func (n faceNet) model(probabilities bool) *onnx.Model {
	x := n.b.Input("image", 1, "N", 112, 112, 3)
	x = n.b.Add("Sub", []string{x, n.b.Init("mean", tensor.From(tensor.Dims(3), []float32{122.782, 117.001, 104.298}))})
	x = n.b.Add("Transpose", []string{n.b.Add("Div", []string{x, n.b.Scalar("white", 255)})}, onnx.Ints("perm", 0, 3, 1, 2))
	for i := range 4 {
		x = n.block(x, i)
	}
	x = n.b.Add("Flatten", []string{n.b.Add("GlobalAveragePool", []string{x})})
	x = n.b.Add("Gemm", []string{x, n.initial("fc/weights"), n.initial("fc/bias")})
	if probabilities {
		x = n.b.Add("Softmax", []string{x}, onnx.Int("axis", 1))
	}
	n.b.AddAs("y", "Identity", []string{x})
	n.b.Output("y", 1, "N", weight(n.t, n.f, "fc/bias").Shape().Dim(0))
	m, err := n.b.Model(17)
	if err != nil {
		n.t.Fatal(err)
	}
	return m
}

// judged is what the network of a file makes of faces of 112 x 112.
func judged(t *testing.T, name string, probabilities bool, faces []float32) []float64 {
	t.Helper()
	file := faceAPI + name + "_model-weights_manifest.json"
	net := faceNet{t, onnx.NewBuilder(name), weightsOf(t, file)}
	x := tensor.From(tensor.Dims(len(faces)/(112*112*3), 112, 112, 3), faces)
	c := peerCase{name: name, model: file, opened: net.model(probabilities), in: tensors{"image": x}, outputs: []string{"y"}, tolerance: exact}
	return values(c.run(t, "expressions")["y"])
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

// about is the part of a picture, in whole pixels, with the landmarks that lie at
// these shares of the square about a part x, y, w, h, and a tenth around.
func about(points []float64, at [4]int, width, height int) [4]int {
	x, y, w, h := float64(at[0]), float64(at[1]), float64(at[2]), float64(at[3])
	s := max(w, h)
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), 0.0, 0.0
	for i := 0; i < len(points); i += 2 {
		px, py := x+points[i]*s-(s-w)/2, y+points[i+1]*s-(s-h)/2
		x0, y0, x1, y1 = min(x0, px), min(y0, py), max(x1, px), max(y1, py)
	}
	dx, dy := (x1-x0)/10, (y1-y0)/10
	x0, y0, x1, y1 = max(0, x0-dx), max(0, y0-dy), min(float64(width), x1+dx), min(float64(height), y1+dy)
	return [4]int{int(x0), int(y0), int(x1 - x0), int(y1 - y0)}
}

// TestRealExpressions runs two of face-api's networks on the faces that its detector
// is published to find: landmarks, and the expressions of what lies about them. What
// TensorFlow makes of the same weights, and the published expressions, within what the
// unknown way of making the picture smaller changes.
func TestRealExpressions(t *testing.T) {
	const happy, sad = 1, 2
	m := resized(t, photo(t, "models", portraits[1].file), 640, 427)
	boxes := [][4]int{{259, 148, 104, 85}, {474, 70, 101, 93}, {113, 132, 101, 81}}
	var x []float32
	for _, b := range boxes {
		x = append(x, square(m, b[0], b[1], b[2], b[3], 112)...)
	}
	points := judged(t, "face_landmark_68", false, x)
	x = nil
	for i, b := range boxes {
		b = about(points[136*i:136*i+136], b, m.W, m.H)
		x = append(x, square(m, b[0], b[1], b[2], b[3], 112)...)
	}
	p := judged(t, "face_expression", true, x)
	for i, want := range []struct {
		class int
		p     float64
	}{{sad, 0.904}, {happy, 0.999}, {happy, 0.777}} {
		row := p[7*i : 7*i+7]
		if slices.Index(row, slices.Max(row)) != want.class {
			t.Errorf("face %d: %.3f, want class %d", i, row, want.class)
		}
		near(t, fmt.Sprintf("face %d", i), row[want.class:want.class+1], 0.1, want.p)
	}
}

// TestRealFaceWeights opens all manifests of face-api and compares each tensor
// with what NumPy made of the bytes.
func TestRealFaceWeights(t *testing.T) {
	folder := shared(t, "models", faceAPI)
	if *record != "" {
		t.Skip("NumPy reads the manifests themselves")
	}
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
