package format_test

import (
	"archive/zip"
	"cmp"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// classifier is a model for photographs of 224 x 224 pixels.
type classifier struct {
	name, file    string
	input, output string
	logits        string // the value before the probabilities
	scaling       scaling
	order         [3]int
	tolerance     float64 // as a share of the largest; 0 means one quantum of the output
	// what the description of the model states of two pictures: outputs, of which
	// those are that number of decimals
	kitten, fish map[int]float64
	within       float64
}

const (
	squeeze = "imagenet-squeezenet1.1/"
	mobile  = "imagenet-mobilenetv2/"
)

var classifiers = []classifier{
	{
		"squeezenet", squeeze + "squeezenet1.1_f32.onnx", "data_0", "softmaxout_1", "pool10_1", plain, bgr, exact,
		map[int]float64{281: 0.9315, 285: 0.0653}, map[int]float64{0: 0.7377, 389: 0.2558}, 1e-4,
	},
	{
		"squeezenet-half", squeeze + "SqueezeNet_fp16.onnx", "data_0", "softmaxout_1", "pool10_1", plain, bgr, half,
		map[int]float64{281: 0.9315, 285: 0.0653}, map[int]float64{0: 0.7377, 389: 0.2558}, 1e-2,
	},
	{
		"mobilenet", mobile + "mobilenet_v2_dequant_f32.onnx", "input", "output", "output", imageNet, rgb, exact,
		map[int]float64{281: 15.665, 285: 14.419}, map[int]float64{0: 14.864, 389: 13.644}, 2e-3,
	},
	{
		"mobilenet-quantized", mobile + "mobilenet_v2_uint8.onnx", "input", "output", "output", imageNet, rgb, 0,
		map[int]float64{281: 15.665, 285: 14.376}, map[int]float64{0: 15.665, 389: 14.178}, 0,
	},
}

// feed is a photograph as the input of c.
func (c classifier) feed(m media.Image) tensors {
	x := planes(m, c.scaling, c.order)
	if c.name == "squeezenet-half" {
		x = halves(x)
	}
	return tensors{c.input: x}
}

// quantum is the step of a quantized output.
func quantum(t testing.TB, m *onnx.Model, scale string) float64 {
	t.Helper()
	d, err := m.Graph.Init(scale).Value()
	if err != nil {
		t.Fatal(err)
	}
	return values(d)[0]
}

// TestRealImageNet runs the classifiers on two pictures: their published outputs,
// and all outputs of ONNX Runtime.
func TestRealImageNet(t *testing.T) {
	for _, c := range classifiers {
		t.Run(c.name, func(t *testing.T) {
			within := c.within
			for _, p := range []struct {
				file string
				want map[int]float64
			}{{"kitten_224.png", c.kitten}, {"fish.png", c.fish}} {
				k := peerCase{name: c.name + "." + p.file, model: c.file, in: c.feed(photo(t, "models", squeeze+p.file)), tolerance: c.tolerance}
				if c.tolerance == 0 {
					within = 1.001 * quantum(t, opened(t, c.file), "output_scale")
					k.absolute = within
				}
				y := values(k.run(t, "imagenet")[c.output])
				for i, want := range p.want {
					near(t, c.name+" "+p.file, y[i:i+1], within, want)
				}
			}
		})
	}
}

// ranking is the ten largest logits of a photograph, largest first.
type ranking struct {
	Class []int
	Logit []float64
}

// TestRealPhotographs runs the classifiers on photographs beside ONNX Runtime: the
// ten largest logits, and the same class first and the same five, except among
// logits nearer than the tolerance.
func TestRealPhotographs(t *testing.T) {
	photos := photographs(t)
	if *record != "" {
		writePhotographs(t, photos)
		return
	}
	var want map[string][]ranking
	readRecord(t, "photographs", &want)
	step := 21
	if *long {
		step = 1
	}
	for _, c := range classifiers {
		t.Run(c.name, func(t *testing.T) {
			s := running(t, c.file, c.logits)
			absolute := 0.0
			if c.tolerance == 0 {
				absolute = 1.001 * quantum(t, s.Model(), "output_scale")
			}
			count, apart, worst := 0, 0, 0.0
			for i := 0; i < len(photos); i += step {
				y := values(ran(t, s, c.feed(photos[i]))[c.logits])
				r := want[c.name][i]
				tolerance := cmp.Or(absolute, c.tolerance*r.Logit[0])
				far := r.distance(y)
				worst = max(worst, far/r.Logit[0])
				if !(far <= tolerance) {
					apart++
					t.Errorf("photograph %d: logits are off by %.3g, more than %.3g", i, far, tolerance)
				}
				for _, k := range []int{1, 5} {
					if !r.agrees(y, k, tolerance) {
						t.Errorf("photograph %d: the first %d differ from %v", i, k, r.Class[:k])
					}
				}
				count++
			}
			t.Logf("%d photographs, %d apart, logits off by at most %.2g of the largest", count, apart, worst)
		})
	}
}

// distance is the largest difference of the logits of r.
func (r ranking) distance(y []float64) float64 {
	far := 0.0
	for i, c := range r.Class {
		far = max(far, math.Abs(y[c]-r.Logit[i]))
	}
	return far
}

// agrees says whether the k largest of y are those of r, or within tolerance of
// the k-th.
func (r ranking) agrees(y []float64, k int, tolerance float64) bool {
	sorted := slices.Sorted(slices.Values(y))
	kth := sorted[len(sorted)-k]
	for _, c := range r.Class[:k] {
		if y[c] < kth-tolerance {
			return false
		}
	}
	return true
}

// photographs is the sample of ImageNet, in the order of its archive.
func photographs(t *testing.T) []media.Image {
	t.Helper()
	z, err := zip.OpenReader(shared(t, "vision", "imagenet_sample_1000", "images_224.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var all []media.Image
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		m, err := media.DecodeImage(r, media.Limits{})
		_ = r.Close()
		if err != nil || m.W != 224 || m.H != 224 {
			t.Fatalf("%s: %d x %d, %v", f.Name, m.W, m.H, err)
		}
		all = append(all, m.RGB())
	}
	return all
}

func writePhotographs(t *testing.T, all []media.Image) {
	t.Helper()
	x := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(len(all), 224, 224, 3)})
	for i, m := range all {
		copy(x.Bytes()[i*len(m.Pix):], m.Pix)
	}
	f, err := os.Create(filepath.Join(*record, "photographs.npy"))
	if err != nil {
		t.Fatal(err)
	}
	if err := media.EncodeNPY(f, x); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
