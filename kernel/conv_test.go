package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// convSums are y, dx and dw of a convolution in float64 from its definition,
// and for each element the sum of the sizes of its terms.
type convSums struct{ y, dx, dw, ySize, dxSize, dwSize []float64 }

func defineConv(s ConvSpec, x, w, dy []float32) convSums {
	s = s.filled()
	od, oh, ow := s.OutD(), s.OutH(), s.OutW()
	var d convSums
	d.y, d.ySize = make([]float64, len(dy)), make([]float64, len(dy))
	d.dx, d.dxSize = make([]float64, len(x)), make([]float64, len(x))
	d.dw, d.dwSize = make([]float64, len(w)), make([]float64, len(w))
	add := func(sum, size []float64, at int, a, b float32) {
		v := float64(a) * float64(b)
		sum[at] += v
		size[at] += math.Abs(v)
	}
	for pixel := range s.N * od * oh * ow {
		n, o, p, q := pixel/(od*oh*ow), pixel/(oh*ow)%od, pixel/ow%oh, pixel%ow
		for tap := range s.KD * s.KH * s.KW {
			z := o*s.StrideD - s.PadFront + tap/(s.KH*s.KW)*s.DilD
			h := p*s.StrideH - s.PadTop + tap/s.KW%s.KH*s.DilH
			v := q*s.StrideW - s.PadLeft + tap%s.KW*s.DilW
			if z < 0 || z >= s.D || h < 0 || h >= s.H || v < 0 || v >= s.W {
				continue
			}
			in, out := s.C/s.Groups, s.K/s.Groups
			for k := range s.K {
				for c := range in {
					xi := (((n*s.D+z)*s.H+h)*s.W+v)*s.C + k/out*in + c
					wi, yi := (tap*in+c)*s.K+k, pixel*s.K+k
					add(d.y, d.ySize, yi, x[xi], w[wi])
					add(d.dx, d.dxSize, xi, dy[yi], w[wi])
					add(d.dw, d.dwSize, wi, x[xi], dy[yi])
				}
			}
		}
	}
	return d
}

func nearSums(t *testing.T, what string, s ConvSpec, got []float32, want, size []float64) {
	t.Helper()
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= 1e-6*size[i]+1e-6) {
			t.Fatalf("%+v: %s[%d] = %v, want %v", s, what, i, got[i], w)
		}
	}
}

// checkConv holds y and both gradients to their definitions.
func checkConv(t *testing.T, f *tileForm, s ConvSpec) {
	t.Helper()
	s = s.filled()
	r := rand.New(rand.NewPCG(uint64(s.H*100+s.W), uint64(s.C*1000+s.K)))
	outs := s.N * s.OutD() * s.OutH() * s.OutW() * s.K
	x := values(r, fenced(t, s.places()*s.C))
	w := values(r, fenced(t, s.KD*s.KH*s.KW*s.C/max(s.Groups, 1)*s.K))
	dy := values(r, fenced(t, outs))
	d := defineConv(s, x.F32(), w.F32(), dy.F32())
	in := []Memory{x, w}
	if s.Bias {
		bias := values(r, fenced(t, s.K))
		in = append(in, bias)
		for i := range d.y {
			d.y[i] += float64(bias.F32()[i%s.K])
		}
	}
	if s.Residual {
		in = append(in, dy)
		for i := range d.y {
			d.y[i] += float64(dy.F32()[i])
		}
	}
	if s.Act.Clamps {
		for i := range d.y {
			d.y[i] = min(max(d.y[i], float64(s.Act.Low)), float64(s.Act.High))
		}
	}
	nearSums(t, "y", s, sameBits(t, convIn(f, s), in, fenced(t, outs)), d.y, d.ySize)
	dx := sameBits(t, convGradInputIn(f, s), []Memory{dy, w}, fenced(t, len(d.dx)))
	nearSums(t, "dx", s, dx, d.dx, d.dxSize)
	dw := sameBits(t, convGradFilterIn(f, s), []Memory{x, dy}, fenced(t, len(d.dw)))
	nearSums(t, "dw", s, dw, d.dw, d.dwSize)
}

// square is a convolution with the same stride and padding on all sides.
func square(n, size, c, k, taps, stride, pad int) ConvSpec {
	return ConvSpec{
		N: n, H: size, W: size, C: c, K: k, KH: taps, KW: taps, StrideH: stride, StrideW: stride,
		PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad,
	}
}

func TestConvOfKnownNetworks(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		for _, s := range []ConvSpec{
			square(3, 9, 3, 16, 3, 1, 1), square(2, 8, 16, 16, 3, 1, 1), square(2, 8, 16, 32, 3, 2, 1),
			square(2, 8, 16, 32, 1, 2, 0), square(3, 5, 16, 32, 1, 1, 0), square(2, 4, 64, 64, 3, 1, 1),
			square(2, 12, 1, 32, 5, 1, 2), square(20, 7, 1, 16, 3, 1, 0), square(2, 15, 3, 24, 7, 2, 3),
			{N: 2, H: 1, W: 20, C: 1, K: 3, KH: 1, KW: 3, StrideH: 3, StrideW: 1, PadTop: 1, PadBottom: 4}, // no tap meets the image
			square(1, 6, 5, 100, 3, 1, 1), square(2, 6, 70, 10, 3, 1, 1), square(17, 5, 130, 70, 2, 2, 0),
		} {
			checkConv(t, f, s)
			s.Bias, s.Residual, s.Act = true, true, ActReLU
			checkConv(t, f, s)
		}
	})
}

// TestConvOfAnySpec draws rectangular kernels, paddings of each side, strides
// and dilations.
func TestConvOfAnySpec(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 250 {
			s := ConvSpec{
				N: 1 + r.IntN(3), H: 1 + r.IntN(11), W: 1 + r.IntN(11), C: 1 + r.IntN(9), K: 1 + r.IntN(20),
				KH: 1 + r.IntN(4), KW: 1 + r.IntN(4), StrideH: 1 + r.IntN(3), StrideW: 1 + r.IntN(3),
				PadTop: r.IntN(6) - 1, PadLeft: r.IntN(6) - 1, PadBottom: r.IntN(6) - 1, PadRight: r.IntN(6) - 1,
				DilH: 1 + r.IntN(3), DilW: 1 + r.IntN(3), Bias: r.IntN(2) == 0, Residual: r.IntN(2) == 0, Act: acts[r.IntN(3)],
			}
			checkConv(t, f, s)
		}
	})
}

// TestConvOfWideImages draws channels apart in images so wide that their middle is
// computed where it lies, and in blocks of columns.
func TestConvOfWideImages(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		r := rand.New(rand.NewPCG(5, 9))
		wide := 0
		for range 60 {
			c := []int{1 + r.IntN(40), 33 + r.IntN(60), 64, 256}[r.IntN(4)]
			s := ConvSpec{
				N: 1 + r.IntN(2), H: 1 + r.IntN(6), W: 20 + r.IntN(80), C: c, K: c, Groups: c,
				KH: 1 + r.IntN(4), KW: 1 + r.IntN(5), StrideH: 1 + r.IntN(2), StrideW: 1 + r.IntN(3),
				PadTop: r.IntN(4) - 1, PadLeft: r.IntN(6) - 1, PadBottom: r.IntN(4) - 1, PadRight: r.IntN(6) - 1,
				DilH: 1 + r.IntN(2), DilW: 1 + r.IntN(3), Bias: r.IntN(2) == 0, Residual: r.IntN(2) == 0, Act: acts[r.IntN(3)],
			}
			if r.IntN(5) == 0 {
				s.D, s.KD, s.PadFront = 2, 2, 1
			}
			w := sweep{form: alongForm(f), ow: s.OutW(), iw: s.W, whole: c, kw: s.KW, sx: s.StrideW, dx: s.DilW, x0: -s.PadLeft}
			if len(w.columns()) > 1 {
				wide++
			}
			checkConv(t, f, s)
		}
		if wide < 15 {
			t.Errorf("only %d images were wide", wide)
		}
	})
}

// TestConvOfVolumes draws all that images draw, with depth.
func TestConvOfVolumes(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		r := rand.New(rand.NewPCG(7, 8))
		for range 150 {
			groups := 1 + r.IntN(2)*r.IntN(3)
			s := ConvSpec{
				N: 1 + r.IntN(2), D: 1 + r.IntN(5), H: 1 + r.IntN(6), W: 1 + r.IntN(9), C: groups * (1 + r.IntN(4)), K: groups * (1 + r.IntN(30)),
				KD: 1 + r.IntN(3), KH: 1 + r.IntN(3), KW: 1 + r.IntN(4), StrideD: 1 + r.IntN(3), StrideH: 1 + r.IntN(2), StrideW: 1 + r.IntN(3),
				PadFront: r.IntN(5) - 1, PadBack: r.IntN(5) - 1, PadTop: r.IntN(3), PadLeft: r.IntN(3), PadBottom: r.IntN(3), PadRight: r.IntN(3),
				DilD: 1 + r.IntN(3), DilH: 1 + r.IntN(2), DilW: 1 + r.IntN(2), Groups: groups,
				Bias: r.IntN(2) == 0, Residual: r.IntN(2) == 0, Act: acts[r.IntN(3)],
			}
			if r.IntN(4) == 0 {
				s.C, s.K = s.Groups, s.Groups
			}
			checkConv(t, f, s)
		}
	})
}

// TestConvOfFewChannels draws what is folded: few channels, any stride.
func TestConvOfFewChannels(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		r := rand.New(rand.NewPCG(9, 10))
		for range 150 {
			checkConv(t, f, ConvSpec{
				N: 1 + r.IntN(2), D: 1 + r.IntN(2), H: 1 + r.IntN(6), W: 1 + r.IntN(40), C: 1 + r.IntN(4), K: 1 + r.IntN(20),
				KD: 1 + r.IntN(2), KH: 1 + r.IntN(3), KW: 1 + r.IntN(9), StrideH: 1 + r.IntN(3), StrideW: 1 + r.IntN(5),
				PadTop: r.IntN(3), PadLeft: r.IntN(9) - 1, PadBottom: r.IntN(3), PadRight: r.IntN(9) - 1,
			})
		}
	})
}

// TestConvInStrips asks for images so large, or so few, that they are cut.
func TestConvInStrips(t *testing.T) {
	checkConv(t, tileForms.Best(), square(1, 40, 32, 66, 3, 1, 1))
	checkConv(t, tileForms.Best(), square(1, 70, 16, 5, 3, 2, 1))
	checkConv(t, tileForms.Best(), square(1, 14, 30, 200, 3, 1, 1))
	deep := square(1, 3, 1000, 64, 3, 1, 2)
	deep.Bias, deep.Residual, deep.Act = true, true, ActReLU
	checkConv(t, tileForms.Best(), deep)
	checkConv(t, tileForms.Best(), square(1, 3, 64, 1000, 3, 2, 2))
}

func TestConvOfGroups(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		r := rand.New(rand.NewPCG(5, 6))
		for range 120 {
			groups := 1 + r.IntN(6)
			s := ConvSpec{
				N: 1 + r.IntN(2), H: 1 + r.IntN(9), W: 1 + r.IntN(9), C: groups * (1 + r.IntN(3)), K: groups * (1 + r.IntN(30)),
				KH: 1 + r.IntN(3), KW: 1 + r.IntN(3), StrideH: 1 + r.IntN(2), StrideW: 1 + r.IntN(2),
				PadTop: r.IntN(3), PadLeft: r.IntN(3), PadBottom: r.IntN(3), PadRight: r.IntN(3),
				DilH: 1 + r.IntN(2), DilW: 1 + r.IntN(2), Groups: groups, Bias: r.IntN(2) == 0, Residual: r.IntN(2) == 0,
			}
			checkConv(t, f, s)
			s.Groups = 1 + r.IntN(70)
			s.C, s.K = s.Groups, s.Groups
			checkConv(t, f, s)
		}
	})
}

func TestConvOfUnevenGroupsHasNoCode(t *testing.T) {
	s := square(1, 8, 4, 4, 3, 1, 1)
	s.Groups = 3
	if Conv(s) != nil || ConvGradInput(s) != nil || ConvGradFilter(s) != nil {
		t.Error("there is code for three groups of four channels")
	}
}

func TestConvDoesNotAllocate(t *testing.T) {
	for name, s := range map[string]ConvSpec{
		"folded": square(2, 9, 1, 8, 3, 1, 1), "strided": square(2, 8, 3, 70, 3, 2, 1), "depthwise": depthwise(2, 6, 5, 1),
	} {
		x, y := make(Memory, 4*s.N*s.H*s.W*s.C), make(Memory, 4*s.N*s.OutH()*s.OutW()*s.K)
		w := make(Memory, 4*s.KH*s.KW*s.C*s.K)
		for what, c := range map[string]*Code{"y": Conv(s), "dx": ConvGradInput(s), "dw": ConvGradFilter(s)} {
			in, out := map[string][]Memory{"y": {x, w}, "dx": {y, w}, "dw": {x, y}}[what], map[string]Memory{"y": y, "dx": x, "dw": w}[what]
			a := &Args{In: in, Out: []Memory{out}, Shared: make(Memory, c.Shared)}
			local := make(Memory, c.Local)
			if n := testing.AllocsPerRun(3, func() {
				for _, p := range c.Phases {
					for i := range p.Pieces {
						p.Run(a, i, local)
					}
				}
			}); n != 0 {
				t.Errorf("%s of %s: %v allocations a run", what, name, n)
			}
		}
	}
}

func ExampleConv() {
	c := Conv(ConvSpec{N: 1, H: 1, W: 4, C: 1, K: 1, KH: 1, KW: 2, PadRight: 1})
	x, w, y := make(Memory, 16), make(Memory, 8), make(Memory, 16)
	copy(x.F32(), []float32{1, 2, 3, 4})
	copy(w.F32(), []float32{10, 1})
	runCode(c, []Memory{x, w}, []Memory{y}, inOrder)
	fmt.Println(y.F32())
	// Output: [12 23 34 40]
}
