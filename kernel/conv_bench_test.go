package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// depthwise is square for c channels apart.
func depthwise(n, size, c, stride int) ConvSpec {
	s := square(n, size, c, c, 3, stride, 1)
	s.Groups = c
	return s
}

func BenchmarkConv(b *testing.B) {
	for _, s := range []ConvSpec{
		depthwise(32, 28, 64, 1), depthwise(32, 14, 256, 1), depthwise(32, 28, 64, 2),
		square(128, 32, 3, 16, 3, 1, 1), square(128, 32, 16, 16, 3, 1, 1), square(128, 32, 16, 32, 3, 2, 1),
		square(128, 16, 32, 32, 3, 1, 1), square(128, 16, 32, 64, 3, 2, 1), square(128, 8, 64, 64, 3, 1, 1),
		square(128, 32, 16, 32, 1, 2, 0), square(64, 28, 1, 32, 3, 1, 1), square(64, 28, 1, 32, 5, 1, 2),
		square(64, 28, 32, 32, 3, 1, 1), square(64, 14, 32, 64, 3, 1, 1), square(20, 25, 1, 16, 3, 1, 1),
		square(20, 12, 16, 32, 3, 1, 1), square(32, 56, 64, 64, 3, 1, 1), square(32, 14, 256, 256, 3, 1, 1),
		square(32, 56, 64, 256, 1, 1, 0), square(8, 224, 3, 64, 7, 2, 3),
	} {
		name := fmt.Sprintf("N%d_%d_C%d_K%d_%dx%d_s%d_g%d", s.N, s.H, s.C, s.K, s.KH, s.KW, s.StrideH, max(s.Groups, 1))
		r := rand.New(rand.NewPCG(1, 2))
		x, w := values(r, make(Memory, 4*s.N*s.H*s.W*s.C)), values(r, make(Memory, 4*s.KH*s.KW*s.C/max(s.Groups, 1)*s.K))
		y := values(r, make(Memory, 4*s.N*s.OutH()*s.OutW()*s.K))
		flops := 2 * len(y) / 4 * s.KH * s.KW * s.C / max(s.Groups, 1)
		b.Run(name+"/y", func(b *testing.B) { benchCode(b, Conv2D(s), []Memory{x, w}, y, flops) })
		b.Run(name+"/dx", func(b *testing.B) { benchCode(b, Conv2DGradInput(s), []Memory{y, w}, x, flops) })
		b.Run(name+"/dw", func(b *testing.B) { benchCode(b, Conv2DGradFilter(s), []Memory{x, y}, w, flops) })
	}
}
