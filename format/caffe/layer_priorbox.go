package caffe

import (
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// PriorBox lists boxes of several sizes and shapes around each place of a blob,
// as corners in units of the image, and behind them the variances that offsets
// from them are scaled by (Liu et al., "SSD: Single Shot MultiBox Detector",
// 2016). They depend on sizes alone and so are a constant.
func init() {
	register("PriorBox", func(s *step) error {
		if err := s.takes(2, 4); err != nil {
			return err
		}
		q, err := s.readPriors()
		if err != nil {
			return err
		}
		if *s.p.err != nil {
			return *s.p.err
		}
		if s.t.boxes += q.numbers(); s.t.boxes > maxBoxes {
			return fmt.Errorf("more than %d numbers of boxes in all layers", maxBoxes)
		}
		boxes := q.around()
		dims := []int{1, 2, len(boxes)}
		all := boxes
		for i := range boxes {
			all = append(all, q.variance[i%len(q.variance)])
		}
		w := s.b.Init(s.name+".boxes", tensor.From(tensor.Dims(dims...), all))
		return s.out(dims, "Identity", []string{w})
	})
}

// priors is what the boxes are made from.
type priors struct {
	high, wide       int // of the blob
	imgH, imgW       int
	stepH, stepW     float32
	mins, maxs       []float32
	ratios, variance []float32
	offset           float32
	clip             bool
}

// maxBoxes bounds the numbers of boxes, which are few in the file.
const maxBoxes = 1 << 22

func (s *step) readPriors() (*priors, error) {
	x, img := s.in[0].dims, s.in[1].dims
	p := s.p.child("prior_box_param")
	q := &priors{mins: p.floats("min_size"), maxs: p.floats("max_size"), ratios: []float32{1}, clip: p.flag("clip", false)}
	flip := p.flag("flip", true)
	for _, r := range p.floats("aspect_ratio") {
		if !slices.ContainsFunc(q.ratios, func(have float32) bool { return math.Abs(float64(have-r)) < 1e-6 }) {
			if q.ratios = append(q.ratios, r); flip {
				q.ratios = append(q.ratios, 1/r)
			}
		}
	}
	q.variance, q.offset = p.floats("variance"), p.float("offset", 0.5)
	if len(q.variance) == 0 {
		q.variance = []float32{0.1}
	}
	size := p.int("img_size", 0)
	q.imgH, q.imgW = p.int("img_h", size), p.int("img_w", size)
	step := p.float("step", 0)
	q.stepH, q.stepW = p.float("step_h", step), p.float("step_w", step)
	if _, err := known(x[2:4]); err != nil {
		return nil, err
	}
	q.high, q.wide = x[2], x[3]
	if q.imgH == 0 || q.imgW == 0 {
		if _, err := known(img[2:4]); err != nil {
			return nil, err
		}
		q.imgH, q.imgW = img[2], img[3]
	}
	if q.stepH == 0 || q.stepW == 0 {
		q.stepH, q.stepW = float32(q.imgH)/float32(q.high), float32(q.imgW)/float32(q.wide)
	}
	return q, q.check()
}

// numbers is how many there are at most, their variances aside.
func (q *priors) numbers() int {
	n, ok := count([]int{q.high, q.wide, len(q.ratios) + 1, len(q.mins), 4})
	if !ok || n > maxBoxes {
		return maxBoxes + 1
	}
	return n
}

func (q *priors) check() error {
	bad := func(v float32) bool { return !(v > 0) }
	switch {
	case len(q.mins) == 0 || len(q.maxs) > 0 && len(q.maxs) != len(q.mins):
		return fmt.Errorf("%d of min_size, %d of max_size", len(q.mins), len(q.maxs))
	case slices.ContainsFunc(slices.Concat(q.mins, q.maxs, q.ratios, q.variance), bad) || bad(q.stepH) || bad(q.stepW):
		return fmt.Errorf("sizes, ratios, steps and variances must be above 0")
	case len(q.variance) != 1 && len(q.variance) != 4:
		return fmt.Errorf("%d of variance, want 1 or 4", len(q.variance))
	case q.imgH < 1 || q.imgW < 1:
		return fmt.Errorf("an image of %d by %d", q.imgH, q.imgW)
	}
	return nil
}

// around is the corners x, y, x, y of all boxes. Sizes are whole numbers, as in
// Caffe.
func (q *priors) around() []float32 {
	var list []float32
	for h := range q.high {
		for w := range q.wide {
			x, y := (float32(w)+q.offset)*q.stepW, (float32(h)+q.offset)*q.stepH
			box := func(wide, high float32) {
				for _, v := range [4]float32{
					(x - wide/2) / float32(q.imgW), (y - high/2) / float32(q.imgH),
					(x + wide/2) / float32(q.imgW), (y + high/2) / float32(q.imgH),
				} {
					if q.clip {
						v = min(max(v, 0), 1)
					}
					list = append(list, v)
				}
			}
			for i, size := range q.mins {
				side := float32(math.Trunc(float64(size)))
				box(side, side)
				if len(q.maxs) > 0 {
					mean := float32(math.Sqrt(float64(side) * math.Trunc(float64(q.maxs[i]))))
					box(mean, mean)
				}
				for _, r := range q.ratios[1:] {
					root := float32(math.Sqrt(float64(r)))
					box(side*root, side/root)
				}
			}
		}
	}
	return list
}
