package kernel

import (
	"math"
	"testing"

	"github.com/ihae/ihae/rng"
)

// TestRandomUniformIsPhilox compares every form with the block function of
// package rng, across the place where the low half of the counter overflows.
func TestRandomUniformIsPhilox(t *testing.T) {
	key := [2]uint32{0x12345678, 0x9abcdef0}
	const stream, blocks = 0xfedcba9876543210, 64
	for form, f := range philoxForms.All() {
		for _, first := range []uint64{0, 1<<32 - 21, 1<<32 - 65, 5 << 32} {
			out := fenced(t, 4*blocks)
			f(base(out), key, first, stream, blocks)
			for b := range blocks {
				i := first + uint64(b)
				x := rng.Philox(key, [4]uint32{uint32(i), uint32(i >> 32), stream & 0xffffffff, stream >> 32})
				for k, v := range x {
					if got, want := out.F32()[4*b+k], float32(v>>8)/(1<<24); got != want {
						t.Fatalf("%s: number %d of block %d is %v, want %v", form, k, i, got, want)
					}
				}
			}
		}
	}
}

// TestRandomUniform checks lengths that are no multiple of anything, the known
// answer of Salmon et al. for key and counter 0, and the first two moments.
func TestRandomUniform(t *testing.T) {
	key := make(Memory, 8)
	long := runEach(t, RandomUniform(100001, 0), []Memory{key}, 400004)[0].F32()
	for _, n := range []int{1, 3, 4, 63, 64, 65, 16384, 16385} {
		for i, v := range runEach(t, RandomUniform(n, 0), []Memory{key}, 4*n)[0].F32() {
			if v != long[i] {
				t.Fatalf("%d numbers: number %d is %v, want %v", n, i, v, long[i])
			}
		}
	}
	for i, x := range []uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8} {
		if want := float32(x>>8) / (1 << 24); long[i] != want {
			t.Errorf("number %d is %v, want %v", i, long[i], want)
		}
	}
	mean, variance := moments64(len(long), func(i int) float64 { return float64(long[i]) })
	if math.Abs(mean-0.5) > 0.004 || math.Abs(variance-1.0/12) > 0.002 {
		t.Errorf("mean %v, variance %v", mean, variance)
	}
	noAllocs(t, RandomUniform(1000, 3), []Memory{key}, []Memory{make(Memory, 4000)})
}
