package check

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Loss checks a loss by its example: a scalar of the first argument's type;
// gradients of every argument that is no target against finite differences, and
// second ones where the loss has them; the planned program in float32 against
// the definitions in float64; and finite values and gradients at extreme
// arguments.
func Loss(s nn.LossSpec) error {
	if s.Doc == "" {
		return fmt.Errorf("loss %s: no Doc", s.Name)
	}
	l := lossCheck{s}
	if err := errors.Join(l.scalar(), l.slopes(), l.extremes()); err != nil {
		return fmt.Errorf("loss %s: %w", s.Name, err)
	}
	return nil
}

type lossCheck struct{ spec nn.LossSpec }

// lossField is the loss over leaves that are fed drawn arguments.
type lossField struct {
	field
	loss *graph.Node
	wrt  []*graph.Node
}

func (l lossCheck) build(values []tensor.Wide) (*lossField, error) {
	f := &lossField{field: field{g: graph.New(), r: rng.New(1)}}
	for i, a := range l.spec.Args {
		n := f.leaf(values[i])
		if !a.Target {
			f.wrt = append(f.wrt, n)
		}
	}
	f.loss = l.spec.Build(f.leaves)
	return f, f.g.Err()
}

// drawn is an example of each argument.
func (l lossCheck) drawn() []tensor.Wide {
	var values []tensor.Wide
	for i, a := range l.spec.Args {
		r := rng.New(2).At(uint64(i))
		if a.Among == nil {
			values = append(values, rounded(uniform(a.Type, a.Low, a.High, r)))
			continue
		}
		w, draw := tensor.NewWide(a.Type), r.Rand()
		for j := range w.F {
			w.F[j] = a.Among[draw.IntN(len(a.Among))]
		}
		values = append(values, w)
	}
	return values
}

func (l lossCheck) scalar() error {
	f, err := l.build(l.drawn())
	if err != nil {
		return err
	}
	if want := (tensor.Type{DType: l.spec.Args[0].Type.DType}); f.loss.Type() != want {
		return fmt.Errorf("it is %v, want %v", f.loss.Type(), want)
	}
	return nil
}

// slopes compares gradients with finite differences, along a random direction.
func (l lossCheck) slopes() error {
	f, err := l.build(l.drawn())
	if err != nil {
		return err
	}
	if len(f.wrt) == 0 {
		return errors.New("every argument is a target")
	}
	grads := graph.Grad(f.loss, f.wrt...)
	if err := f.along(f.loss, f.wrt, grads); err != nil {
		return fmt.Errorf("gradient: %w", err)
	}
	if l.spec.Kinks {
		return nil
	}
	first := f.weigh(grads)
	if err := f.along(first, f.wrt, graph.Grad(first, f.wrt...)); err != nil {
		return fmt.Errorf("second gradient: %w", err)
	}
	return nil
}

// extremes runs the planned program at drawn arguments, and with the elements of
// each argument in turn at every extreme value.
func (l lossCheck) extremes() error {
	f, err := l.build(l.drawn())
	if err != nil {
		return err
	}
	out := append([]*graph.Node{f.loss}, graph.Grad(f.loss, f.wrt...)...)
	fn, err := graph.NewFunc("loss", f.leaves, out)
	if err != nil {
		return err
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	program, err := exec.Compile(fn, pool, plan.Options{})
	if err != nil {
		return err
	}
	if err := l.run(program, f.feeds, graph.Eval(fn, f.feeds)); err != nil {
		return err
	}
	for i, a := range l.spec.Args {
		values := append(append([]float64{}, a.Extreme...), a.Among...)
		if a.Type.DType.Float() && a.Among == nil {
			values = append(values, a.Low, a.High)
		}
		for from := range values {
			feeds := clone(f.feeds)
			for j := range feeds[i].F {
				feeds[i].F[j] = values[(from+j)%len(values)]
			}
			if err := l.run(program, feeds, nil); err != nil {
				return fmt.Errorf("argument %d beginning with %v: %w", i, values[from], err)
			}
		}
	}
	return nil
}

// run asks for finite results, near want if that is not nil.
func (l lossCheck) run(program *exec.Function, feeds, want []tensor.Wide) error {
	var in []tensor.Tensor
	for _, w := range feeds {
		in = append(in, w.Narrow())
	}
	out, err := program.Call(context.Background(), in...)
	if err != nil {
		return err
	}
	for i, t := range out {
		got := tensor.Widen(t)
		for j, v := range got.F {
			if math.IsNaN(v - v) {
				return fmt.Errorf("result %d has %v at %d", i, v, j)
			}
		}
		if want != nil {
			if at := firstFar(got, want[i], 1e-5); at >= 0 {
				return fmt.Errorf("result %d has %v at %d in float32, %v in float64", i, got.F[at], at, want[i].F[at])
			}
		}
	}
	return nil
}
