package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// benchCode measures c on one core and reports the best run, since the mean of
// a busy machine says little.
func benchCode(b *testing.B, c *Code, in []Memory, out Memory, flops int) {
	a := &Args{In: in, Out: []Memory{out}, Shared: make(Memory, c.Shared)}
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

func BenchmarkGemm(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{
		{64, 64, 64}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {1536, 1536, 1536}, {2048, 2048, 2048},
		{1, 256, 784}, {1, 1024, 256}, {1, 1000, 512}, {1, 1024, 1024}, {1, 4096, 1024}, {2, 1024, 256}, {4, 1024, 256}, {8, 1024, 256}, {16, 1024, 256}, {32, 1024, 256},
		{32, 256, 784}, {32, 512, 512}, {64, 1000, 1000}, {32, 1024, 1024}, {64, 256, 784}, {64, 128, 256}, {64, 10, 128}, {128, 256, 784},
		{784, 256, 64}, {256, 784, 32}, {16, 144, 32768}, {128, 64, 8192},
	} {
		for _, form := range []string{"NN", "NP", "TN", "NT"} {
			b.Run(fmt.Sprintf("%dx%dx%d%s", size[0], size[1], size[2], form), func(b *testing.B) {
				s := dense(size[0], size[1], size[2], form == "TN", form == "NT")
				x, y := values(r, make(Memory, 4*s.M*s.K)), values(r, make(Memory, 4*s.K*s.N))
				c := Gemm(s)
				if a := c.Ahead; form == "NP" {
					if a == nil {
						b.Skip("nothing can be prepared")
					}
					c, y = a.Code, prepare(a, []Memory{x, y})
				}
				benchCode(b, c, []Memory{x, y}, make(Memory, 4*s.M*s.N), 2*s.M*s.N*s.K)
			})
		}
	}
}
