package data

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// decodeAll decodes every file once, so that bad ones are known before training
// begins, and keeps the images as far as the cache goes. It leaves out bad files
// if that is allowed and puts the common shape on the card.
func (d *folders) decodeAll(ctx context.Context) error {
	var all []*item
	for _, s := range Splits {
		for i := range d.items[s] {
			all = append(all, &d.items[s][i])
		}
	}
	shapes, bad := make([]tensor.Shape, len(all)), make([]error, len(all))
	room := cmp.Or(d.src.Cache, maxCache)
	var kept atomic.Int64
	err := parallel(ctx, d.src.Workers, len(all), func(i int) {
		var m media.Image
		if m, bad[i] = d.decode(all[i].file); bad[i] != nil {
			return
		}
		shapes[i] = tensor.Dims(m.H, m.W, m.C)
		all[i].shape = shapes[i]
		if n := int64(len(m.Pix)); kept.Add(n) <= room {
			all[i].image = m
		} else {
			kept.Add(-n)
		}
	})
	if err != nil {
		return err
	}
	d.card.Shape = tensor.Shape{}
	wrong := map[string]bool{}
	for i, it := range all {
		if bad[i] != nil {
			d.bad = append(d.bad, BadFile{it.file, bad[i]})
			wrong[it.file] = true
		}
	}
	slices.SortFunc(d.bad, func(a, b BadFile) int { return cmp.Compare(a.Path, b.Path) })
	if err := d.src.OnBadFile.allow(d.bad, len(all)); err != nil {
		return err
	}
	shapes = slices.DeleteFunc(shapes, func(s tensor.Shape) bool { return s.Rank() == 0 })
	if len(slices.Compact(shapes)) == 1 {
		d.card.Shape = shapes[0]
	}
	for s := range d.items {
		d.items[s] = slices.DeleteFunc(d.items[s], func(it item) bool { return wrong[it.file] })
	}
	return nil
}

// parallel calls f for 0 to n-1 on that many goroutines (0: the number of
// processors) and returns when all have ended; a cancelled ctx ends it early.
func parallel(ctx context.Context, workers, n int, f func(i int)) error {
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(n, cmp.Or(max(0, workers), runtime.GOMAXPROCS(0))) {
		running.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	running.Wait()
	return ctx.Err()
}
