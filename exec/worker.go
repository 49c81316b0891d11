package exec

import (
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// patience is how long a worker waits for the next phase before it sleeps.
	// To wake it again takes 10 to 50 µs.
	patience = 200 * time.Microsecond
	// pauses is the length of one wait between two looks, well under a µs.
	pauses = 8
	// spins is how many such waits pass before a thread lets others run.
	spins = 32
)

// worker is one goroutine of a pool.
type worker struct {
	pool   *Pool
	index  int
	asleep atomic.Bool
	wake   chan struct{}
}

// loop computes what it can claim until the pool closes.
func (w *worker) loop() {
	defer w.pool.stopped.Done()
	for !w.pool.closed.Load() {
		if w.idle() {
			w.sleep()
			continue
		}
		begun := w.pool.begun.Load()
		if w.pool.claim(w.index) {
			continue
		}
		if !w.watch(begun) {
			w.sleep()
		}
	}
}

// idle says whether the pool is limited to fewer workers.
func (w *worker) idle() bool { return w.index > len(w.pool.active()) }

// watch waits for a phase after so many and says whether there is one before its
// patience ends.
func (w *worker) watch(begun uint32) bool {
	start := time.Now()
	for i := 1; ; i++ {
		if w.pool.begun.Load() != begun || w.pool.closed.Load() {
			return true
		}
		relax(i)
		if i%32 == 0 && time.Since(start) > patience {
			return false
		}
	}
}

// relax waits a moment; every few times it lets another goroutine run, which
// may be the one that is waited for. After some µs it lets other threads run too:
// where there are fewer cores than threads, the one that is waited for may have to
// have this one's.
func relax(i int) {
	pause(pauses)
	if i%64 == 63 {
		runtime.Gosched()
	}
	if i%spins == spins-1 {
		yield()
	}
}

// sleep blocks until somebody rouses the worker.
func (w *worker) sleep() {
	w.asleep.Store(true)
	if w.pool.closed.Load() && w.asleep.CompareAndSwap(true, false) {
		return
	}
	<-w.wake
}

// rouse wakes the worker if it sleeps. Of several who rouse it, one does.
func (w *worker) rouse() {
	if w.asleep.Load() && w.asleep.CompareAndSwap(true, false) {
		w.wake <- struct{}{}
	}
}
