package exec_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// affine is 3·x + 1, cut into pieces of 64 elements.
type affine struct{}

func (affine) Name() string { return "affine" }

func (affine) Infer(in []tensor.Type) ([]tensor.Type, error) { return in, nil }

func (affine) Ref(out, in []tensor.Wide) {
	for i, x := range in[0].F {
		out[0].F[i] = 3*x + 1
	}
}

func (affine) InPlace() [][2]int { return [][2]int{{0, 0}} }

func (affine) Kernel(in, _ []tensor.Type) *kernel.Code {
	n := in[0].Shape.Size()
	return &kernel.Code{Local: 64, Phases: []kernel.Phase{{
		Pieces: (n + 63) / 64,
		Work:   n * 1000, // as if it were worth sharing
		Run: func(a *kernel.Args, piece int, local kernel.Memory) {
			local[0]++ // the race detector sees workers that share scratch
			x, y := a.In[0].F32(), a.Out[0].F32()
			for i := piece * 64; i < min(n, piece*64+64); i++ {
				y[i] = 3*x[i] + 1
			}
		},
	}}}
}

// faulty panics in one of its pieces.
type faulty struct{ affine }

func (faulty) Name() string { return "faulty" }

func (f faulty) Kernel(in, out []tensor.Type) *kernel.Code {
	c := f.affine.Kernel(in, out)
	run := c.Phases[0].Run
	c.Phases[0].Run = func(a *kernel.Args, piece int, local kernel.Memory) {
		if piece == 3 {
			panic("a planted fault")
		}
		run(a, piece, local)
	}
	return c
}

// chain is depth affine operations on n elements.
func chain(t testing.TB, n, depth int) *graph.Func {
	t.Helper()
	g := graph.New()
	x := g.Leaf("x", tensor.F32(n))
	y := x
	for range depth {
		y = graph.Apply1(affine{}, y)
	}
	return function(t, "chain", []*graph.Node{x}, y)
}

func function(t testing.TB, name string, in []*graph.Node, out ...*graph.Node) *graph.Func {
	t.Helper()
	f, err := graph.NewFunc(name, in, out)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func program(t testing.TB, f *graph.Func, o plan.Options) *plan.Program {
	t.Helper()
	p, err := plan.Compile(f, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ramp(n int) tensor.Tensor {
	x := tensor.New(tensor.F32(n))
	for i := range x.Floats() {
		x.Floats()[i] = float32(i%100) / 8
	}
	return x
}

// after is ramp after depth affine operations.
func after(n, depth int) []float32 {
	y := ramp(n).Floats()
	for range depth {
		for i, v := range y {
			y[i] = 3*v + 1
		}
	}
	return y
}

func same(a, b []float32) error {
	for i := range b {
		if a[i] != b[i] {
			return fmt.Errorf("[%d] = %v, want %v", i, a[i], b[i])
		}
	}
	return nil
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2, 3} {
		pool := exec.NewPool(threads)
		defer pool.Close()
		m := exec.NewMachine(program(t, chain(t, 1000, 20), plan.Options{Donate: [][2]int{{0, 0}}}), pool)
		in := []tensor.Tensor{ramp(1000)}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		if n := testing.AllocsPerRun(50, func() {
			if _, err := m.Run(ctx, in); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%d threads: %v allocations a run", threads, n)
		}
	}
}

func TestInputsNeedNoAlignment(t *testing.T) {
	pool := exec.NewPool(2)
	defer pool.Close()
	for _, o := range []plan.Options{{}, {Donate: [][2]int{{0, 0}}}} {
		mem := tensor.New(tensor.F32(1001)).Floats()[1:]
		copy(mem, ramp(1000).Floats())
		in := tensor.From(tensor.Dims(1000), mem)
		out, err := exec.NewMachine(program(t, chain(t, 1000, 3), o), pool).Run(t.Context(), []tensor.Tensor{in})
		if err != nil {
			t.Fatal(err)
		}
		if err := same(out[0].Floats(), after(1000, 3)); err != nil {
			t.Error(err)
		}
		if donated := &out[0].Floats()[0] == &mem[0]; donated != (o.Donate != nil) {
			t.Errorf("%+v: the result lies in the input: %v", o, donated)
		}
	}
}

func TestAKernelsPanicIsAnError(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		pool := exec.NewPool(threads)
		defer pool.Close()
		g := graph.New()
		x := g.Leaf("x", tensor.F32(1000))
		f := function(t, "broken", []*graph.Node{x}, graph.Apply1(faulty{}, graph.Apply1(affine{}, x)).Named("layer.7"))
		m := exec.NewMachine(program(t, f, plan.Options{}), pool)
		for range 3 {
			_, err := m.Run(t.Context(), []tensor.Tensor{ramp(1000)})
			var fault *exec.Fault
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), "step 1 of broken, [faulty] layer.7 panicked: a planted fault") {
				t.Fatalf("%d threads: error = %v", threads, err)
			}
		}
		good := exec.NewMachine(program(t, chain(t, 1000, 2), plan.Options{}), pool)
		out, err := good.Run(t.Context(), []tensor.Tensor{ramp(1000)})
		if err != nil {
			t.Fatal(err)
		}
		if err := same(out[0].Floats(), after(1000, 2)); err != nil {
			t.Errorf("after a panic: %v", err)
		}
	}
}

func TestMistakesOfTheCaller(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	m := exec.NewMachine(program(t, chain(t, 4, 1), plan.Options{}), pool)
	for want, in := range map[string][]tensor.Tensor{
		"chain takes 1 inputs, got 0":                         nil,
		`input 0 "x" of chain is float32[5], want float32[4]`: {ramp(5)},
		`input 0 "x" of chain is float64[4], want float32[4]`: {tensor.New(tensor.Type{DType: tensor.Float64, Shape: tensor.Dims(4)})},
		`input 0 "x" of chain is none[], want float32[4]`:     {{}},
		"chain takes 1 inputs, got 2":                         {ramp(4), ramp(4)},
	} {
		if _, err := m.Run(t.Context(), in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	stop(why)
	if _, err := m.Run(ctx, []tensor.Tensor{ramp(4)}); !errors.Is(err, why) {
		t.Errorf("error = %v, want %v", err, why)
	}
}

func TestManyCallersOfOneFunction(t *testing.T) {
	pool := exec.NewPool(3)
	defer pool.Close()
	fn, err := exec.Compile(chain(t, 700, 6), pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := after(700, 6)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var last []float32
			for range 40 {
				out, err := fn.Call(t.Context(), ramp(700))
				if err != nil {
					t.Error(err)
					return
				}
				if last != nil {
					if err := same(last, want); err != nil {
						t.Errorf("an earlier result changed: %v", err)
					}
				}
				last = out[0].Floats()
				if err := same(last, want); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAClosedPoolStillComputes(t *testing.T) {
	pool := exec.NewPool(4)
	m := exec.NewMachine(program(t, chain(t, 700, 6), plan.Options{}), pool)
	pool.Close()
	out, err := m.Run(t.Context(), []tensor.Tensor{ramp(700)})
	if err != nil {
		t.Fatal(err)
	}
	if err := same(out[0].Floats(), after(700, 6)); err != nil {
		t.Error(err)
	}
}

func TestProfileCountsEveryStep(t *testing.T) {
	pool := exec.NewPool(2)
	defer pool.Close()
	m := exec.NewMachine(program(t, chain(t, 100, 3), plan.Options{}), pool)
	m.Count()
	for range 5 {
		if _, err := m.Run(t.Context(), []tensor.Tensor{ramp(100)}); err != nil {
			t.Fatal(err)
		}
	}
	p := m.Profile()
	if len(p.Steps) != 3 || p.Total() <= 0 {
		t.Errorf("%d steps, %v", len(p.Steps), p.Total())
	}
	for _, s := range p.Steps {
		if s.Calls != 5 || s.Time <= 0 || s.Ops != "affine" || s.FLOPs != 100 || s.Bytes != 800 {
			t.Errorf("%+v", s)
		}
	}
	var text bytes.Buffer
	if err := p.Dump(&text); err != nil || strings.Count(text.String(), "\n") != 5 {
		t.Errorf("%v\n%s", err, &text)
	}
}
