package lower

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "NonMaxSuppression", Since: []int64{10, 11}, Rule: nonMaxSuppression})
}

// nonMaxSuppression keeps, for each batch and class, the boxes of the highest
// scores, up to operand 2 of them, that overlap none of the kept ones by more than
// operand 3 of their union and whose scores are above operand 4. Boxes [N B 4] are
// two corners, or a centre, a width and a height; scores are [N classes B].
func nonMaxSuppression(c *Call) {
	centred := c.AttrBool("center_point_box", false)
	c.Host(func(in []Host) ([]Host, error) {
		s, err := newSuppression(in, centred)
		if err != nil {
			return nil, err
		}
		var kept []int64
		for n := range s.batches {
			if s.perItem == 0 {
				break
			}
			for class := range s.classes {
				for _, b := range s.keep(n, class) {
					kept = append(kept, int64(n), int64(class), int64(b))
				}
			}
		}
		return []Host{TensorHost(tensor.From(tensor.Dims(len(kept)/3, 3), kept))}, nil
	}, 0, 1, 2, 3, 4)
}

type suppression struct {
	boxes                     []box
	scores                    []float64
	batches, classes, perItem int
	most                      int
	overlap, score            float64
	scored                    bool // there is a lowest score
}

// box is the corners of a rectangle and its area.
type box struct{ x0, y0, x1, y1, area float64 }

func newSuppression(in []Host, centred bool) (suppression, error) {
	boxes, scores := in[0].Tensor, in[1].Tensor
	b, k := boxes.Shape(), scores.Shape()
	if b.Rank() != 3 || k.Rank() != 3 || b.Dim(2) != 4 || b.Dim(0) != k.Dim(0) || b.Dim(1) != k.Dim(2) {
		return suppression{}, fmt.Errorf("boxes %v and scores %v, want [N B 4] and [N classes B]", b, k)
	}
	if !boxes.DType().Float() || !scores.DType().Float() {
		return suppression{}, fmt.Errorf("boxes %v and scores %v, want floats", boxes.Type(), scores.Type())
	}
	s := suppression{scores: tensor.Widen(scores).F, batches: b.Dim(0), classes: k.Dim(1), perItem: b.Dim(1)}
	f := tensor.Widen(boxes).F
	for i := 0; i < len(f); i += 4 {
		s.boxes = append(s.boxes, boxOf(f[i:i+4], centred))
	}
	if v, ok := firstOf(in[2]); ok {
		s.most = int(min(max(v, 0), float64(s.perItem)))
	}
	s.overlap, _ = firstOf(in[3])
	s.score, s.scored = firstOf(in[4])
	return s, nil
}

// firstOf is the first element of what may not be given.
func firstOf(h Host) (v float64, ok bool) {
	if h.Tensor.IsZero() || h.Tensor.Shape().Size() == 0 {
		return 0, false
	}
	w := tensor.Widen(h.Tensor)
	if w.F != nil {
		return w.F[0], true
	}
	return float64(w.I[0]), true
}

func boxOf(v []float64, centred bool) (b box) {
	if centred {
		b = box{x0: v[0] - v[2]/2, y0: v[1] - v[3]/2, x1: v[0] + v[2]/2, y1: v[1] + v[3]/2}
	} else {
		b = box{x0: min(v[1], v[3]), y0: min(v[0], v[2]), x1: max(v[1], v[3]), y1: max(v[0], v[2])}
	}
	b.area = (b.x1 - b.x0) * (b.y1 - b.y0)
	return b
}

// keep is the boxes kept of a batch and class, the highest score first; of equal
// ones the first.
func (s suppression) keep(n, class int) []int {
	scores := s.scores[(n*s.classes+class)*s.perItem:][:s.perItem]
	var order []int
	for i, v := range scores {
		if !s.scored || v > s.score {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(scores[j], scores[i]) })
	boxes := s.boxes[n*s.perItem:]
	var kept []int
	for _, i := range order {
		if len(kept) >= s.most {
			break
		}
		if !slices.ContainsFunc(kept, func(j int) bool { return boxes[i].share(boxes[j]) > s.overlap }) {
			kept = append(kept, i)
		}
	}
	return kept
}

// share is what two boxes have in common, as a part of their union; 0 where
// either has no area.
func (a box) share(b box) float64 {
	w, h := min(a.x1, b.x1)-max(a.x0, b.x0), min(a.y1, b.y1)-max(a.y0, b.y0)
	if w <= 0 || h <= 0 || a.area <= 0 || b.area <= 0 {
		return 0
	}
	return w * h / (a.area + b.area - w*h)
}
