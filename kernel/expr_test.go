package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// runEach runs c with its pieces in order and then shuffled, asks for the same
// bits, and returns the results.
func runEach(t rapid.TB, c *Code, in []Memory, sizes ...int) []Memory {
	t.Helper()
	var first []Memory
	for _, arrange := range []func([]int){inOrder, shuffled} {
		out := make([]Memory, len(sizes))
		for k, n := range sizes {
			out[k] = make(Memory, n+8)
			for i := range out[k] {
				out[k][i] = 0xA5
			}
		}
		cut := make([]Memory, len(sizes))
		for k, n := range sizes {
			cut[k] = out[k][:n:n]
		}
		runCode(c, in, cut, arrange)
		for k, n := range sizes {
			if !slices.Equal(out[k][n:], []byte{0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5}) {
				t.Fatalf("result %d: wrote past the end", k)
			}
			if first != nil && !slices.Equal(out[k], first[k]) {
				t.Fatalf("result %d: shuffled pieces give other bits", k)
			}
		}
		if first == nil {
			first = out
		}
	}
	for k, n := range sizes {
		first[k] = first[k][:n]
	}
	return first
}

// close32 compares with a tolerance relative to the size of what was added up.
func close32(got []float32, want []float64, tolerance float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d elements, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := float64(got[i])
		if math.IsNaN(w) && math.IsNaN(g) || g == w {
			continue
		}
		if d := math.Abs(g - w); !(d <= tolerance*max(1, math.Abs(w))) {
			return fmt.Errorf("element %d is %v, want %v", i, g, w)
		}
	}
	return nil
}

// drawOperand draws a way to lie under the space: in order, permuted, or
// repeated along some axes; it returns the strides and the elements needed.
func drawOperand(t *rapid.T, space []int) (strides []int, size int) {
	strides, size = make([]int, len(space)), 1
	order := make([]int, len(space))
	for i := range order {
		order[i] = len(space) - 1 - i
	}
	if rapid.IntRange(0, 3).Draw(t, "permuted") == 0 {
		order = rapid.Permutation(order).Draw(t, "order")
	}
	repeat := rapid.IntRange(0, 1<<len(space)-1).Draw(t, "repeated") & rapid.IntRange(0, 1<<len(space)-1).Draw(t, "of")
	for _, axis := range order {
		if repeat>>axis&1 == 0 {
			strides[axis] = size
			size *= space[axis]
		}
	}
	return strides, size
}

// place is the element of an operand at element i of the space.
func place(space, strides []int, i int) int {
	p := 0
	for k := len(space) - 1; k >= 0; k-- {
		p += i % space[k] * strides[k]
		i /= space[k]
	}
	return p
}

// TestFusedOfAnySpace holds loops over drawn spaces to arithmetic in float64:
// three results, one of them a mask, of operands that lie in any way.
func TestFusedOfAnySpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		space := rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 3, 5, 16, 33, 100, 700}), 0, 4).Draw(t, "space")
		n := 1
		for _, d := range space {
			n *= d
		}
		if n > 1<<18 {
			t.Skip("too large")
		}
		r := rand.New(rand.NewPCG(1, uint64(n)))
		var in []Memory
		var strides [][]int
		for range 3 {
			st, size := drawOperand(t, space)
			strides = append(strides, st)
			in = append(in, values(r, make(Memory, 4*size)))
		}
		st, size := drawOperand(t, space)
		strides = append(strides, st)
		bools := make(Memory, size)
		for i := range bools {
			bools[i] = byte(r.IntN(2))
		}
		in = append(in, bools)
		e := new(Expr)
		x, y, z, m := e.Load(0), e.Load(1), e.Load(2), e.LoadOf(3, tensor.Bool)
		sum := e.Add(e.Mul(x, y), e.Mul(z, e.Imm(2)))
		chosen := e.Select(e.And(m, e.Lt(x, y)), e.Max(sum, z), e.Neg(y))
		c := Fused(FusedSpec{
			Space: space, In: strides, Expr: e,
			Out: []Reg{sum, chosen, e.Not(m), x}, OutOf: []tensor.DType{tensor.Float32, tensor.Float32, tensor.Bool, tensor.Float32},
		})
		out := runEach(t, c, in, 4*n, 4*n, n, 4*n)
		for i := range n {
			at := func(k int) float64 { return float64(in[k].F32()[place(space, strides[k], i)]) }
			truth := bools[place(space, strides[3], i)]
			s := at(0)*at(1) + at(2)*2
			w := -at(1)
			if truth == 1 && at(0) < at(1) {
				w = max(s, at(2))
			}
			if math.Abs(float64(out[0].F32()[i])-s) > 1e-6 || math.Abs(float64(out[1].F32()[i])-w) > 1e-6 {
				t.Fatalf("element %d is %v, %v, want %v, %v", i, out[0].F32()[i], out[1].F32()[i], s, w)
			}
			if out[2][i] != 1-truth || float64(out[3].F32()[i]) != at(0) {
				t.Fatalf("element %d: mask %d of %d, copy %v of %v", i, out[2][i], truth, out[3].F32()[i], at(0))
			}
		}
	})
}

// TestFusedOfBytes holds loops over drawn spaces whose operands and results are of
// drawn types to the definition of the conversions.
func TestFusedOfBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		space := rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 3, 5, 16, 33, 700}), 0, 4).Draw(t, "space")
		n := 1
		for _, d := range space {
			n *= d
		}
		if n > 1<<18 {
			t.Skip("too large")
		}
		r := rand.New(rand.NewPCG(2, uint64(n)))
		e, sum := new(Expr), Reg(0)
		var in []Memory
		var wide [][]float64
		var strides [][]int
		for i := range 3 {
			of := rapid.SampledFrom([]tensor.DType{tensor.Uint8, tensor.Int8, tensor.Int32, tensor.Bool, tensor.Float32}).Draw(t, "of")
			st, size := drawOperand(t, space)
			v := tensor.NewWide(tensor.Type{DType: of, Shape: tensor.Dims(size)})
			all := make([]float64, size)
			for j := range all {
				all[j] = float64(r.IntN(100) - 50)
				if of == tensor.Uint8 || of == tensor.Bool {
					all[j] = float64(r.IntN(2))
				}
				if v.F != nil {
					v.F[j] = all[j]
				} else {
					v.I[j] = int64(all[j])
				}
			}
			in, wide, strides = append(in, v.Narrow().Bytes()), append(wide, all), append(strides, st)
			if x := e.LoadOf(i, of); i == 0 {
				sum = x
			} else {
				sum = e.Add(sum, e.Mul(x, e.Imm(2.25)))
			}
		}
		c := Fused(FusedSpec{
			Space: space, In: strides, Expr: e, Out: []Reg{e.Cut(sum, tensor.Uint8), e.Cut(sum, tensor.Int8), e.Ne(sum, e.Imm(0)), sum},
			OutOf: []tensor.DType{tensor.Uint8, tensor.Int8, tensor.Bool, tensor.Float32},
		})
		out := runEach(t, c, in, n, n, n, 4*n)
		for i := range n {
			x := [3]float64{}
			for k := range x {
				x[k] = wide[k][place(space, strides[k], i)]
			}
			s := x[0] + 2.25*(x[1]+x[2])
			want := [3]byte{byte(max(0, min(255, s))), byte(int8(max(-128, min(127, s)))), byte(mask(s != 0))}
			if got := [3]byte{out[0][i], out[1][i], out[2][i]}; got != want || float64(out[3].F32()[i]) != s {
				t.Fatalf("element %d: %v makes %v and %v, want %v and %v", i, x, got, out[3].F32()[i], want, s)
			}
		}
	})
}

// TestFusedBytesInPlace lets results take the place of operands of other types.
func TestFusedBytesInPlace(t *testing.T) {
	const n = 40000
	x, y := make(Memory, 4*n), make(Memory, n)
	for i := range n {
		x.I32()[i], y[i] = int32(i%300), byte(i)
	}
	e := new(Expr)
	a, b := e.LoadOf(0, tensor.Int32), e.LoadOf(1, tensor.Int8)
	s := FusedSpec{Space: []int{n}, In: [][]int{{1}, {1}}, Expr: e,
		Out: []Reg{e.Add(a, b), e.Cut(a, tensor.Uint8)}, OutOf: []tensor.DType{tensor.Float32, tensor.Uint8}}
	runCode(Fused(s), []Memory{x, y}, []Memory{x, y}, shuffled)
	for i := range n {
		if want := float32(i%300) + float32(int8(i)); x.F32()[i] != want || y[i] != byte(min(i%300, 255)) {
			t.Fatalf("element %d is %v and %d, want %v and %d", i, x.F32()[i], y[i], want, min(i%300, 255))
		}
	}
}

// TestFusedInPlace lets results lie in operands that are read again later, and
// two operands trade places.
func TestFusedInPlace(t *testing.T) {
	const n = 40000
	r := rand.New(rand.NewPCG(3, 4))
	a, b := values(r, make(Memory, 4*n)), values(r, make(Memory, 4*n))
	x, y := slices.Clone(a.F32()), slices.Clone(b.F32())
	e := new(Expr)
	double := e.Mul(e.Load(0), e.Imm(2))
	s := FusedSpec{Space: []int{n}, In: [][]int{{1}, {1}}, Expr: e,
		Out: []Reg{double, e.Add(e.Sub(e.Load(1), e.Load(0)), e.Imm(1))}}
	runCode(Fused(s), []Memory{a, b}, []Memory{a, b}, shuffled)
	for i := range n {
		if a.F32()[i] != 2*x[i] || b.F32()[i] != y[i]-x[i]+1 {
			t.Fatalf("element %d is %v, %v of %v, %v", i, a.F32()[i], b.F32()[i], x[i], y[i])
		}
	}
	swap := new(Expr)
	copy(a.F32(), x)
	copy(b.F32(), y)
	s = FusedSpec{Space: []int{n}, In: [][]int{{1}, {1}}, Expr: swap, Out: []Reg{swap.Load(1), swap.Load(0)}}
	runCode(Fused(s), []Memory{a, b}, []Memory{a, b}, shuffled)
	if !slices.Equal(a.F32(), y) || !slices.Equal(b.F32(), x) {
		t.Error("operands did not trade places")
	}
}

func TestFusedKeepsRegistersFew(t *testing.T) {
	e := new(Expr)
	r := e.Load(0)
	for range 500 {
		r = e.Tanh(e.Add(r, e.Exp(r)))
	}
	if e.Imm(0) == e.Imm(float32(math.Copysign(0, -1))) {
		t.Error("0 and -0 are one constant")
	}
	p, ok := compileExpr(e, []Reg{r}, true, []store{{opCopy, 4}})
	if !ok || p.blocks > 3 || len(p.steps) != 1500 {
		t.Errorf("%d blocks and %d steps, want 3 and 1500", p.blocks, len(p.steps))
	}
}

func TestFusedJoinsInstructions(t *testing.T) {
	e := new(Expr)
	y, dy, zero := e.Load(0), e.Load(1), e.Imm(0)
	r := e.Add(e.Mul(dy, dy), e.Select(e.Gt(y, zero), dy, zero))
	p, _ := compileExpr(e, []Reg{r}, true, []store{{opCopy, 4}})
	if len(p.steps) != 2 || p.steps[0].op != opGate || p.steps[1].op != opMulAdd || len(p.imms) != 0 {
		t.Errorf("program %+v, want a gate and a product with a sum", p)
	}
}

// TestNothingToDo runs every kind of code on operands without elements.
func TestNothingToDo(t *testing.T) {
	e := new(Expr)
	s := FusedSpec{Space: []int{3, 0}, In: [][]int{{0, 1}}, Expr: e, Out: []Reg{e.Exp(e.Load(0))}}
	nothing := PoolSpec{N: 0, H: 4, W: 4, C: 2, KH: 2, KW: 2, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1}
	for k, c := range []*Code{
		Fused(s), FusedReduce(s, ReduceSpec{Outer: 0, Axis: 3, Inner: 1}), Softmax(0, 5, false), RandomUniform(0, 1),
		MaxPool(nothing), MaxPoolGrad(nothing), Concat(4, 0, []int{1, 2}), FillBytes(0, []byte{1}),
		StridedCopy(4, []int{0, 3}, []int{3, 1}, []int{3, 1}, 0, 0), Pad(4, []int{2}, []int{-1}, []int{-1}, []int{0}),
		BatchNorm(0, 0, 1, ActNone, false), LayerNorm(0, 4, 1), ArgReduce(ReduceSpec{Outer: 0, Axis: 1, Inner: 1, Op: ReduceMax}),
	} {
		if c == nil {
			t.Fatalf("code %d is nil", k)
		}
		runCode(c, []Memory{nil, nil, nil}, []Memory{nil, nil, nil}, inOrder)
	}
}

func TestFusedDoesNotAllocate(t *testing.T) {
	const n = 5000
	e := new(Expr)
	y := e.Tanh(e.Add(e.Load(0), e.Load(1)))
	c := Fused(FusedSpec{Space: []int{n / 5, 5}, In: [][]int{{5, 1}, {1, 0}}, Expr: e, Out: []Reg{y}})
	noAllocs(t, c, []Memory{make(Memory, 4*n), make(Memory, 4*n)}, []Memory{make(Memory, 4*n)})
}

func noAllocs(t *testing.T, c *Code, in, out []Memory) {
	t.Helper()
	a := &Args{In: in, Out: out, Shared: make(Memory, c.Shared)}
	local := make(Memory, c.Local)
	if got := testing.AllocsPerRun(2, func() {
		for _, p := range c.Phases {
			for i := range p.Pieces {
				p.Run(a, i, local)
			}
		}
	}); got != 0 {
		t.Errorf("%v allocations a run", got)
	}
}

func ExampleFused() {
	e := new(Expr)
	y := e.ReLU(e.Add(e.Load(0), e.Load(1))) // x [2 3] + bias [3]
	c := Fused(FusedSpec{Space: []int{2, 3}, In: [][]int{{3, 1}, {0, 1}}, Expr: e, Out: []Reg{y}})
	x, bias, out := make(Memory, 24), make(Memory, 12), make(Memory, 24)
	copy(x.F32(), []float32{1, 2, 3, -4, -5, -6})
	copy(bias.F32(), []float32{.5, -3, 7})
	for _, p := range c.Phases {
		for i := range p.Pieces {
			p.Run(&Args{In: []Memory{x, bias}, Out: []Memory{out}}, i, make(Memory, c.Local))
		}
	}
	fmt.Println(out.F32())
	// Output: [1.5 0 10 0 0 1]
}
