package data_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// numbered is n images of 6x5 whose samples all differ from image to image;
// labels count modulo classes.
func numbered(t testing.TB, parts map[data.Split]int, classes int) *data.Packed {
	t.Helper()
	card := data.Card{Name: "numbered", Classes: make([]string, classes)}
	all := map[data.Split]data.Part{}
	first := 0
	for _, s := range data.Splits {
		n := parts[s]
		if n == 0 {
			continue
		}
		p := data.Part{Images: tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(n, 6, 5, 3)}), Labels: make([]int32, n)}
		for i := range n {
			pix := p.Images.Bytes()[i*90 : (i+1)*90]
			for k := range pix {
				pix[k] = byte((first + i) * (k + 1))
			}
			pix[0], pix[1] = byte(first+i), byte((first+i)>>8)
			p.Labels[i] = int32(i % classes)
		}
		all[s], first = p, first+n
	}
	ds, err := data.NewPacked(card, all)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

var input = data.Input{Width: 4, Height: 4, Channels: 3, Mean: []float64{0.5}, Deviation: []float64{0.25}}

func config(batch, workers int) data.LoaderConfig {
	return data.LoaderConfig{
		Batch: batch, Shuffle: true, Stream: rng.New(5), Input: input, Workers: workers,
		Augment: []data.Augment{data.Flip{}, data.Crop{Pad: 1}, data.Affine{Rotate: 10, Shift: 1, Scale: 0.1}, data.Light{Brightness: 0.1, Contrast: 0.2}, data.Cutout{Size: 2}},
	}
}

// batches is copies of all that a loader gives.
func batches(t testing.TB, ds data.Dataset, cfg data.LoaderConfig, epoch, from int) (out []data.Batch) {
	t.Helper()
	l, err := data.NewLoader(ds, data.Train, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range l.Batches(t.Context(), epoch, from) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data.Batch{Input: b.Input.Clone(), Label: b.Label.Clone(), Index: slices.Clone(b.Index), Count: b.Count})
	}
	return out
}

func equal(a, b data.Batch) bool {
	return a.Count == b.Count && slices.Equal(a.Index, b.Index) && slices.Equal(a.Input.Bytes(), b.Input.Bytes()) && slices.Equal(a.Label.Bytes(), b.Label.Bytes())
}

// TestBatchesDependOnSeedEpochAndNumberOnly: not on workers, nor on where
// reading began.
func TestBatchesDependOnSeedEpochAndNumberOnly(t *testing.T) {
	ds := numbered(t, map[data.Split]int{data.Train: 103}, 4)
	whole := batches(t, ds, config(10, 1), 3, 0)
	if len(whole) != 11 || whole[10].Count != 3 {
		t.Fatalf("%d batches", len(whole))
	}
	for _, workers := range []int{1, 2, 3, 8} {
		for _, from := range []int{0, 1, 7, 10, 11, 50} {
			rest := batches(t, ds, config(10, workers), 3, from)
			if !slices.EqualFunc(rest, whole[min(from, 11):], equal) {
				t.Errorf("%d workers from batch %d give another rest", workers, from)
			}
		}
	}
	if slices.EqualFunc(batches(t, ds, config(10, 2), 4, 0), whole, equal) {
		t.Error("two epochs are the same")
	}
}

// TestAnExampleIsDrawnAnewEachEpoch, its place in the order and its changes,
// and the changes depend on the example, not on its row.
func TestAnExampleIsDrawnAnewEachEpoch(t *testing.T) {
	ds := numbered(t, map[data.Split]int{data.Train: 24}, 4)
	l, err := data.NewLoader(ds, data.Train, config(4, 2))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(l.Order(0), l.Order(1)) {
		t.Error("two epochs have one order")
	}
	pixels := func(batch, epoch int) (out []float32) {
		cfg := config(batch, 2)
		cfg.Shuffle = false
		for _, b := range batches(t, ds, cfg, epoch, 0) {
			out = append(out, b.Input.Floats()[:b.Count*48]...)
		}
		return out
	}
	if slices.Equal(pixels(4, 0), pixels(4, 1)) {
		t.Error("two epochs change the examples alike")
	}
	if !slices.Equal(pixels(4, 0), pixels(7, 0)) {
		t.Error("the changes depend on the size of the batch")
	}
}

// stuck is a dataset whose examples come only when ctx is done.
type stuck struct {
	*data.Packed
	ctx     context.Context
	started chan struct{}
}

func (s stuck) Put(e data.Example, split data.Split, i int) error {
	s.started <- struct{}{}
	<-s.ctx.Done()
	return s.Packed.Put(e, split, i)
}

// TestCancelInsideABatch ends the loop although rows of the batch were never
// handed out.
func TestCancelInsideABatch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ds := stuck{numbered(t, map[data.Split]int{data.Train: 16}, 2), ctx, make(chan struct{}, 16)}
	l, err := data.NewLoader(ds, data.Train, config(8, 1))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		for _, err := range l.Batches(ctx, 0, 0) {
			ended <- err
		}
	}()
	<-ds.started
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the loop does not end")
	}
}

// TestEveryExampleComesOnce in an epoch, whatever the sizes.
func TestEveryExampleComesOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, batch := rapid.IntRange(1, 40).Draw(r, "n"), rapid.IntRange(1, 12).Draw(r, "batch")
		cfg := config(batch, rapid.IntRange(1, 3).Draw(r, "workers"))
		cfg.DropLast = rapid.Bool().Draw(r, "drop")
		cfg.Augment = nil
		ds := numbered(t, map[data.Split]int{data.Train: n}, 3)
		seen := make([]int, n)
		for _, b := range batches(t, ds, cfg, 0, 0) {
			for k, i := range b.Index {
				seen[i]++
				if l := tensor.Of[int32](b.Label)[k]; int(l) != i%3 {
					r.Fatalf("example %d has label %d", i, l)
				}
			}
			for _, v := range b.Input.Floats()[b.Count*48:] {
				if v != 0 {
					r.Fatal("rows beyond the count are not zero")
				}
			}
		}
		total := 0
		for _, c := range seen {
			total += c
			if c > 1 {
				r.Fatal("an example comes twice")
			}
		}
		if want := n / batch * batch; total != n && (!cfg.DropLast || total != want) {
			r.Fatalf("%d of %d examples", total, n)
		}
	})
}

// slow is a dataset that decodes nothing until it is told.
type slow struct {
	*data.Packed
	bad int
}

func (s slow) Put(e data.Example, split data.Split, i int) error {
	if i == s.bad {
		return errors.New("cut after 17 bytes")
	}
	return s.Packed.Put(e, split, i)
}

// goroutines waits for what is ending and counts.
func goroutines(want int) int {
	n := runtime.NumGoroutine()
	for i := 0; i < 100 && n > want; i++ {
		time.Sleep(5 * time.Millisecond)
		n = runtime.NumGoroutine()
	}
	return n
}

// TestNoGoroutineOutlivesTheLoop: at its end, after break, cancel, and error.
func TestNoGoroutineOutlivesTheLoop(t *testing.T) {
	ds := slow{numbered(t, map[data.Split]int{data.Train: 200}, 2), 150}
	before := runtime.NumGoroutine()
	for name, stop := range map[string]func(cancel func()) bool{
		"break":  func(func()) bool { return false },
		"cancel": func(cancel func()) bool { cancel(); return true },
		"error":  func(func()) bool { return true },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(8, 4)
			cfg.Shuffle = false
			l, err := data.NewLoader(ds, data.Train, cfg)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var last error
			n := 0
			for _, err := range l.Batches(ctx, 0, 0) {
				last = err
				if n++; err == nil && !stop(cancel) {
					break
				}
			}
			switch name {
			case "cancel":
				if !errors.Is(last, context.Canceled) {
					t.Errorf("error = %v", last)
				}
			case "error":
				if last == nil || !strings.Contains(last.Error(), "train/150: cut after 17 bytes") || n != 19 {
					t.Errorf("error = %v after %d batches", last, n)
				}
			}
			if n := goroutines(before + 1); n > before+1 { // one is this subtest
				t.Errorf("%d goroutines, %d before", n, before)
			}
		})
	}
}

// TestMemoryIsUsedAgain: an epoch after the first allocates no batches.
func TestMemoryIsUsedAgain(t *testing.T) {
	ds := numbered(t, map[data.Split]int{data.Train: 64}, 2)
	cfg := config(8, 2)
	cfg.Input.Width, cfg.Input.Height = 64, 64
	l, err := data.NewLoader(ds, data.Train, cfg)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[*float32]bool{}
	for epoch := range 3 {
		for b, err := range l.Batches(t.Context(), epoch, 0) {
			if err != nil {
				t.Fatal(err)
			}
			seen[&b.Input.Floats()[0]] = true
		}
	}
	if len(seen) > 3 {
		t.Errorf("%d batches in memory", len(seen))
	}
}

// TestLoaderRefusesWhatHasNoMeaning before any work.
func TestLoaderRefusesWhatHasNoMeaning(t *testing.T) {
	ds := numbered(t, map[data.Split]int{data.Train: 4}, 2)
	for name, c := range map[string]struct {
		split data.Split
		cfg   data.LoaderConfig
	}{
		"batch 0":  {data.Train, data.LoaderConfig{Input: input}},
		"no split": {data.Test, data.LoaderConfig{Batch: 1, Input: input}},
		"no input": {data.Train, data.LoaderConfig{Batch: 1}},
	} {
		if _, err := data.NewLoader(ds, c.split, c.cfg); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func ExampleLoader_Batches() {
	ds, err := data.NewPacked(data.Card{Name: "squares", Classes: []string{"dark", "light"}}, map[data.Split]data.Part{
		data.Train: {Images: tensor.From(tensor.Dims(3, 1, 1), []uint8{0, 51, 255}), Labels: []int32{0, 0, 1}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := data.NewLoader(ds, data.Train, data.LoaderConfig{Batch: 2, Input: data.Input{Width: 1, Height: 1, Channels: 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for b, err := range l.Batches(context.Background(), 0, 0) {
		fmt.Println(b.Input.Floats(), tensor.Of[int32](b.Label), b.Count, err)
	}
	// Output:
	// [0 0.2] [0 0] 2 <nil>
	// [1 0] [1 0] 1 <nil>
}
