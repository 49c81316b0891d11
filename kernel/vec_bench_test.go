package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// benchBytes reports the best run of c in GB/s of the bytes it must read and
// write.
func benchBytes(b *testing.B, c *Code, in []Memory, sizes ...int) {
	b.Helper()
	a := &Args{In: in, Shared: make(Memory, c.Shared)}
	moved := 0
	for _, n := range sizes {
		a.Out = append(a.Out, make(Memory, n))
		moved += n
	}
	for _, m := range in {
		moved += len(m)
	}
	local := make(Memory, c.Local)
	var runs []time.Duration
	for b.Loop() {
		start := time.Now()
		for _, p := range c.Phases {
			for i := range p.Pieces {
				p.Run(a, i, local)
			}
		}
		runs = append(runs, time.Since(start))
	}
	best := slices.Min(runs)
	b.ReportMetric(float64(moved)/float64(best), "GB/s")
	b.ReportMetric(float64(best.Microseconds()), "best-us")
}

// oneLoop is a loop over n elements of k full operands.
func oneLoop(n, k int, f func(e *Expr) []Reg) *Code {
	e := new(Expr)
	s := FusedSpec{Space: []int{n}, Expr: e, Out: f(e)}
	for range k {
		s.In = append(s.In, []int{1})
	}
	return Fused(s)
}

func BenchmarkElementwise(b *testing.B) {
	const n = 2 << 20 // 8 MB
	r := rand.New(rand.NewPCG(1, 2))
	x, y := values(r, make(Memory, 4*n)), values(r, make(Memory, 4*n))
	for name, f := range map[string]func(e *Expr, x Reg) Reg{
		"relu": (*Expr).ReLU, "exp": (*Expr).Exp, "tanh": (*Expr).Tanh, "log": (*Expr).Log, "erf": (*Expr).Erf,
		"logistic": (*Expr).Logistic, "sin": (*Expr).Sin,
	} {
		b.Run(name, func(b *testing.B) {
			benchBytes(b, oneLoop(n, 1, func(e *Expr) []Reg { return []Reg{f(e, e.Load(0))} }), []Memory{x}, 4*n)
		})
	}
	b.Run("add", func(b *testing.B) {
		benchBytes(b, oneLoop(n, 2, func(e *Expr) []Reg { return []Reg{e.Add(e.Load(0), e.Load(1))} }), []Memory{x, y}, 4*n)
	})
	b.Run("adamw", func(b *testing.B) {
		benchBytes(b, oneLoop(n, 4, adamW), []Memory{x, y, x, y}, 4*n, 4*n, 4*n)
	})
}

// adamW is Loshchilov and Hutter's update of w, m, v by g, at a fixed step.
func adamW(e *Expr) []Reg {
	w, g := e.Load(0), e.Load(1)
	m := e.MulAdd(e.Load(2), e.Imm(0.9), e.Mul(g, e.Imm(0.1)))
	v := e.MulAdd(e.Load(3), e.Imm(0.999), e.Mul(e.Square(g), e.Imm(0.001)))
	step := e.Div(e.Mul(m, e.Imm(-1e-3)), e.Add(e.Sqrt(e.Abs(v)), e.Imm(1e-8)))
	return []Reg{e.Add(e.Mul(w, e.Imm(0.9999)), step), m, v}
}

func BenchmarkRows(b *testing.B) {
	const n = 2 << 20
	r := rand.New(rand.NewPCG(1, 2))
	x := values(r, make(Memory, 4*n))
	for _, c := range []int{10, 64, 1024} {
		rows, k := n/c, 4*c
		size := 4 * rows * c
		x, row, col := x[:size], values(r, make(Memory, k)), values(r, make(Memory, 4*rows))
		name := map[int]string{10: "10", 64: "64", 1024: "1024"}[c]
		b.Run("softmax/"+name, func(b *testing.B) { benchBytes(b, Softmax(rows, c, false), []Memory{x}, size) })
		b.Run("layernorm/"+name, func(b *testing.B) {
			benchBytes(b, LayerNorm(rows, c, 1e-5), []Memory{x, row, row}, size, 4*rows, 4*rows)
		})
		b.Run("batchnorm/"+name, func(b *testing.B) {
			benchBytes(b, BatchNorm(rows, c, 1e-5, ActReLU, false), []Memory{x, row, row}, size, k, k)
		})
		b.Run("batchnormgrad/"+name, func(b *testing.B) {
			benchBytes(b, BatchNormGrad(rows, c, 1e-5, ActReLU, false), []Memory{x, x, row, row, row, x}, size, k, k)
		})
		b.Run("columnsum/"+name, func(b *testing.B) {
			benchBytes(b, Reduce(ReduceSpec{Outer: 1, Axis: rows, Inner: c}), []Memory{x}, k)
		})
		b.Run("rowsum/"+name, func(b *testing.B) {
			benchBytes(b, Reduce(ReduceSpec{Outer: rows, Axis: c, Inner: 1}), []Memory{x}, 4*rows)
		})
		b.Run("rowscale/"+name, func(b *testing.B) {
			e := new(Expr)
			s := FusedSpec{Space: []int{rows, c}, In: [][]int{{c, 1}, {1, 0}}, Expr: e, Out: []Reg{e.Mul(e.Load(0), e.Load(1))}}
			benchBytes(b, Fused(s), []Memory{x, col}, size)
		})
		b.Run("transpose/"+name, func(b *testing.B) {
			benchBytes(b, StridedCopy(4, []int{rows, c}, []int{1, rows}, []int{c, 1}, 0, 0), []Memory{x}, size)
		})
	}
}

func BenchmarkPool(b *testing.B) {
	for _, c := range []int{1, 16, 32} {
		s := PoolSpec{N: 64, H: 28, W: 28, C: c, KH: 2, KW: 2, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1}
		in := 4 * s.N * s.H * s.W * s.C
		x, y := values(rand.New(rand.NewPCG(1, 2)), make(Memory, in)), make(Memory, in/4)
		name := map[int]string{1: "1", 16: "16", 32: "32"}[c]
		b.Run("max/"+name, func(b *testing.B) { benchBytes(b, MaxPool(s), []Memory{x}, in/4) })
		b.Run("maxgrad/"+name, func(b *testing.B) { benchBytes(b, MaxPoolGrad(s), []Memory{x, y}, in) })
		b.Run("sumgrad/"+name, func(b *testing.B) { benchBytes(b, SumPoolGrad(s), []Memory{y}, in) })
	}
	b.Run("uniform", func(b *testing.B) { benchBytes(b, RandomUniform(1<<20, 1), []Memory{make(Memory, 8)}, 4<<20) })
}
