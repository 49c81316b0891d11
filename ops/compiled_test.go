package ops_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TestCompiledOps runs a program of each sample of each operation, as it is and
// with its float32 operands stored in the other floating-point types, and holds
// it to the definition.
func TestCompiledOps(t *testing.T) {
	pool := exec.NewPool(2)
	defer pool.Close()
	for _, name := range graph.Ops() {
		e, err := graph.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range e.Samples {
			op := s.Of
			if op == nil {
				op = e.Op
			}
			for _, d := range []tensor.DType{tensor.Float32, tensor.Float64, tensor.Float16, tensor.BFloat16} {
				in := retyped(s.In, d)
				if _, err := op.Infer(in); err != nil || len(in) == 0 || d != tensor.Float32 && !hasFloats(s.In) {
					continue
				}
				if err := compiledAgrees(t, pool, op, in, s, d); err != nil {
					t.Errorf("%s sample %d %v: %v", name, i, in, err)
				}
			}
		}
	}
}

// retyped is types with d in place of float32.
func retyped(types []tensor.Type, d tensor.DType) []tensor.Type {
	var out []tensor.Type
	for _, t := range types {
		if t.DType == tensor.Float32 {
			t.DType = d
		}
		out = append(out, t)
	}
	return out
}

func hasFloats(types []tensor.Type) bool {
	for _, t := range types {
		if t.DType == tensor.Float32 {
			return true
		}
	}
	return false
}

func compiledAgrees(t *testing.T, pool *exec.Pool, op graph.Op, types []tensor.Type, s graph.Sample, d tensor.DType) error {
	g := graph.New()
	var leaves []*graph.Node
	var in []tensor.Tensor
	var wide []tensor.Wide
	for i, typ := range types {
		low, high := s.Low, s.High
		if s.Ranges != nil {
			low, high = s.Ranges[i][0], s.Ranges[i][1]
		}
		x := drawn(typ, low, high, uint64(i))
		leaves, in, wide = append(leaves, g.Leaf(fmt.Sprint("in", i), typ)), append(in, x), append(wide, tensor.Widen(x))
	}
	f, err := graph.NewFunc("op", leaves, graph.Apply(op, leaves...))
	if err != nil {
		return err
	}
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		return err
	}
	got, err := fn.Call(t.Context(), in...)
	if err != nil {
		return err
	}
	tol := map[tensor.DType]float64{tensor.Float32: 2e-5, tensor.Float64: 1e-10, tensor.Float16: 4e-3, tensor.BFloat16: 3e-2}[d]
	for i, w := range graph.Eval(f, wide) {
		if err := closeTo(tensor.Widen(got[i]), tensor.Widen(w.Narrow()), max(tol, s.Tol)); err != nil {
			return fmt.Errorf("result %d: %w", i, err)
		}
	}
	return nil
}

// drawn is numbers of [low, high).
func drawn(t tensor.Type, low, high float64, seed uint64) tensor.Tensor {
	w, r := tensor.NewWide(t), rng.New(seed).Rand()
	for i := range w.F {
		w.F[i] = low + (high-low)*r.Float64()
	}
	for i := range w.I {
		switch v := low + (high-low)*r.Float64(); t.DType.Kind() {
		case tensor.KindBool:
			w.I[i] = r.Int64N(2)
		case tensor.KindUint:
			w.I[i] = int64(uint64(max(v, 0)))
		default:
			w.I[i] = int64(math.Floor(v))
		}
	}
	return w.Narrow()
}

// closeTo asks for equal integers, and floats within tol of the largest.
func closeTo(got, want tensor.Wide, tol float64) error {
	largest := 1.0
	for _, v := range want.F {
		if !math.IsInf(v, 0) && v == v {
			largest = max(largest, math.Abs(v))
		}
	}
	for i, w := range want.F {
		if v := got.F[i]; v != w && !(v != v && w != w) && !(math.Abs(v-w) <= tol*largest) {
			return fmt.Errorf("element %d is %v, want %v", i, v, w)
		}
	}
	for i, w := range want.I {
		if got.I[i] != w {
			return fmt.Errorf("element %d is %v, want %v", i, got.I[i], w)
		}
	}
	return nil
}

// TestOtherTypesRunWithoutAllocating: what has no code of its own for its types
// still runs in blocks or between conversions, not by a definition as a whole.
func TestOtherTypesRunWithoutAllocating(t *testing.T) {
	for _, d := range []tensor.DType{tensor.Float64, tensor.Float16, tensor.BFloat16} {
		g := graph.New()
		x := g.Leaf("x", tensor.Type{DType: d, Shape: tensor.Dims(2, 6, 6, 4)})
		w := g.Leaf("w", tensor.Type{DType: d, Shape: tensor.Dims(3, 3, 4, 4)})
		y := ops.Sin(ops.Mul(ops.Conv(x, w, nil, ops.ConvDims{}), ops.Conv(x, w, nil, ops.ConvDims{})))
		y = ops.ReduceSum(ops.MatMul(ops.Reshape(y, tensor.Dims(32, 4)), ops.Reshape(y, tensor.Dims(4, 32))), 0)
		f, err := graph.NewFunc("f", []*graph.Node{x, w}, []*graph.Node{y})
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Compile(f, plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		pool := exec.NewPool(1)
		m := exec.NewMachine(p, pool)
		in := []tensor.Tensor{drawn(x.Type(), -1, 1, 1), drawn(w.Type(), -1, 1, 2)}
		n := testing.AllocsPerRun(20, func() {
			if _, err := m.Run(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		})
		if n > 1 {
			t.Errorf("%v: %v allocations in a run", d, n)
		}
		pool.Close()
	}
}
