package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const guard = 1234.5

// values fills m with numbers between -1 and 1.
// acts is the activations that contractions are tested with.
var acts = []Act{ActNone, ActReLU, {Clamps: true, Low: -0.25, High: 0.5}}

func values(r *rand.Rand, m Memory) Memory {
	for i := range m.F32() {
		m.F32()[i] = r.Float32()*2 - 1
	}
	return m
}

func fill(m Memory, v float32) Memory {
	for i := range m.F32() {
		m.F32()[i] = v
	}
	return m
}

// runCode runs the phases of c with the pieces in the order that arrange leaves.
func runCode(c *Code, in, out []Memory, arrange func([]int)) {
	a := &Args{In: in, Out: out, Shared: fill(make(Memory, c.Shared), float32(math.NaN()))}
	local := make(Memory, c.Local)
	for _, p := range c.Phases {
		order := make([]int, p.Pieces)
		for i := range order {
			order[i] = i
		}
		arrange(order)
		for _, piece := range order {
			fill(local, float32(math.NaN()))
			p.Run(a, piece, local)
		}
	}
}

func inOrder([]int) {}

func shuffled(order []int) {
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
}

// sameBits runs c in three orders of its pieces and returns what it gives.
func sameBits(t *testing.T, c *Code, in []Memory, out Memory) []float32 {
	t.Helper()
	fill(out, guard)
	runCode(c, in, []Memory{out}, inOrder)
	first := slices.Clone(out.F32())
	for name, arrange := range map[string]func([]int){"reversed": slices.Reverse[[]int], "shuffled": shuffled} {
		fill(out, guard)
		runCode(c, in, []Memory{out}, arrange)
		if !slices.Equal(first, out.F32()) {
			t.Fatalf("pieces %s give other bits", name)
		}
	}
	return first
}

// dense are the strides of contiguous operands; a and b say which are stored
// transposed.
func dense(m, n, k int, a, b bool) GemmSpec {
	s := GemmSpec{M: m, N: n, K: k, ARow: k, ACol: 1, BRow: n, BCol: 1, CRow: n}
	if a {
		s.ARow, s.ACol = 1, m
	}
	if b {
		s.BRow, s.BCol = 1, k
	}
	return s
}

func extent(batch, stride, rows, row, cols, col int) int {
	if rows == 0 || cols == 0 {
		return 0
	}
	return (max(batch, 1)-1)*stride + (rows-1)*row + (cols-1)*col + 1
}

// checkGemm holds a product to float64 sums and asks that nothing but C is written.
func checkGemm(t *testing.T, f *tileForm, s GemmSpec) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(s.M), uint64(s.N*1000+s.K)))
	a := values(r, fenced(t, extent(s.Batch, s.ABatch, s.M, s.ARow, s.K, s.ACol)))
	b := values(r, fenced(t, extent(s.Batch, s.BBatch, s.K, s.BRow, s.N, s.BCol)))
	in := []Memory{a, b}
	if s.Bias {
		in = append(in, values(r, fenced(t, s.N)))
	}
	got := sameBits(t, gemmIn(f, s, 0), in, fenced(t, extent(s.Batch, s.CBatch, s.M, s.CRow, s.N, 1)))
	for bi := range max(s.Batch, 1) {
		for i := range s.M {
			for j := range s.N {
				want, size := gemmElement(s, in, bi, i, j)
				at := bi*s.CBatch + i*s.CRow + j
				if d := math.Abs(float64(got[at]) - want); !(d <= 1e-6*size+1e-6) {
					t.Fatalf("%+v: C[%d %d %d] = %v, want %v", s, bi, i, j, got[at], want)
				}
				got[at] = guard
			}
		}
	}
	for at, v := range got {
		if v != guard {
			t.Fatalf("%+v: wrote %v to element %d, which is not of C", s, v, at)
		}
	}
}

// gemmElement is C[b i j] in float64, and the sum of the sizes of its terms.
func gemmElement(s GemmSpec, in []Memory, b, i, j int) (sum, size float64) {
	x, y := in[0].F32(), in[1].F32()
	for k := range s.K {
		v := float64(x[b*s.ABatch+i*s.ARow+k*s.ACol]) * float64(y[b*s.BBatch+k*s.BRow+j*s.BCol])
		sum, size = sum+v, size+math.Abs(v)
	}
	if s.Bias {
		sum += float64(in[2].F32()[j])
	}
	if s.Act.Clamps {
		sum = min(max(sum, float64(s.Act.Low)), float64(s.Act.High))
	}
	return sum, size
}

func eachForm(t *testing.T, f func(*testing.T, *tileForm)) {
	for name, form := range tileForms.All() {
		t.Run(name, func(t *testing.T) { f(t, form) })
	}
}

func TestGemmAtEveryHeightAndWidth(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		for m := 1; m <= 16; m++ {
			for n := 1; n <= 130; n += 1 + n/20 {
				s := dense(m, n, 1+(m*n)%9, m%2 == 0, n%3 == 0)
				s.Bias, s.Act = n%2 == 0, acts[m%3]
				checkGemm(t, f, s)
			}
		}
	})
}

func TestGemmTransposed(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		for _, size := range [][3]int{{1, 33, 70}, {70, 1, 33}, {65, 129, 1}, {40, 200, 17}, {97, 83, 131}, {30, 20, 1100}, {5, 100, 2050}} {
			for c := range 4 {
				s := dense(size[0], size[1], size[2], c&1 != 0, c&2 != 0)
				checkGemm(t, f, s)
				s.Bias, s.Act = true, ActReLU
				checkGemm(t, f, s)
			}
		}
	})
}

func TestGemmStrided(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		s := GemmSpec{M: 23, N: 37, K: 19, ARow: 60, ACol: 3, BRow: 80, BCol: 2, CRow: 41}
		checkGemm(t, f, s)
		s.BCol = 1
		checkGemm(t, f, s)
		s.Batch, s.ABatch, s.BBatch, s.CBatch = 3, 23*60, 19*80, 23*41+5
		checkGemm(t, f, s)
		s.BBatch, s.Bias, s.Act = 0, true, ActReLU
		checkGemm(t, f, s)
		d := dense(7, 40, 9, false, true)
		d.Batch, d.ABatch, d.BBatch, d.CBatch = 5, 63, 360, 280
		checkGemm(t, f, d)
		d.BBatch = 0
		checkGemm(t, f, d)
	})
}

func TestGemmOfNoTerms(t *testing.T) {
	s := dense(3, 5, 0, false, false)
	s.Bias, s.Act = true, ActReLU
	checkGemm(t, tileForms.Best(), s)
	if c := Gemm(dense(0, 5, 2, false, false)); len(c.Phases) != 0 {
		t.Errorf("a product without rows has %d phases", len(c.Phases))
	}
}

func TestGemmDoesNotAllocate(t *testing.T) {
	for name, s := range map[string]GemmSpec{
		"in blocks": dense(90, 300, 40, true, true), "in chunks": dense(20, 100, 4096, true, true), "direct": dense(9, 9, 9, false, false),
	} {
		c := Gemm(s)
		a := &Args{
			In:  []Memory{make(Memory, 4*s.M*s.K), make(Memory, 4*s.N*s.K)},
			Out: []Memory{make(Memory, 4*s.M*s.N)}, Shared: make(Memory, c.Shared),
		}
		if n := testing.AllocsPerRun(3, func() {
			for _, p := range c.Phases {
				for i := range p.Pieces {
					p.Run(a, i, nil)
				}
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a run", name, n)
		}
	}
}

func ExampleGemm() {
	c := Gemm(GemmSpec{M: 1, N: 2, K: 2, ARow: 2, ACol: 1, BRow: 2, BCol: 1, CRow: 2})
	a, b, out := make(Memory, 8), make(Memory, 16), make(Memory, 8)
	copy(a.F32(), []float32{1, 10})
	copy(b.F32(), []float32{1, 2, 3, 4})
	args := &Args{In: []Memory{a, b}, Out: []Memory{out}, Shared: make(Memory, c.Shared)}
	for _, p := range c.Phases {
		for piece := range p.Pieces {
			p.Run(args, piece, make(Memory, c.Local))
		}
	}
	fmt.Println(out.F32())
	// Output: [31 42]
}

// TestGemmOfVectors asks for products with one or two vectors on either side.
func TestGemmOfVectors(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		for k := 16; k < 50; k += 3 {
			for _, size := range [][2]int{{1, 1}, {1, 9}, {2, 30}, {9, 1}, {31, 2}, {2, 2}} {
				s := dense(size[0], size[1], k, false, true)
				checkGemm(t, f, s)
				s.Bias, s.Act, s.Batch = true, ActReLU, 3
				s.ABatch, s.BBatch, s.CBatch = s.M*k, s.N*k, s.M*s.N
				checkGemm(t, f, s)
			}
		}
		checkGemm(t, f, dense(1, 7, 50000, false, true))
	})
}

// TestVectorForms holds the forms of the smaller kernels to the plain ones.
func TestVectorForms(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const rows, cols = 21, 67
	x := values(r, fenced(t, rows*cols)).F32()
	for name, transpose := range transposeForms.All() {
		for n := 1; n <= rows; n++ {
			for k := 1; k <= cols; k += 5 {
				dst := fill(fenced(t, k*n), guard)
				transpose(pointer(dst.F32()), pointer(x), 4*n, 4*cols, n, k)
				for i := range n * k {
					if got := dst.F32()[i]; got != x[i%n*cols+i/n] {
						t.Fatalf("%s: transpose of [%d %d]: element %d is %v", name, n, k, i, got)
					}
				}
			}
		}
	}
	for name, sum := range sumForms.All() {
		for n := 1; n <= cols; n++ {
			got, want := fill(fenced(t, n), guard).F32(), make([]float32, n)
			sum(got, x[cols-n:], cols, rows)
			sumPlain(want, x[cols-n:], cols, rows)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: sum of %d columns = %v, want %v", name, n, got, want)
			}
		}
	}
	for name, dot := range dotForms.All() {
		for k := 1; k <= cols; k++ {
			got := fill(fenced(t, rows), guard).F32()
			dot(got, 1, x, cols, x[:k], rows)
			for i, v := range got {
				var want float64
				for j := range k {
					want += float64(x[j]) * float64(x[i*cols+j])
				}
				if math.Abs(float64(v)-want) > 1e-5 {
					t.Fatalf("%s: row %d times %d elements = %v, want %v", name, i, k, v, want)
				}
			}
		}
	}
}
