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
	shares []share         // likewise
	_      [64]byte
	begun  atomic.Uint32 // phases so far
	_      [60]byte
	closed atomic.Int64 // pieces that are done
	_      [56]byte
	fault  atomic.Pointer[Fault]
}

// share is the pieces meant for one worker that nobody has claimed. Workers get
// the same part of every phase, since what they wrote in the one before is still in
// their caches; who has nothing left takes from the others.
type share struct {
	span atomic.Uint64 // from the piece in the low half to before the one in the high half
	_    [56]byte
}

func (s *share) set(from, to int) { s.span.Store(uint64(from) | uint64(to)<<32) }

// take claims some of the first pieces, or of the last, which is for others: many
// while there are many, so that the last ones are single and all workers end at
// about the same time. There are none if from is to.
func (s *share) take(first bool) (from, to int) {
	for {
		span := s.span.Load()
		from, to = int(uint32(span)), int(span>>32)
		if from >= to {
			return 0, 0
		}
		n := max(1, (to-from)/4)
		rest := uint64(from) | uint64(to-n)<<32
		if first {
			rest = uint64(from+n) | uint64(to)<<32
		}
		if !s.span.CompareAndSwap(span, rest) {
			continue
		}
		if first {
			return from, from + n
		}
		return to - n, to
	}
}

// NewPool starts a pool of threads, the caller of a run among them; 0 means one
// for each core. Close it when no run needs it any more.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = cpu.Cores()
	}
	p := &Pool{}
	p.shares = make([]share, threads)
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
	n := len(p.active()) + 1
	for i := range n {
		p.shares[i].set((ph.Pieces*i+n-1)/n, (ph.Pieces*(i+1)+n-1)/n)
	}
	p.begun.Add(1)
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

// claim computes some pieces, of its own share or of another, if any are left.
func (p *phase) claim(worker int) bool {
	for i := range p.shares {
		k := worker + i
		if k >= len(p.shares) {
			k -= len(p.shares)
		}
		if from, to := p.shares[k].take(i == 0); from < to {
			p.compute(worker, from, to)
			return true
		}
	}
	return false
}

// rouseWork is the work in nanoseconds for which workers that fell asleep
// during a run are woken.
const rouseWork = 100_000

// compute runs the pieces from … to.
func (p *phase) compute(worker, from, to int) {
	defer p.finish(to - from)
	for i := from; i < to; i++ {
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
