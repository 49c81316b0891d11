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
	kept map[Ref]*labeledImage
}

type labeledImage struct {
	image media.Image
	label [1]int32
}

// Fitted is ds with its images brought to the size and channels of in, each once
// as far as about 1 GB goes: photographs of a camera need not be decoded again
// in each epoch. A network is fed the same, since to fit twice changes nothing.
func Fitted(ds Dataset, in Input) Dataset {
	return &fitted{Dataset: ds, in: in, room: 1 << 30, kept: map[Ref]*labeledImage{}}
}

// Card implements [Dataset]: the images' shape is the input's.
func (f *fitted) Card() Card {
	c := f.Dataset.Card()
	c.Shape = tensor.Dims(f.in.Height, f.in.Width, f.in.Channels)
	return c
}

// Put implements [Dataset].
func (f *fitted) Put(e Example, s Split, i int) error {
	at := Ref{s, i}
	f.mu.Lock()
	m, ok := f.kept[at]
	f.mu.Unlock()
	if !ok {
		var err error
		if m, err = f.fit(s, i); err != nil {
			return err
		}
		f.keep(at, m)
	}
	e[FieldImage], e[FieldLabel] = m.image.Tensor(), tensor.From(tensor.Dims(), m.label[:])
	return nil
}

// fit is an example at the input's size.
func (f *fitted) fit(s Split, i int) (*labeledImage, error) {
	m, err := imageAt(f.Dataset, s, i)
	if err != nil {
		return nil, err
	}
	if m, err = f.in.Fit(m); err != nil {
		return nil, err
	}
	label, err := Label(f.Dataset, s, i)
	return &labeledImage{m, [1]int32{int32(label)}}, err
}

func (f *fitted) keep(at Ref, m *labeledImage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := int64(len(m.image.Pix)); n <= f.room {
		if _, there := f.kept[at]; !there {
			f.kept[at], f.room = m, f.room-n
		}
	}
}

// Label implements [Labeled].
func (f *fitted) Label(s Split, i int) (int, error) { return Label(f.Dataset, s, i) }

// Bad is the files that were left out.
func (f *fitted) Bad() []BadFile { return badFiles(f.Dataset) }
