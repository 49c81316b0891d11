package exec_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// nested is a function with all kinds of control flow, one in the other: in each
// of length steps h is doubled until it is large, or left alone where x is
// negative, and a product keeps it in bounds.
func nested(t testing.TB, n, length int) *graph.Func {
	t.Helper()
	g := graph.New()
	h, w, xs := g.Leaf("h", tensor.F32(n, n)), g.Leaf("w", tensor.F32(n, n)), g.Leaf("xs", tensor.F32(length, n))
	carry, ys := ops.ScanOf([]*graph.Node{h}, []*graph.Node{xs}, ops.Loop{}, func(carry, x []*graph.Node) (next, ys []*graph.Node) {
		sum := ops.ReduceSum(x[0])
		grown := ops.IfOf(ops.Gt(sum, ops.Like(sum, 0)),
			func() []*graph.Node { return []*graph.Node{doubled(carry[0])} },
			func() []*graph.Node { return []*graph.Node{carry[0]} })
		y := ops.Tanh(ops.Add(ops.MatMul(grown[0], w), x[0]))
		return []*graph.Node{y}, []*graph.Node{ops.Mean(y, 0)}
	})
	return function(t, "nested", []*graph.Node{h, w, xs}, carry[0], ys[0])
}

// doubled is x doubled until the sum of its squares is above 1000, or four times.
func doubled(x *graph.Node) *graph.Node {
	count := x.Graph().Fill(0, tensor.Type{DType: tensor.Int32})
	return ops.WhileOf([]*graph.Node{x, count},
		func(s []*graph.Node) *graph.Node {
			size := ops.ReduceSum(ops.Mul(s[0], s[0]))
			return ops.And(ops.Lt(size, ops.Like(size, 1000)), ops.Lt(s[1], ops.Like(s[1], 4)))
		},
		func(s []*graph.Node) []*graph.Node {
			return []*graph.Node{ops.Scale(s[0], 2), ops.Add(s[1], ops.Like(s[1], 1))}
		})[0]
}

func feeds(f *graph.Func) (in []tensor.Tensor, wide []tensor.Wide) {
	for k, n := range f.In {
		x := tensor.New(n.Type())
		for i := range x.Floats() {
			x.Floats()[i] = float32((i*7+k*3)%11)/16 - 0.3
		}
		in, wide = append(in, x), append(wide, tensor.Widen(x))
	}
	return in, wide
}

// TestBodiesRunInBodies compares with the definitions; runs have the same bits on
// any number of threads and allocate nothing.
func TestBodiesRunInBodies(t *testing.T) {
	for _, n := range []int{3, 16, 64} {
		f := nested(t, n, 6)
		in, wide := feeds(f)
		want := graph.Eval(f, wide)
		var first []float32
		for _, threads := range []int{1, 2, 3} {
			pool := exec.NewPool(threads)
			defer pool.Close()
			m := exec.NewMachine(program(t, f, plan.Options{}), pool)
			var out []tensor.Tensor
			if a := testing.AllocsPerRun(20, func() {
				var err error
				if out, err = m.Run(t.Context(), in); err != nil {
					t.Fatal(err)
				}
			}); a != 0 {
				t.Errorf("%d threads: %v allocations a run", threads, a)
			}
			got := slices.Concat(out[0].Floats(), out[1].Floats())
			if first == nil {
				first = slices.Clone(got)
			}
			if err := same(got, first); err != nil {
				t.Errorf("%d threads: %v", threads, err)
			}
			for i, v := range slices.Concat(want[0].F, want[1].F) {
				if d := float64(got[i]) - v; d > 1e-4 || d < -1e-4 {
					t.Fatalf("n %d: [%d] = %v, want %v", n, i, got[i], v)
				}
			}
		}
	}
}

// TestCallersMayChangeTheirMemory: a machine whose inputs lie elsewhere in every
// run reads them where they are, in bodies too.
func TestCallersMayChangeTheirMemory(t *testing.T) {
	pool := exec.NewPool(2)
	defer pool.Close()
	f := nested(t, 16, 6)
	m := exec.NewMachine(program(t, f, plan.Options{Donate: [][2]int{{0, 0}}}), pool)
	in, _ := feeds(f)
	var first []float32
	for range 3 {
		moved := []tensor.Tensor{in[0].Clone(), in[1].Clone(), in[2].Clone()}
		out, err := m.Run(t.Context(), moved)
		if err != nil {
			t.Fatal(err)
		}
		if &out[0].Bytes()[0] != &moved[0].Bytes()[0] {
			t.Error("the last carry does not lie in the memory given for it")
		}
		if first == nil {
			first = slices.Clone(out[0].Floats())
		}
		if err := same(out[0].Floats(), first); err != nil {
			t.Error(err)
		}
	}
}

// TestFaultsInBodiesSayWhere plants a fault in the body of a scan, and stops a
// scan that runs.
func TestFaultsInBodiesSayWhere(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(1000))
	last, _ := ops.ScanOf([]*graph.Node{x}, nil, ops.Loop{Length: 9}, func(c, _ []*graph.Node) (next, ys []*graph.Node) {
		return []*graph.Node{graph.Apply1(faulty{}, graph.Apply1(affine{}, c[0])).Named("layer.7")}, nil
	})
	pool := exec.NewPool(2)
	defer pool.Close()
	m := exec.NewMachine(program(t, function(t, "broken", []*graph.Node{x}, last[0]), plan.Options{}), pool)
	for range 2 {
		_, err := m.Run(t.Context(), []tensor.Tensor{ramp(1000)})
		var fault *exec.Fault
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), "step 0 of broken, [scan] : step 1 of step, [faulty] layer.7 panicked") {
			t.Fatalf("error = %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := nested(t, 3, 4)
	in, _ := feeds(f)
	if _, err := exec.NewMachine(program(t, f, plan.Options{}), pool).Run(ctx, in); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

// TestProfileCountsBodies: the steps of a body are counted as often as they run.
func TestProfileCountsBodies(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	f := nested(t, 3, 6)
	m := exec.NewMachine(program(t, f, plan.Options{}), pool)
	m.Count()
	in, _ := feeds(f)
	for range 2 {
		if _, err := m.Run(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	inner := 0
	for _, s := range m.Profile().Steps {
		switch {
		case s.Depth == 0 && s.Calls != 2:
			t.Errorf("%+v", s)
		case s.Depth == 1 && s.Calls == 12:
			inner++
		}
	}
	if inner < 2 {
		t.Errorf("%d steps of the scan's body ran 12 times", inner)
	}
}

// BenchmarkTinyBody is the cost of a step of a scan's body.
func BenchmarkTinyBody(b *testing.B) {
	const length, depth = 100, 10
	g := graph.New()
	x := g.Leaf("x", tensor.F32(16))
	last, _ := ops.ScanOf([]*graph.Node{x}, nil, ops.Loop{Length: length}, func(c, _ []*graph.Node) (next, ys []*graph.Node) {
		y := c[0]
		for range depth {
			y = graph.Apply1(affine{}, y)
		}
		return []*graph.Node{y}, nil
	})
	pool := exec.NewPool(1)
	defer pool.Close()
	m := exec.NewMachine(program(b, function(b, "tiny", []*graph.Node{x}, last[0]), plan.Options{}), pool)
	in := []tensor.Tensor{ramp(16)}
	for b.Loop() {
		if _, err := m.Run(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/length/depth, "ns/step")
}
