package exec

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/ihae/ihae/internal/cpu"
	"github.com/ihae/ihae/kernel"
)

// Pool is the workers that runs share. A run has the workers to itself; runs
// that start meanwhile use the goroutine of their caller alone, so that callers
// never wait for one another and no more goroutines compute than there are
// threads and callers. Workers wake when a run begins, wait in a loop between
// its phases, and sleep when there is nothing to do.
type Pool struct {
	workers []*worker
	held    atomic.Bool // by a run
	closed  atomic.Bool
	idle    atomic.Int64 // how many of the last workers take no part
	stopped sync.WaitGroup
	phase   // the phase that is computed now
}

// phase is the pieces of one kernel.Phase in work. Its plain fields are written
// while no piece is open, so whoever has claimed a piece may read them.
type phase struct {
	of     *kernel.Phase
	args   *kernel.Args
	locals []kernel.Memory // scratch by worker, the caller's first
	_      [64]byte
	open   atomic.Int64 // pieces that nobody has claimed
	_      [56]byte
	closed atomic.Int64 // pieces that are done
	_      [56]byte
	fault  atomic.Pointer[Fault]
}

// NewPool starts a pool of threads, the caller of a run among them; 0 means one
// for each core. Close it when no run needs it any more.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = cpu.Cores()
	}
	p := &Pool{}
	for i := range threads - 1 {
		w := &worker{pool: p, index: i + 1, wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
	}
	for _, w := range p.workers { // they look at one another
		p.stopped.Add(1)
		go w.loop()
	}
	return p
}

// Threads is how many threads a run may use.
func (p *Pool) Threads() int { return len(p.workers) + 1 }

// Limit has at most threads of the pool's threads compute from now on, so that
// programs side by side do not wait for each other's cores. It changes no result
// and may be called at any time.
func (p *Pool) Limit(threads int) {
	p.idle.Store(int64(min(max(0, p.Threads()-threads), len(p.workers))))
}

// active is the workers that take part.
func (p *Pool) active() []*worker { return p.workers[:len(p.workers)-int(p.idle.Load())] }

// Close ends the workers and waits for them. Runs that use the pool afterwards
// compute in the caller's goroutine.
func (p *Pool) Close() {
	p.closed.Store(true)
	for _, w := range p.workers {
		w.rouse()
	}
	p.stopped.Wait()
}

// hold takes the workers for a run if nobody has them.
func (p *Pool) hold() bool {
	return len(p.workers) > 0 && !p.closed.Load() && p.held.CompareAndSwap(false, true)
}

func (p *Pool) release() { p.held.Store(false) }

// rouse wakes the workers that sleep.
func (p *Pool) rouse() {
	for _, w := range p.active() {
		w.rouse()
	}
}

// run computes ph on all workers and returns when all its pieces are done. The
// caller holds the pool.
func (p *Pool) run(ph *kernel.Phase, a *kernel.Args, locals []kernel.Memory) *Fault {
	p.of, p.args, p.locals = ph, a, locals
	if ph.Work >= rouseWork {
		p.rouse()
	}
	p.phase.closed.Store(0)
	p.open.Store(int64(ph.Pieces))
	for p.claim(0) {
	}
	for i := 0; p.phase.closed.Load() < int64(ph.Pieces); i++ {
		relax(i)
	}
	if p.fault.Load() == nil {
		return nil
	}
	return p.fault.Swap(nil)
}

// claim computes some pieces if any are open. The first claims are large, the
// last ones single pieces, so that all workers end at about the same time.
func (p *phase) claim(worker int) bool {
	for {
		open := p.open.Load()
		if open <= 0 {
			return false
		}
		n := max(1, open/chunk)
		if p.open.CompareAndSwap(open, open-n) {
			p.compute(worker, int(open), int(n))
			return true
		}
	}
}

// rouseWork is the work in nanoseconds for which workers that fell asleep
// during a run are woken.
const rouseWork = 100_000

// chunk is how many claims there are at least while many pieces are open.
const chunk = 8

// compute runs the n pieces that begin where open pieces were left.
func (p *phase) compute(worker, open, n int) {
	defer p.finish(n)
	first := p.of.Pieces - open
	for i := first; i < first+n; i++ {
		p.of.Run(p.args, i, p.locals[worker])
	}
}

// finish counts pieces as done, whether they ended or panicked.
func (p *phase) finish(n int) {
	if r := recover(); r != nil {
		p.fault.CompareAndSwap(nil, newFault(r))
	}
	p.closed.Add(int64(n))
}

// Fault is a panic of a kernel: a mistake in its source, reported as an error so
// that one run fails and not the process.
type Fault struct {
	Step  string // the instruction
	Value any    // what the kernel panicked with
	Stack string
}

func newFault(value any) *Fault { return &Fault{Value: value, Stack: string(debug.Stack())} }

func (f *Fault) Error() string {
	return fmt.Sprintf("exec: %s panicked: %v\n%s", f.Step, f.Value, f.Stack)
}
