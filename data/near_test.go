package data

import (
	"testing"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// scenes is a dataset of smooth random images of 32 x 32, the last ones of test
// made from the first ones of train by change.
func scenes(t *testing.T, n int, change func(m media.Image)) Dataset {
	t.Helper()
	draw := rng.New(4).Rand()
	var pix []byte
	for range n {
		rough := media.NewImage(5, 5, 1)
		for k := range rough.Pix {
			rough.Pix[k] = uint8(draw.IntN(256))
		}
		m, err := media.Resize(rough, 32, 32, media.Bicubic)
		if err != nil {
			t.Fatal(err)
		}
		pix = append(pix, m.Pix...)
	}
	test := append([]byte(nil), pix[:4*1024]...)
	for k := range 4 {
		change(media.Image{W: 32, H: 32, C: 1, Pix: test[k*1024 : (k+1)*1024]})
	}
	ds, err := NewPacked(Card{Name: "scenes", Classes: []string{"one"}}, map[Split]Part{
		Train: {Images: tensor.From(tensor.Dims(n, 32, 32), pix), Labels: make([]int32, n)},
		Test:  {Images: tensor.From(tensor.Dims(4, 32, 32), test), Labels: make([]int32, 4)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// TestNearFindsWhatIsNearlyTheSame and nothing else: brighter, noisy, but not
// the equal ones, which [Check] counts, nor different scenes.
func TestNearFindsWhatIsNearlyTheSame(t *testing.T) {
	draw := rng.New(5).Rand()
	for name, c := range map[string]struct {
		change func(m media.Image)
		want   int
	}{
		"equal": {func(media.Image) {}, 0},
		"noisy": {func(m media.Image) {
			for k := range m.Pix {
				m.Pix[k] = uint8(max(0, min(255, int(m.Pix[k])+draw.IntN(7)-3)))
			}
		}, 4},
		"darker": {func(m media.Image) {
			for k := range m.Pix {
				m.Pix[k] = uint8(int(m.Pix[k]) * 9 / 10)
			}
		}, 4},
		"turned": {func(m media.Image) { copy(m.Pix, m.Oriented(3).Pix) }, 0},
		"blank":  {func(m media.Image) { clear(m.Pix) }, 0},
	} {
		pairs, err := Near(t.Context(), scenes(t, 300, c.change))
		if err != nil {
			t.Fatal(err)
		}
		if len(pairs) != c.want {
			t.Errorf("%s: %v", name, pairs)
		}
		for _, p := range pairs {
			if p.A != (Ref{Train, p.B.Index}) || p.B.Split != Test {
				t.Errorf("%s: %v", name, p)
			}
		}
	}
}

// TestFittedIsWhatTheInputMakesOfIt, read once or twice.
func TestFittedIsWhatTheInputMakesOfIt(t *testing.T) {
	ds := scenes(t, 6, func(media.Image) {})
	in := Input{Width: 12, Height: 10, Channels: 1, Mean: []float64{0.5}}
	f := Fitted(ds, in)
	for range 2 {
		for i := range ds.Len(Train) {
			a, _ := imageAt(ds, Train, i)
			b, err := imageAt(f, Train, i)
			if err != nil {
				t.Fatal(err)
			}
			x, _ := in.Tensor(a)
			y, _ := in.Tensor(b)
			for k, v := range x.Floats() {
				if v != y.Floats()[k] {
					t.Fatalf("image %d differs", i)
				}
			}
		}
	}
	if s, err := ImageShape(f, Train, 0); err != nil || s != tensor.Dims(10, 12, 1) || f.Card().Shape != s {
		t.Error(s, err)
	}
}

// TestMeasureIsOfTheTrainingSplit: mean and deviation of two known images.
func TestMeasureIsOfTheTrainingSplit(t *testing.T) {
	pix := make([]byte, 2*4)
	copy(pix, []byte{0, 0, 255, 255, 0, 0, 255, 255})
	ds, err := NewPacked(Card{Name: "x", Classes: []string{"one"}}, map[Split]Part{
		Train: {Images: tensor.From(tensor.Dims(2, 2, 2), pix), Labels: make([]int32, 2)},
		Test:  {Images: tensor.From(tensor.Dims(1, 2, 2), []byte{9, 9, 9, 9}), Labels: make([]int32, 1)},
	})
	if err != nil {
		t.Fatal(err)
	}
	mean, deviation, err := Measure(ds, Input{Width: 2, Height: 2, Channels: 1}, 100)
	if err != nil || mean[0] != 0.5 || deviation[0] != 0.5 {
		t.Error(mean, deviation, err)
	}
	if grey, err := AllGrey(ds, 10); err != nil || !grey || IsGrey(media.Image{W: 1, H: 1, C: 3, Pix: []byte{1, 2, 1}}) {
		t.Error(grey, err)
	}
}
