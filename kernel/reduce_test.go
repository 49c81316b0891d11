package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func drawReduce(t *rapid.T) ReduceSpec {
	some := rapid.SampledFrom([]int{1, 2, 3, 10, 17, 64, 100, 1000, 1500, 5000})
	s := ReduceSpec{
		Outer: some.Draw(t, "outer"), Axis: some.Draw(t, "axis"), Inner: some.Draw(t, "inner"),
		Op: rapid.SampledFrom([]ReduceOp{ReduceSum, ReduceMax, ReduceMin, ReduceProd}).Draw(t, "op"),
	}
	if s.Outer*s.Axis*s.Inner > 1<<19 {
		t.Skip("too large")
	}
	return s
}

// fold64 folds the middle axis of x in float64.
func fold64(s ReduceSpec, x func(i int) float64) []float64 {
	out := make([]float64, s.Outer*s.Inner)
	for o := range s.Outer {
		for j := range s.Inner {
			v := x(o*s.Axis*s.Inner + j)
			for a := 1; a < s.Axis; a++ {
				y := x((o*s.Axis+a)*s.Inner + j)
				switch s.Op {
				case ReduceMax, ReduceOr:
					v = max(v, y)
				case ReduceMin, ReduceAnd:
					v = min(v, y)
				case ReduceProd:
					v *= y
				default:
					v += y
				}
			}
			out[o*s.Inner+j] = v
		}
	}
	return out
}

func TestReduceOfAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawReduce(t)
		n := s.Outer * s.Axis * s.Inner
		x := values(rand.New(rand.NewPCG(1, 2)), make(Memory, 4*n))
		if s.Op == ReduceProd {
			for i, v := range x.F32() {
				x.F32()[i] = 1 + v/100
			}
		}
		out := runEach(t, Reduce(s), []Memory{x}, 4*s.Outer*s.Inner)
		want := fold64(s, func(i int) float64 { return float64(x.F32()[i]) })
		if err := close32(out[0].F32(), want, 1e-5); err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
	})
}

// TestFusedReduceOfAnyShape folds an expression of a full operand, a trailing
// vector and a scalar for each row.
func TestFusedReduceOfAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawReduce(t)
		s.Op = ReduceSum
		n := s.Outer * s.Axis * s.Inner
		space := []int{s.Outer, s.Axis, s.Inner}
		strides := [][]int{{s.Axis * s.Inner, s.Inner, 1}}
		r := rand.New(rand.NewPCG(1, 2))
		in := []Memory{values(r, make(Memory, 4*n))}
		for range 2 {
			st, size := drawOperand(t, space)
			strides, in = append(strides, st), append(in, values(r, make(Memory, 4*size)))
		}
		e := new(Expr)
		product := e.Mul(e.Load(0), e.Load(1))
		both := e.Add(product, e.Load(2))
		c := FusedReduce(FusedSpec{Space: space, In: strides, Expr: e, Out: []Reg{product, both}}, s)
		out := runEach(t, c, in, 4*s.Outer*s.Inner, 4*s.Outer*s.Inner)
		at := func(k, i int) float64 { return float64(in[k].F32()[place(space, strides[k], i)]) }
		for k, f := range []func(int) float64{
			func(i int) float64 { return at(0, i) * at(1, i) },
			func(i int) float64 { return at(0, i)*at(1, i) + at(2, i) },
		} {
			if err := close32(out[k].F32(), fold64(s, f), 2e-5); err != nil {
				t.Fatalf("%+v: result %d: %v", s, k, err)
			}
		}
	})
}

func TestReduceOfMasks(t *testing.T) {
	for _, op := range []ReduceOp{ReduceAnd, ReduceOr} {
		s := ReduceSpec{Outer: 3, Axis: 40, Inner: 7, Op: op}
		x := make(Memory, 3*40*7)
		r := rand.New(rand.NewPCG(5, 6))
		for i := range x {
			if x[i] = byte(r.IntN(2)); i < 400 {
				x[i] = byte(i % 2)
			}
		}
		out := runEach(t, Reduce(s), []Memory{x}, 21)
		for i, w := range fold64(s, func(i int) float64 { return float64(x[i]) }) {
			if float64(out[0][i]) != w {
				t.Errorf("op %d: element %d is %d, want %v", op, i, out[0][i], w)
			}
		}
	}
}

func TestReduceOfNothing(t *testing.T) {
	for op, want := range map[ReduceOp]float64{ReduceSum: 0, ReduceProd: 1, ReduceMax: math.Inf(-1), ReduceMin: math.Inf(1)} {
		out := runEach(t, Reduce(ReduceSpec{Outer: 2, Axis: 0, Inner: 2, Op: op}), []Memory{nil}, 16)
		if err := close32(out[0].F32(), []float64{want, want, want, want}, 0); err != nil {
			t.Errorf("op %d: %v", op, err)
		}
	}
}

// TestSumOfManyIsExact adds 2²² equal numbers: a running sum in float32 would be
// off by per cents.
func TestSumOfManyIsExact(t *testing.T) {
	const n = 1 << 22
	x := make(Memory, 4*n)
	fill(x, 0.1)
	for _, s := range []ReduceSpec{{Outer: 1, Axis: n, Inner: 1}, {Outer: 1, Axis: n / 4, Inner: 4}, {Outer: 2, Axis: n / 2, Inner: 1}} {
		out := runEach(t, Reduce(s), []Memory{x}, 4*s.Outer*s.Inner)
		want := float64(float32(0.1)) * float64(s.Axis)
		if got := float64(out[0].F32()[0]); math.Abs(got-want) > 5e-7*want {
			t.Errorf("%+v: %v, want %v", s, got, want)
		}
	}
}

func TestArgReduce(t *testing.T) {
	nan := float32(math.NaN())
	x := make(Memory, 4*12)
	copy(x.F32(), []float32{1, 5, 3, 5, 3, 5, 2, nan, 9, nan, 9, 0})
	for _, c := range []struct {
		s    ReduceSpec
		want []int32
	}{
		{ReduceSpec{Outer: 2, Axis: 6, Inner: 1, Op: ReduceMax}, []int32{1, 1}},
		{ReduceSpec{Outer: 2, Axis: 3, Inner: 2, Op: ReduceMax}, []int32{1, 0, 1, 0}},
		{ReduceSpec{Outer: 3, Axis: 2, Inner: 2, Op: ReduceMin}, []int32{0, 0, 1, 1, 0, 0}},
	} {
		if c.s.Outer == 3 {
			copy(x.F32(), []float32{1, 5, 3, 5, 3, 5, 2, 4, 9, nan, 9, 0})
		}
		out := runEach(t, ArgReduce(c.s), []Memory{x}, 4*len(c.want))
		for i, w := range c.want {
			if out[0].I32()[i] != w {
				t.Errorf("%+v: %v, want %v", c.s, out[0].I32(), c.want)
				break
			}
		}
	}
}
