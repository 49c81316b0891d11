package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// attentionDense is attention over dense operands [B H L D] or, late, [B L H D].
func attentionDense(b, h, l, s, d int, late bool) AttentionSpec {
	strides := func(rows int) AttentionStrides {
		if late {
			return AttentionStrides{rows * h * d, d, h * d}
		}
		return AttentionStrides{h * rows * d, rows * d, d}
	}
	return AttentionSpec{
		Batch: b, Heads: h, KV: h, L: l, S: s, D: d, DV: d, Scale: 0.125,
		Q: strides(l), K: strides(s), V: strides(s), O: strides(l), G: strides(l),
	}
}

func BenchmarkAttention(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][4]int{{1, 4, 256, 64}, {6, 4, 64, 32}, {1, 2, 1024, 64}} {
		for _, late := range []bool{false, true} {
			s := attentionDense(size[0], size[1], size[2], size[2], size[3], late)
			n := s.Batch * s.Heads * s.L
			in := []Memory{}
			for range 5 {
				in = append(in, values(r, make(Memory, 4*n*s.D)))
			}
			o, lse := make(Memory, 4*n*s.D), make(Memory, 4*n)
			runCode(Attention(s), in[:3], []Memory{o, lse}, inOrder)
			flops := 4 * n * s.S * s.D
			b.Run(fmt.Sprintf("forward/%v/late=%v", size, late), func(b *testing.B) {
				benchCodeOf(b, Attention(s), in[:3], []Memory{o, lse}, flops)
			})
			b.Run(fmt.Sprintf("backward/%v/late=%v", size, late), func(b *testing.B) {
				out := []Memory{make(Memory, 4*n*s.D), make(Memory, 4*n*s.D), make(Memory, 4*n*s.D)}
				benchCodeOf(b, AttentionGrad(s, false), []Memory{in[0], in[1], in[2], o, lse, in[3]}, out, flops*5/2)
			})
		}
	}
}

// benchCodeOf is benchCode for several results.
func benchCodeOf(b *testing.B, c *Code, in, out []Memory, flops int) {
	a := &Args{In: in, Out: out, Shared: make(Memory, c.Shared)}
	local := make(Memory, c.Local)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var runs []time.Duration
	for b.Loop() {
		start := clock()
		for _, p := range c.Phases {
			for i := range p.Pieces {
				p.Run(a, i, local)
			}
		}
		runs = append(runs, clock()-start)
	}
	b.ReportMetric(float64(flops)/float64(slices.Min(runs)), "GFLOP/s")
}
