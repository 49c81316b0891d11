package data

import (
	"sync"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// fitted is a dataset of images that are of an input's size already.
type fitted struct {
	Dataset
	in   Input
	room int64 // bytes that may still be kept

	mu   sync.Mutex
	kept map[Ref]media.Image
}

// Fitted is ds with its images brought to the size and channels of in, each once
// as far as about 1 GB goes: photographs of a camera need not be decoded again
// in each epoch. A network is fed the same, since to fit twice changes nothing.
func Fitted(ds Dataset, in Input) Dataset {
	return &fitted{Dataset: ds, in: in, room: 1 << 30, kept: map[Ref]media.Image{}}
}

// Card implements [Dataset]: the images' shape is the input's.
func (f *fitted) Card() Card {
	c := f.Dataset.Card()
	c.Shape = tensor.Dims(f.in.Height, f.in.Width, f.in.Channels)
	return c
}

// Example implements [Dataset].
func (f *fitted) Example(s Split, i int) (Example, error) {
	at := Ref{s, i}
	f.mu.Lock()
	m, ok := f.kept[at]
	f.mu.Unlock()
	if !ok {
		var err error
		if m, err = imageAt(f.Dataset, s, i); err != nil {
			return nil, err
		}
		if m, err = f.in.Fit(m); err != nil {
			return nil, err
		}
		f.keep(at, m)
	}
	label, err := Label(f.Dataset, s, i)
	if err != nil {
		return nil, err
	}
	return Example{FieldImage: m.Tensor(), FieldLabel: tensor.Scalar(int32(label))}, nil
}

func (f *fitted) keep(at Ref, m media.Image) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := int64(len(m.Pix)); n <= f.room {
		if _, there := f.kept[at]; !there {
			f.kept[at], f.room = m, f.room-n
		}
	}
}

// Label implements [Labeled].
func (f *fitted) Label(s Split, i int) (int, error) { return Label(f.Dataset, s, i) }

// Bad is the files that were left out.
func (f *fitted) Bad() []BadFile { return badFiles(f.Dataset) }
