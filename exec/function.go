package exec

import (
	"context"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// Function is a program that any number of goroutines may call.
type Function struct {
	program *plan.Program
	pool    *Pool
	idle    chan *Machine // machines that nobody uses now
}

// Compile plans f and makes it callable on pool.
func Compile(f *graph.Func, pool *Pool, o plan.Options) (*Function, error) {
	p, err := plan.Compile(f, o)
	if err != nil {
		return nil, err
	}
	return NewFunction(p, pool), nil
}

// NewFunction makes p callable on pool. It keeps memory for as many callers at
// a time as the pool has threads; what more callers need is given back.
func NewFunction(p *plan.Program, pool *Pool) *Function {
	return &Function{program: p, pool: pool, idle: make(chan *Machine, pool.Threads())}
}

// Program is what the function runs.
func (f *Function) Program() *plan.Program { return f.program }

// Call computes the outputs of f. They are the caller's own; a donated output
// is the memory of the input given for it.
func (f *Function) Call(ctx context.Context, in ...tensor.Tensor) ([]tensor.Tensor, error) {
	m := f.take()
	defer f.put(m)
	views, err := m.Run(ctx, in)
	if err != nil {
		return nil, err
	}
	out := make([]tensor.Tensor, len(views))
	for i, v := range views {
		if f.program.Out[i].Place.Space == plan.Fed {
			out[i] = v
		} else {
			out[i] = v.Clone()
		}
	}
	return out, nil
}

func (f *Function) take() *Machine {
	select {
	case m := <-f.idle:
		return m
	default:
		return NewMachine(f.program, f.pool)
	}
}

func (f *Function) put(m *Machine) {
	m.unbind()
	select {
	case f.idle <- m:
	default:
	}
}
