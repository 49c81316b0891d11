package kernel

import (
	"math/rand/v2"
	"testing"
)

// depthwise is square for c channels apart.
func depthwise(n, size, c, stride int) ConvSpec {
	return grouped(square(n, size, c, c, 3, stride, 1), c)
}

func grouped(s ConvSpec, groups int) ConvSpec {
	s.Groups = groups
	return s
}

// volume is square with as deep a filter.
func volume(n, depth, size, c, k int) ConvSpec {
	s := square(n, size, c, k, 3, 1, 1)
	s.D, s.KD, s.PadFront, s.PadBack = depth, 3, 1, 1
	return s
}

// line1 is a convolution of sequences.
func line1(n, length, c, k, taps, stride, pad, dilation int) ConvSpec {
	return ConvSpec{
		N: n, H: 1, W: length, C: c, K: k, KH: 1, KW: taps, StrideW: stride, PadLeft: pad, PadRight: pad, DilW: dilation,
	}
}

var benchConvs = []struct {
	name string
	s    ConvSpec
}{
	{"mobile-112-32", depthwise(8, 112, 32, 1)},
	{"mobile-112-64-s2", depthwise(8, 112, 64, 2)},
	{"mobile-112-96-s2", depthwise(8, 112, 96, 2)},
	{"mobile-56-144", depthwise(8, 56, 144, 1)},
	{"mobile-28-192", depthwise(8, 28, 192, 1)},
	{"mobile-14-512", depthwise(8, 14, 512, 1)},
	{"mobile-14-576", depthwise(8, 14, 576, 1)},
	{"mobile-7-960", depthwise(8, 7, 960, 1)},
	{"multiplier-2", grouped(square(8, 56, 32, 64, 3, 1, 1), 32)},
	{"resnext-56-128", grouped(square(4, 56, 128, 128, 3, 1, 1), 32)},
	{"resnext-28-256", grouped(square(4, 28, 256, 256, 3, 1, 1), 32)},
	{"resnext-14-512", grouped(square(4, 14, 512, 512, 3, 1, 1), 32)},
	{"c3d-1", volume(1, 16, 112, 3, 64)},
	{"c3d-2", volume(1, 16, 56, 64, 128)},
	{"c3d-3b", volume(1, 8, 28, 256, 256)},
	{"speech-k11-s2", line1(16, 400, 80, 256, 11, 2, 5, 1)},
	{"speech-k3", line1(16, 200, 256, 256, 3, 1, 1, 1)},
	{"speech-k5-d2", line1(16, 200, 256, 256, 5, 1, 4, 2)},
	{"speech-raw-k10-s5", line1(4, 16000, 1, 512, 10, 5, 0, 1)},
	{"dcgan-4", square(16, 8, 256, 512, 4, 2, 1)},
	{"dcgan-16", square(16, 32, 64, 128, 4, 2, 1)},
	{"dcgan-32", square(16, 64, 3, 64, 4, 2, 1)},
	{"stem-7x7-s2", square(8, 224, 3, 64, 7, 2, 3)},
	{"rgb-3x3-s2", square(32, 64, 3, 32, 3, 2, 1)},
	{"patch-4", square(8, 224, 3, 96, 4, 4, 0)},
	{"patch-16", square(8, 224, 3, 192, 16, 16, 0)},
	{"gray-5x5-s2", square(64, 28, 1, 32, 5, 2, 2)},
	{"objects-1", square(128, 32, 3, 16, 3, 1, 1)},
	{"objects-2", square(128, 32, 16, 16, 3, 1, 1)},
	{"objects-3", square(128, 32, 16, 32, 3, 2, 1)},
	{"objects-4", square(128, 16, 32, 32, 3, 1, 1)},
	{"objects-5", square(128, 8, 64, 64, 3, 1, 1)},
	{"digits-1", square(64, 28, 1, 32, 3, 1, 0)},
	{"digits-2", square(64, 26, 32, 32, 3, 1, 0)},
	{"faces-1", square(20, 25, 1, 16, 3, 1, 1)},
	{"resnet-56", square(32, 56, 64, 64, 3, 1, 1)},
	{"resnet-14", square(32, 14, 256, 256, 3, 1, 1)},
	{"resnet-56-1x1", square(32, 56, 64, 256, 1, 1, 0)},
}

func BenchmarkConv(b *testing.B) {
	for _, c := range benchConvs {
		s := c.s.filled()
		r := rand.New(rand.NewPCG(1, 2))
		x, w := values(r, make(Memory, 4*s.places()*s.C)), values(r, make(Memory, 4*s.KD*s.KH*s.KW*s.C/s.Groups*s.K))
		y := values(r, make(Memory, 4*s.N*s.OutD()*s.OutH()*s.OutW()*s.K))
		flops := 2 * len(y) / 4 * s.KD * s.KH * s.KW * s.C / s.Groups
		b.Run(c.name+"/y", func(b *testing.B) { benchCode(b, Conv(s), []Memory{x, w}, y, flops) })
		b.Run(c.name+"/dx", func(b *testing.B) { benchCode(b, ConvGradInput(s), []Memory{y, w}, x, flops) })
		b.Run(c.name+"/dw", func(b *testing.B) { benchCode(b, ConvGradFilter(s), []Memory{x, y}, w, flops) })
	}
}
