package data

import (
	"context"
	"fmt"
	"sync"

	"github.com/ihae/ihae/tensor"
)

// slot is the memory of one batch and the state of filling it.
type slot struct {
	batch   Batch
	input   []tensor.Tensor // views of the rows of the batch
	label   []tensor.Tensor
	number  int            // of the batch in its epoch
	mixer   *mixer         // nil if nothing is mixed
	pending sync.WaitGroup // rows not yet made

	mu  sync.Mutex
	row int // of err, the first that failed
	err error
}

// fail keeps the error of the first row, whichever worker comes first.
func (s *slot) fail(row int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil || row < s.row {
		s.row, s.err = row, err
	}
}

// job is one row to make.
type job struct {
	slot *slot
	row  int
}

// run is the pipeline of one loop: a producer cuts the order into batches,
// workers fill their rows, and this goroutine yields them in order.
func (l *Loader) run(ctx context.Context, epoch, from int, yield func(Batch, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	slots := l.take(l.cfg.Prefetch + 1)
	defer func() {
		cancel()
		running.Wait() // workers write into the slots until then
		l.give(slots)
	}()
	free := make(chan *slot, len(slots))
	for _, s := range slots {
		free <- s
	}
	ready, jobs := make(chan *slot, len(slots)), make(chan job)
	for range l.cfg.Workers {
		running.Go(func() { l.work(ctx, epoch, jobs) })
	}
	running.Go(func() { l.produce(ctx, epoch, max(from, 0), free, ready, jobs) })
	for s := range ready {
		s.pending.Wait()
		if s.err != nil {
			yield(Batch{}, s.err)
			return
		}
		if err := ctx.Err(); err != nil {
			yield(Batch{}, err)
			return
		}
		if s.mixer != nil {
			draw := l.cfg.Stream.Split("mix").At(uint64(epoch)).At(uint64(s.number))
			s.mixer.apply(&s.batch, l.cfg.Mix, l.cfg.Input, draw)
		}
		if !yield(s.batch, nil) {
			return
		}
		free <- s
	}
	if err := ctx.Err(); err != nil {
		yield(Batch{}, err)
	}
}

// produce hands out the rows of each batch. When ctx ends, rows not handed out
// count as made, so that nobody waits for them.
func (l *Loader) produce(ctx context.Context, epoch, from int, free <-chan *slot, ready chan<- *slot, jobs chan<- job) {
	defer close(ready)
	defer close(jobs)
	order := l.Order(epoch)
	for b := from; b < l.Len(); b++ {
		var s *slot
		select {
		case s = <-free:
		case <-ctx.Done():
			return
		}
		index := order[b*l.cfg.Batch : min((b+1)*l.cfg.Batch, len(order))]
		s.number = b
		s.prepare(index)
		ready <- s
		for k := range index {
			select {
			case jobs <- job{s, k}:
			case <-ctx.Done():
				s.fail(k, ctx.Err())
				s.pending.Add(k - len(index))
				return
			}
		}
	}
}

func (l *Loader) work(ctx context.Context, epoch int, jobs <-chan job) {
	f := l.filler()
	for j := range jobs {
		err := ctx.Err()
		if err == nil {
			index := j.slot.batch.Index[j.row]
			if err = f.fill(j.slot, j.row, epoch, index); err != nil {
				err = fmt.Errorf("%s: %w", l.ds.ID(l.split, index), err)
			}
		}
		if err != nil {
			j.slot.fail(j.row, err)
		}
		j.slot.pending.Done()
	}
}

// prepare makes the slot ready for the examples at those places.
func (s *slot) prepare(index []int) {
	s.batch.Index = append(s.batch.Index[:0], index...)
	s.batch.Count, s.err = len(index), nil
	s.pending.Add(len(index))
	for k := len(index); k < len(s.input); k++ {
		clear(s.input[k].Bytes())
		clear(s.label[k].Bytes())
	}
}

// take finds memory for n batches, used before if there is some.
func (l *Loader) take(n int) []*slot {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := min(n, len(l.free))
	out := append([]*slot(nil), l.free[len(l.free)-k:]...)
	l.free = l.free[:len(l.free)-k]
	for len(out) < n {
		out = append(out, l.newSlot())
	}
	return out
}

func (l *Loader) give(s []*slot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, s...)
}

func (l *Loader) newSlot() *slot {
	in := l.cfg.Input.Type()
	s := &slot{}
	s.batch.Input, s.input = rows(l.cfg.Batch, in)
	s.batch.Label, s.label = rows(l.cfg.Batch, l.cfg.Output.Label(in))
	s.batch.Fields = map[string]tensor.Tensor{
		l.cfg.Input.Field(): s.batch.Input, l.cfg.Output.Field(): s.batch.Label,
	}
	if l.cfg.Mix.On() {
		s.mixer = newMixer(&s.batch)
	}
	return s
}

// rows is a tensor of n of type t, and views of each.
func rows(n int, t tensor.Type) (tensor.Tensor, []tensor.Tensor) {
	dims := append([]int{n}, t.Shape.Dims()...)
	all := tensor.New(tensor.Type{DType: t.DType, Shape: tensor.Dims(dims...)})
	views, b := make([]tensor.Tensor, n), all.Bytes()
	for i := range views {
		v, err := tensor.View(t, b[i*len(b)/n:(i+1)*len(b)/n])
		if err != nil {
			panic(err) // a row of an array is as large as its type
		}
		views[i] = v
	}
	return all, views
}
