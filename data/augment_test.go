package data

import (
	"math"
	"slices"
	"testing"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/rng"
)

// ramp is an image whose sample at (y, x, c) is (y·W + x)/(H·W) + c/1000.
func ramp(h, w, c int) *Pixels {
	p := NewPixels(h, w, c)
	for i := range p.V {
		p.V[i] = float32(i/c)/float32(h*w) + float32(i%c)/1000
	}
	return p
}

// TestFlipIsItsOwnInverse and happens for about half of the streams.
func TestFlipIsItsOwnInverse(t *testing.T) {
	flipped := 0
	for i := range uint64(200) {
		r := rng.New(1).At(i)
		p, want := ramp(3, 5, 3), ramp(3, 5, 3)
		Flip{}.Apply(p, r)
		if !slices.Equal(p.V, want.V) {
			flipped++
			if p.at(1, 0, 2, FillZero) != want.at(1, 4, 2, FillZero) {
				t.Fatal("the first column is not the last one")
			}
		}
		Flip{}.Apply(p, r)
		if !slices.Equal(p.V, want.V) {
			t.Fatal("two flips change the image")
		}
	}
	if flipped < 70 || flipped > 130 {
		t.Errorf("%d of 200 are flipped", flipped)
	}
}

// TestCropIsAShift: every drawn shift appears, and samples come from there.
func TestCropIsAShift(t *testing.T) {
	seen := map[[2]int]bool{}
	src := ramp(4, 5, 1)
	for i := range uint64(300) {
		p := ramp(4, 5, 1)
		Crop{Pad: 1, Fill: FillEdge}.Apply(p, rng.New(2).At(i))
		found := false
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				same := true
				for y := range 4 {
					for x := range 5 {
						same = same && p.at(y, x, 0, FillZero) == src.at(y+dy, x+dx, 0, FillEdge)
					}
				}
				if same {
					seen[[2]int{dy, dx}], found = true, true
				}
			}
		}
		if !found {
			t.Fatal("no shift gives this image")
		}
	}
	if len(seen) != 9 {
		t.Errorf("%d of 9 shifts", len(seen))
	}
}

// TestAffineTurnsAboutTheMiddle checks the inverse map by a quarter turn, a
// whole shift and the identity, which are exact.
func TestAffineTurnsAboutTheMiddle(t *testing.T) {
	src := ramp(5, 5, 1)
	still := ramp(5, 5, 1)
	Affine{}.Apply(still, rng.New(3))
	turned, moved := ramp(5, 5, 1), ramp(5, 5, 1)
	turned.warp([4]float64{0, 1, -1, 0}, 0, 0, FillZero) // the image turns by +90 degrees, x towards y
	moved.warp([4]float64{1, 0, 0, 1}, 2, -1, FillEdge)
	for y := range 5 {
		for x := range 5 {
			near := func(what string, got, want float32) {
				if math.Abs(float64(got-want)) > 1e-6 {
					t.Errorf("%s: (%d, %d) is %v, want %v", what, y, x, got, want)
				}
			}
			near("still", still.at(y, x, 0, FillZero), src.at(y, x, 0, FillZero))
			near("turned", turned.at(y, x, 0, FillZero), src.at(4-x, y, 0, FillZero))
			near("moved", moved.at(y, x, 0, FillZero), src.at(y+1, x-2, 0, FillEdge))
		}
	}
}

// TestAffineMatrixIsTheInverse: a ramp moved by A has at A·p the value that
// stood at p, also with shear and scale.
func TestAffineMatrixIsTheInverse(t *testing.T) {
	for i := range uint64(20) {
		r := rng.New(4).At(i)
		a := Affine{Rotate: 20, Shift: 1, Scale: 0.2, Shear: 15, Fill: FillEdge}
		draw := r.Rand()
		u := func(limit float64) float64 { return limit * (2*draw.Float64() - 1) }
		angle, dx, dy, scale, shear := u(20)*math.Pi/180, u(1), u(1), 1+u(0.2), math.Tan(u(15)*math.Pi/180)
		plane := NewPixels(31, 31, 1)
		for k := range plane.V {
			plane.V[k] = float32(2*(k%31)+3*(k/31)) / 155
		}
		a.Apply(plane, r)
		px, py := 3.0, -2.0 // from the middle
		qx, qy := px+shear*py, py
		x := scale*(math.Cos(angle)*qx-math.Sin(angle)*qy) + dx + 15
		y := scale*(math.Sin(angle)*qx+math.Cos(angle)*qy) + dy + 15
		got := make([]float32, 1)
		plane.bilinear(got, y, x, FillEdge)
		if want := (2*(px+15) + 3*(py+15)) / 155; math.Abs(float64(got[0])-want) > 1e-4 {
			t.Errorf("stream %d: %v, want %v", i, got[0], want)
		}
	}
}

// TestLightKeepsTheRange and, without settings, the image.
func TestLightKeepsTheRange(t *testing.T) {
	p := ramp(4, 4, 3)
	Light{}.Apply(p, rng.New(5))
	for i, v := range ramp(4, 4, 3).V {
		if math.Abs(float64(v-p.V[i])) > 1e-6 {
			t.Fatal("no settings change the image")
		}
	}
	for i := range uint64(50) {
		p := ramp(4, 4, 3)
		Light{Brightness: 0.8, Contrast: 0.9}.Apply(p, rng.New(5).At(i))
		if slices.Min(p.V) < 0 || slices.Max(p.V) > 1 {
			t.Fatal("outside 0 to 1")
		}
	}
}

// TestCutoutHidesAtMostTheSquare, with the mean.
func TestCutoutHidesAtMostTheSquare(t *testing.T) {
	for i := range uint64(50) {
		p, src := ramp(9, 9, 1), ramp(9, 9, 1)
		Cutout{Size: 3}.Apply(p, rng.New(6).At(i))
		hidden := 0
		for k, v := range p.V {
			if v != src.V[k] {
				hidden++
			}
		}
		if hidden < 3 || hidden > 9 {
			t.Fatalf("%d samples are hidden", hidden)
		}
	}
}

// TestInputArithmetic: v = p·Scale, (v - Mean)/Deviation, orders and layouts.
func TestInputArithmetic(t *testing.T) {
	m := media.Image{W: 2, H: 1, C: 3, Pix: []uint8{255, 0, 51, 102, 153, 204}}
	in := Input{Width: 2, Height: 1, Channels: 3, Mean: []float64{0, 0.5, 1}, Deviation: []float64{1, 0.5, 2}}
	for _, c := range []struct {
		order, layout string
		want          []float32
	}{
		{"", "", []float32{1, -1, -0.4, 0.4, 0.2, -0.1}},
		{"BGR", "NHWC", []float32{0.2, -1, 0, 0.8, 0.2, -0.3}},
		{"RGB", "NCHW", []float32{1, 0.4, -1, 0.2, -0.4, -0.1}},
	} {
		in.Order, in.Layout = c.order, c.layout
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		x, err := in.Tensor(m)
		if err != nil || x.Type() != in.Type() {
			t.Fatal(err, x.Type())
		}
		for i, v := range x.Floats() {
			if math.Abs(float64(v-c.want[i])) > 1e-6 {
				t.Errorf("%s %s: %v, want %v", c.order, c.layout, x.Floats(), c.want)
				break
			}
		}
	}
}

// TestFitCutsTheMiddle: with Crop the proportions stay.
func TestFitCutsTheMiddle(t *testing.T) {
	m := media.NewImage(400, 200, 1)
	for y := range 200 {
		for x := 100; x < 300; x++ {
			m.Pix[y*400+x] = 200
		}
	}
	in := Input{Width: 50, Height: 50, Channels: 3, Crop: 1}
	got, err := in.Fit(m)
	if err != nil || got.W != 50 || got.H != 50 || got.C != 3 || slices.Min(got.Pix) < 100 {
		t.Errorf("%d x %d x %d, darkest %d, %v", got.W, got.H, got.C, slices.Min(got.Pix), err)
	}
}

// TestInputRefusesWhatHasNoMeaning one setting at a time.
func TestInputRefusesWhatHasNoMeaning(t *testing.T) {
	good := Input{Width: 2, Height: 2, Channels: 3}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Input){
		"kind": func(i *Input) { i.Kind = "sound" }, "size": func(i *Input) { i.Width = 0 },
		"channels": func(i *Input) { i.Channels = 4 }, "order": func(i *Input) { i.Order = "gray" },
		"layout": func(i *Input) { i.Layout = "HWCN" }, "crop": func(i *Input) { i.Crop = math.NaN() },
		"scale": func(i *Input) { i.Scale = math.Inf(1) }, "mean": func(i *Input) { i.Mean = []float64{1, 2} },
		"deviation": func(i *Input) { i.Deviation = []float64{0} }, "resize": func(i *Input) { i.Resize = "cubist" },
	} {
		in := good
		change(&in)
		if in.Check() == nil {
			t.Errorf("a wrong %s is accepted", name)
		}
	}
}
