package data

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// LoaderConfig is how a split becomes batches.
type LoaderConfig struct {
	Batch    int        // examples a batch, at least 1
	Shuffle  bool       // another order each epoch; else the order of the dataset
	Stream   rng.Stream // of order and augmentation
	Input    Input
	Output   Output    // which labels, and on which scale
	Augment  []Augment // of images, in this order, after scaling and before normalisation
	Mix      Mix       // of the images of a batch with one another
	Workers  int       // that decode at a time; the number of processors
	DropLast bool      // leave out the last batch when it is not full
	Prefetch int       // batches prepared ahead; 2
}

// Batch is examples side by side. N is always the loader's batch size: the rows
// from Count on are zeros. The memory is used again for a later batch, so what
// is kept beyond the iteration must be copied.
type Batch struct {
	Input tensor.Tensor // [N …] of the type of LoaderConfig.Input
	Label tensor.Tensor // [N …] of the type of LoaderConfig.Output
	Index []int         // [Count], places in the split
	Count int

	// Fields is the same tensors by name: that of [Input.Field] and of
	// [Output.Field], and of mixtures [FieldOther] and [FieldShare].
	Fields map[string]tensor.Tensor
}

// Loader makes batches of a split. What a batch holds is a function of the
// stream, the epoch and its number alone: not of the number of workers, and not
// of whether the batches before it were made.
type Loader struct {
	ds    Dataset
	split Split
	cfg   LoaderConfig
	input func() fill // makes one for each worker

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
	if err := cfg.Output.Check(); err != nil {
		return nil, err
	}
	if err := cfg.Mix.Check(cfg.Input, cfg.Output); err != nil {
		return nil, err
	}
	if ds.Len(split) == 0 {
		return nil, fmt.Errorf("data: %s has no examples in %s", ds.Card().Name, split)
	}
	cfg.Workers = max(1, cmp.Or(cfg.Workers, runtime.GOMAXPROCS(0)))
	cfg.Prefetch = max(1, cmp.Or(cfg.Prefetch, 2))
	kind, err := cfg.Input.kind()
	if err != nil {
		return nil, err
	}
	l := &Loader{ds: ds, split: split, cfg: cfg}
	if l.input, err = kind.filler(cfg.Input, ds, cfg.Augment); err != nil {
		return nil, err
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

// filler is one worker's way to make rows, and the memory that it needs for each.
type filler struct {
	*Loader
	input fill
	e     Example
	rand  rng.Generator
}

func (l *Loader) filler() *filler { return &filler{Loader: l, input: l.input(), e: Example{}} }

// example makes f.e the example at index, or where an epoch's are drawn, one of them.
func (f *filler) example(index int, draw rng.Stream) error {
	clear(f.e)
	if d, ok := f.ds.(Drawn); ok && f.cfg.Shuffle {
		return d.Draw(f.e, f.split, f.rand.At(draw.Split("example")))
	}
	return f.ds.Put(f.e, f.split, index)
}

// fill makes row k of a batch from the example at index.
func (f *filler) fill(s *slot, k, epoch, index int) error {
	draw := f.cfg.Stream.Split("augment").At(uint64(epoch)).At(uint64(index))
	if err := f.example(index, draw); err != nil {
		return err
	}
	if err := f.input(s.input[k], f.e, draw); err != nil {
		return err
	}
	return f.cfg.Output.fill(s.label[k], f.e)
}
