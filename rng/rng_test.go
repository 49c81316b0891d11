package rng_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ihae/ihae/rng"
)

// TestPhiloxKnownAnswers holds Philox to the vectors of Random123's kat_vectors.
func TestPhiloxKnownAnswers(t *testing.T) {
	const f = 0xffffffff
	for _, c := range []struct {
		key       [2]uint32
		ctr, want [4]uint32
	}{
		{[2]uint32{}, [4]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[2]uint32{f, f}, [4]uint32{f, f, f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := rng.Philox(c.key, c.ctr); got != c.want {
			t.Errorf("Philox(%x, %x) = %x, want %x", c.key, c.ctr, got, c.want)
		}
	}
}

// chiSquare is the statistic of counts against equal shares.
func chiSquare(counts []int) float64 {
	total, sum := 0, 0.0
	for _, c := range counts {
		total += c
	}
	want := float64(total) / float64(len(counts))
	for _, c := range counts {
		sum += (float64(c) - want) * (float64(c) - want) / want
	}
	return sum
}

// within asks that a chi-square statistic lies where all but a share of about
// 1e-6 lie on each side (Wilson and Hilferty, 1931).
func within(t *testing.T, what string, x float64, freedom int) {
	t.Helper()
	k := float64(freedom)
	if z := (math.Cbrt(x/k) - (1 - 2/(9*k))) / math.Sqrt(2/(9*k)); math.Abs(z) > 4.75 {
		t.Errorf("%s: chi-square %.1f with %d degrees of freedom, z = %.2f", what, x, freedom, z)
	}
}

func TestUniformIsEven(t *testing.T) {
	x := make([]float32, 100_000)
	rng.New(1).Uniform(x, -2, 3)
	counts := make([]int, 100)
	for _, v := range x {
		if v < -2 || v >= 3 {
			t.Fatalf("%v is not in [-2, 3)", v)
		}
		counts[int((v+2)*20)]++
	}
	within(t, "uniform", chiSquare(counts), 99)
}

func TestUniformStaysBelowHigh(t *testing.T) {
	x := make([]float32, 10_000)
	rng.New(2).Uniform(x, 1<<24, 1<<24+2) // few float32 lie in between
	for _, v := range x {
		if v >= 1<<24+2 {
			t.Fatal(v)
		}
	}
}

// TestNormalIsNormal sorts draws into bins of equal probability.
func TestNormalIsNormal(t *testing.T) {
	x := make([]float32, 100_001)
	rng.New(3).Normal(x, 1, 2)
	counts := make([]int, 64)
	for _, v := range x {
		p := 0.5 * math.Erfc(-(float64(v)-1)/2/math.Sqrt2)
		counts[min(int(p*64), 63)]++
	}
	within(t, "normal", chiSquare(counts), 63)
}

// TestNeighboursAreIndependent counts pairs of draws: of one stream in order,
// and of siblings at the same place.
func TestNeighboursAreIndependent(t *testing.T) {
	const n, bins = 100_000, 16
	pairs := func(a, b func() uint64) []int {
		counts := make([]int, bins*bins)
		for range n {
			counts[a()>>60*bins+b()>>60]++
		}
		return counts
	}
	root := rng.New(4)
	r := root.Rand()
	within(t, "in order", chiSquare(pairs(r.Uint64, r.Uint64)), bins*bins-1)
	a, b := root.Split("a").Rand(), root.Split("b").Rand()
	within(t, "named siblings", chiSquare(pairs(a.Uint64, b.Uint64)), bins*bins-1)
	a, b = root.At(0).Rand(), root.At(1).Rand()
	within(t, "numbered siblings", chiSquare(pairs(a.Uint64, b.Uint64)), bins*bins-1)
	i := uint64(0)
	first := func() uint64 { i++; return root.At(i).Rand().Uint64() }
	within(t, "first draws of children", chiSquare(pairs(first, first)), bins*bins-1)
}

// TestPathsDoNotMeet asks for other streams by other paths, also where names
// and numbers look alike.
func TestPathsDoNotMeet(t *testing.T) {
	r := rng.New(5)
	streams := []rng.Stream{r, rng.New(6), r.Split(""), r.Split("a"), r.Split("b"), r.Split("a").Split("b"), r.Split("ab"),
		r.At(0), r.At(1), r.Split("\x00\x00\x00\x00\x00\x00\x00\x00"), r.Split("a").At(0), r.At(0).Split("a")}
	states, keys := map[rng.Stream]bool{}, map[[2]uint32]bool{}
	for _, s := range streams {
		states[s], keys[s.Key()] = true, true
	}
	if len(states) != len(streams) || len(keys) != len(streams) {
		t.Errorf("%d streams are %d, with %d keys", len(streams), len(states), len(keys))
	}
}

func TestPermIsEven(t *testing.T) {
	counts := map[string]int{}
	r := rng.New(7)
	for i := range 24_000 {
		counts[fmt.Sprint(r.At(uint64(i)).Perm(4))]++
	}
	list := make([]int, 0, 24)
	for _, c := range counts {
		list = append(list, c)
	}
	if len(list) != 24 {
		t.Fatalf("%d orders of 4, want 24", len(list))
	}
	within(t, "perm", chiSquare(list), 23)
	if p := r.Perm(0); len(p) != 0 {
		t.Error(p)
	}
}

// TestNoneDrawsNothing asks that arrays stay as they are, for children too, and
// that the zero Stream still draws.
func TestNoneDrawsNothing(t *testing.T) {
	for _, r := range []rng.Stream{rng.None(), rng.None().Split("a").At(3)} {
		x := []float32{1, 2, 3}
		r.Normal(x, 0, 1)
		r.Uniform(x, 0, 1)
		if !slices.Equal(x, []float32{1, 2, 3}) {
			t.Errorf("drew %v", x)
		}
	}
	x := []float32{9}
	if (rng.Stream{}).Uniform(x, 0, 1); x[0] == 9 {
		t.Error("the zero Stream draws nothing")
	}
}

// TestGolden fixes what a seed means. Runs depend on these values: they never
// change.
func TestGolden(t *testing.T) {
	s := rng.New(42).Split("weights").At(3)
	u, n := make([]float32, 3), make([]float32, 3)
	s.Uniform(u, 0, 1)
	s.Normal(n, 0, 1)
	r := s.Rand()
	got := fmt.Sprintf("%x %v %v %v %x %x", s.Key(), u, n, s.Perm(8), r.Uint64(), r.Uint64())
	const want = "[d994195a ab93cf7d] [0.7488581 0.7941374 0.04260426] [0.45512792 -1.5988536 -0.28739345] [2 3 0 5 1 6 4 7] bfb52a00c36337c1 cb4c973b640849e8"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestStreamsAreNotUsedUp(t *testing.T) {
	s := rng.New(8)
	if a, b := s.Perm(20), s.Perm(20); !slices.Equal(a, b) {
		t.Error(a, b)
	}
}

func BenchmarkUniform(b *testing.B) {
	x := make([]float32, 1<<12)
	b.SetBytes(int64(len(x) * 4))
	for b.Loop() {
		rng.New(1).Uniform(x, 0, 1)
	}
}

func BenchmarkAt(b *testing.B) {
	s := rng.New(1)
	for b.Loop() {
		s = s.At(7)
	}
}

func Example() {
	seed := rng.New(1)
	fmt.Println(seed.Split("order").Perm(5))
	fmt.Println(seed.Split("order").Perm(5))
	fmt.Println(seed.Split("order").At(1).Perm(5))
	// Output:
	// [0 1 3 2 4]
	// [0 1 3 2 4]
	// [3 4 0 1 2]
}
