package data

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// LoaderConfig is how a split becomes batches.
type LoaderConfig struct {
	Batch    int        // examples a batch, at least 1
	Shuffle  bool       // another order each epoch; else the order of the dataset
	Stream   rng.Stream // of order and augmentation
	Input    Input
	Augment  []Augment // in this order, after scaling and before normalisation
	Workers  int       // that decode at a time; the number of processors
	DropLast bool      // leave out the last batch when it is not full
	Prefetch int       // batches prepared ahead; 2
}

// Batch is examples side by side. N is always the loader's batch size: the rows
// from Count on are zeros. The memory is used again for a later batch, so what
// is kept beyond the iteration must be copied.
type Batch struct {
	Image tensor.Tensor // float32 [N H W C], or [N C H W] for NCHW
	Label tensor.Tensor // int32 [N]
	Index []int         // [Count], places in the split
	Count int

	// Fields is the same tensors by name.
	Fields map[string]tensor.Tensor
}

// Loader makes batches of a split. What a batch holds is a function of the
// stream, the epoch and its number alone: not of the number of workers, and not
// of whether the batches before it were made.
type Loader struct {
	ds    Dataset
	split Split
	cfg   LoaderConfig
	times []int // of each augmentation, how often its name came before

	mu   sync.Mutex
	free []*slot
}

// NewLoader checks the settings.
func NewLoader(ds Dataset, split Split, cfg LoaderConfig) (*Loader, error) {
	if cfg.Batch < 1 {
		return nil, fmt.Errorf("data: a batch of %d examples", cfg.Batch)
	}
	if err := cfg.Input.Check(); err != nil {
		return nil, err
	}
	if ds.Len(split) == 0 {
		return nil, fmt.Errorf("data: %s has no examples in %s", ds.Card().Name, split)
	}
	cfg.Workers = max(1, cmp.Or(cfg.Workers, runtime.GOMAXPROCS(0)))
	cfg.Prefetch = max(1, cmp.Or(cfg.Prefetch, 2))
	l := &Loader{ds: ds, split: split, cfg: cfg}
	seen := map[string]int{}
	for _, a := range cfg.Augment {
		l.times = append(l.times, seen[a.Name()])
		seen[a.Name()]++
	}
	return l, nil
}

// Len is the number of batches of an epoch.
func (l *Loader) Len() int {
	n := l.ds.Len(l.split)
	if l.cfg.DropLast {
		return n / l.cfg.Batch
	}
	return (n + l.cfg.Batch - 1) / l.cfg.Batch
}

// Order is the places of the split in the order of that epoch.
func (l *Loader) Order(epoch int) []int {
	n := l.ds.Len(l.split)
	if l.cfg.Shuffle {
		return l.cfg.Stream.Split("shuffle").At(uint64(epoch)).Perm(n)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// Batches gives the batches of an epoch from number fromBatch on, which are the
// same as when all are read. It stops at the first error, which names the
// example; a cancelled ctx is an error too. Batches are decoded ahead by the
// loader's workers, none of which outlives the loop. Several loops may run at a
// time.
func (l *Loader) Batches(ctx context.Context, epoch, fromBatch int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		l.run(ctx, epoch, fromBatch, yield)
	}
}

// fill makes row k of a batch from the example at index.
func (l *Loader) fill(s *slot, k, epoch, index int, p *Pixels) error {
	e, err := l.ds.Example(l.split, index)
	if err != nil {
		return err
	}
	label, err := e.Label()
	if err != nil {
		return err
	}
	t, err := imageOf(e)
	if err != nil {
		return err
	}
	m, err := media.ImageOf(t)
	if err != nil {
		return err
	}
	if m, err = l.cfg.Input.Fit(m); err != nil {
		return err
	}
	n := len(p.V)
	row := s.batch.Image.Floats()[k*n : (k+1)*n]
	l.cfg.Input.scale(p.V, m)
	base := l.cfg.Stream.Split("augment").At(uint64(epoch)).At(uint64(index))
	for i, a := range l.cfg.Augment {
		a.Apply(p, base.Split(a.Name()).At(uint64(l.times[i])))
	}
	l.cfg.Input.normalize(p.V)
	if l.cfg.Input.Layout == "NCHW" {
		planes(row, p.V, l.cfg.Input.Channels)
	} else {
		copy(row, p.V)
	}
	tensor.Of[int32](s.batch.Label)[k] = int32(label)
	return nil
}
