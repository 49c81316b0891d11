package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestQuantizedIsExact holds every form to sums in int32, at the extremes of bytes.
func TestQuantizedIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{{1, 1, 1}, {3, 70, 5}, {130, 64, 64}, {7, 128, 33}, {100, 17, 300}, {2, 5, 0}, {13, 48, 4}, {11, 24, 16}, {5, 104, 8}} {
		for kind := range 32 {
			s := QuantizedSpec{M: size[0], N: size[1], K: size[2], Signed: kind&1 != 0, Bias: kind&8 != 0, Scaled: kind&4 != 0}
			if kind&2 != 0 {
				s.ZeroA, s.ZeroB = 3, -5
			}
			if kind&20 == 20 {
				s.To = &ByteStep{Zero: 7 * (kind & 1), Low: -128 * (kind & 1), High: 127 + 128*(1-kind&1)}
			}
			in := []Memory{make(Memory, s.M*s.K), make(Memory, s.K*s.N)}
			if s.Bias {
				in = append(in, make(Memory, 4*s.N))
				for i := range in[2].I32() {
					in[2].I32()[i] = int32(r.IntN(1<<16) - 1<<15)
				}
			}
			if s.Scaled {
				in = append(in, values(r, make(Memory, 4*s.N)))
				for i := range s.N {
					if s.To != nil {
						in[len(in)-1].F32()[i] /= 512
					}
				}
			}
			for _, m := range in[:2] {
				for i := range m {
					if m[i] = byte(r.Uint32()); kind == 0 {
						m[i] = []byte{0, 255, 127, 128}[r.IntN(4)]
					}
				}
			}
			for name, form := range quantizedForms.All() {
				c := quantizedIn(form, s)
				out := make(Memory, 4*s.M*s.N)
				if s.To != nil {
					out = out[: s.M*s.N : s.M*s.N]
				}
				runCode(c, in, []Memory{out}, shuffled)
				checkQuantized(t, name, s, in, out)
				clear(out)
				runCode(c.Ahead.Code, append([]Memory{in[0], prepare(c.Ahead, in)}, in[2:]...), []Memory{out}, shuffled)
				checkQuantized(t, name+" ahead", s, in, out)
			}
		}
	}
}

func checkQuantized(t *testing.T, name string, s QuantizedSpec, in []Memory, out Memory) {
	t.Helper()
	for i := range s.M {
		for j := range s.N {
			sum := int32(0)
			for k := range s.K {
				a := int32(in[0][i*s.K+k])
				if s.Signed {
					a = int32(int8(in[0][i*s.K+k]))
				}
				sum += (a - int32(s.ZeroA)) * (int32(int8(in[1][k*s.N+j])) - int32(s.ZeroB))
			}
			if s.Bias {
				sum += in[2].I32()[j]
			}
			at := i*s.N + j
			if s.To != nil {
				v := math.RoundToEven(float64(float32(sum)*in[len(in)-1].F32()[j])) + float64(s.To.Zero)
				if want := byte(int(max(float64(s.To.Low), min(float64(s.To.High), v)))); out[at] != want {
					t.Fatalf("%s %+v: element [%d %d] is %d, want %d", name, s, i, j, out[at], want)
				}
				continue
			}
			if s.Scaled && out.F32()[at] != float32(sum)*in[len(in)-1].F32()[j] || !s.Scaled && out.I32()[at] != sum {
				t.Fatalf("%s %+v: element [%d %d] is %v or %v, want the sum %d", name, s, i, j, out.I32()[at], out.F32()[at], sum)
			}
		}
	}
}

func BenchmarkQuantized(b *testing.B) {
	for _, n := range []int{256, 512, 1024} {
		for name, form := range quantizedForms.All() {
			if name == "plain" {
				continue
			}
			b.Run(name, func(b *testing.B) {
				s := QuantizedSpec{M: n, N: n, K: n, ZeroA: 128, Scaled: true}
				in := []Memory{make(Memory, n*n), make(Memory, n*n), make(Memory, 4*n)}
				benchCodeOf(b, quantizedIn(form, s), in, []Memory{make(Memory, 4*n*n)}, 2*n*n*n)
			})
		}
	}
}

// TestAttentionAndQuantizedAllocateNothing: what one piece needs lies in scratch.
func TestAttentionAndQuantizedAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := attentionDense(1, 1, 70, 70, 8, false)
	x := func(n int) Memory { return values(r, make(Memory, 4*n)) }
	rows := 70 * 8
	q := QuantizedSpec{M: 9, N: 70, K: 9, ZeroA: 1, ZeroB: 1}
	for name, c := range map[string]struct {
		code    *Code
		in, out []Memory
	}{
		"attention":      {Attention(s), []Memory{x(rows), x(rows), x(rows)}, []Memory{x(rows), x(70)}},
		"attention-grad": {AttentionGrad(s, false), []Memory{x(rows), x(rows), x(rows), x(rows), x(70), x(rows)}, []Memory{x(rows), x(rows), x(rows)}},
		"quantized":      {Quantized(q), []Memory{make(Memory, 81), make(Memory, 9*70)}, []Memory{x(9 * 70)}},
	} {
		a, local := &Args{In: c.in, Out: c.out, Shared: make(Memory, c.code.Shared)}, make(Memory, c.code.Local)
		n := testing.AllocsPerRun(3, func() {
			for _, p := range c.code.Phases {
				for piece := range p.Pieces {
					p.Run(a, piece, local)
				}
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
