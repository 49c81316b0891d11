package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func drawPool(t *rapid.T) PoolSpec {
	n := func(name string, low, high int) int { return rapid.IntRange(low, high).Draw(t, name) }
	s := PoolSpec{
		N: n("n", 1, 3), H: n("h", 1, 20), W: n("w", 1, 20),
		C:  rapid.SampledFrom([]int{1, 3, 8, 16, 17, 40}).Draw(t, "c"),
		KH: n("kh", 1, 4), KW: n("kw", 1, 4), StrideH: n("sh", 1, 3), StrideW: n("sw", 1, 3),
		PadTop: n("top", 0, 3), PadLeft: n("left", 0, 3), PadBottom: n("bottom", 0, 3), PadRight: n("right", 0, 3),
		DilH: n("dh", 1, 2), DilW: n("dw", 1, 2),
	}
	s.D, s.KD, s.StrideD, s.DilD = 1, 1, 1, 1
	if rapid.Bool().Draw(t, "volume") {
		s.H, s.W = (s.H+1)/2, (s.W+1)/2
		s.D, s.KD, s.StrideD, s.DilD = n("d", 1, 5), n("kd", 1, 3), n("sd", 1, 3), n("dd", 1, 2)
		s.PadFront, s.PadBack = n("front", 0, 3), n("back", 0, 3)
	}
	if s.OutD() <= 0 || s.OutH() <= 0 || s.OutW() <= 0 {
		t.Skip("no window")
	}
	return s
}

// eachWindow calls f for every element of the result with the elements of its
// window, in order.
func eachWindow(s PoolSpec, f func(i int, window []int)) {
	od, oh, ow := s.OutD(), s.OutH(), s.OutW()
	for i := range s.N * od * oh * ow * s.C {
		c, q, p, o, n := i%s.C, i/s.C%ow, i/s.C/ow%oh, i/s.C/ow/oh%od, i/s.C/ow/oh/od
		var window []int
		for tap := range s.KD * s.KH * s.KW {
			d := o*s.StrideD - s.PadFront + tap/s.KW/s.KH*s.DilD
			h, w := p*s.StrideH-s.PadTop+tap/s.KW%s.KH*s.DilH, q*s.StrideW-s.PadLeft+tap%s.KW*s.DilW
			if d >= 0 && d < s.D && h >= 0 && h < s.H && w >= 0 && w < s.W {
				window = append(window, (((n*s.D+d)*s.H+h)*s.W+w)*s.C+c)
			}
		}
		f(i, window)
	}
}

// TestPoolsOfAnySpec compares all five with their definitions; few values make
// many ties, and some are NaN.
func TestPoolsOfAnySpec(t *testing.T) {
	for form, table := range poolForms.All() {
		t.Run(form, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { checkPools(t, drawPool(t), table) })
		})
	}
}

func checkPools(t *rapid.T, s PoolSpec, table *poolTable) {
	in, out := s.N*s.D*s.H*s.W*s.C, s.N*s.OutD()*s.OutH()*s.OutW()*s.C
	r := rand.New(rand.NewPCG(1, 2))
	x, g, dy := make(Memory, 4*in), values(r, make(Memory, 4*in)), values(r, make(Memory, 4*out))
	for i := range x.F32() {
		x.F32()[i] = float32(r.IntN(5) - 9)
		if r.IntN(50) == 0 {
			x.F32()[i] = nan
		}
	}
	var want [5][]float64
	for k, n := range []int{out, out, out, in, in} {
		want[k] = make([]float64, n)
	}
	eachWindow(s, func(i int, window []int) {
		largest, at := float32(math.Inf(-1)), -1
		for _, w := range window {
			want[1][i] += float64(g.F32()[w])
			want[4][w] += float64(dy.F32()[i])
			if v := x.F32()[w]; at < 0 || v > largest || v != v && largest == largest {
				largest, at = v, w
			}
		}
		want[0][i] = float64(largest)
		if at >= 0 {
			want[2][i] = float64(g.F32()[at])
			want[3][at] += float64(dy.F32()[i])
		}
	})
	for k, c := range []struct {
		build func(*pool) *Code
		in    []Memory
		size  int
	}{
		{maxPool, []Memory{x}, out}, {sumPool, []Memory{g}, out}, {selectGather, []Memory{x, g}, out},
		{maxPoolGrad, []Memory{x, dy}, in}, {sumPoolGrad, []Memory{dy}, in},
	} {
		p := newPool(s)
		p.kernel = table
		got := runEach(t, c.build(p), c.in, 4*c.size)
		if err := close32(got[0].F32(), want[k], 1e-5); err != nil {
			t.Fatalf("%+v: code %d: %v", s, k, err)
		}
	}
}

func TestPoolOfKnownImage(t *testing.T) {
	x := make(Memory, 4*16)
	copy(x.F32(), []float32{1, 2, 5, 3, 4, 0, 1, 1, 7, 7, 0, 2, 7, 1, 2, 2})
	s := PoolSpec{N: 1, H: 4, W: 4, C: 1, KH: 2, KW: 2, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1}
	if err := close32(runEach(t, MaxPool(s), []Memory{x}, 16)[0].F32(), []float64{4, 5, 7, 2}, 0); err != nil {
		t.Error(err)
	}
	dy := make(Memory, 16)
	copy(dy.F32(), []float32{1, 2, 3, 4})
	want := []float64{0, 0, 2, 0, 1, 0, 0, 0, 3, 0, 0, 4, 0, 0, 0, 0}
	if err := close32(runEach(t, MaxPoolGrad(s), []Memory{x, dy}, 64)[0].F32(), want, 0); err != nil {
		t.Error(err)
	}
	noAllocs(t, MaxPool(s), []Memory{x}, []Memory{dy})
	noAllocs(t, MaxPoolGrad(s), []Memory{x, dy}, []Memory{make(Memory, 64)})
}
