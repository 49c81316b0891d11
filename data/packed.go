package data

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// Packed is a dataset in memory: each split is one array of images and one of
// labels.
type Packed struct {
	card   Card
	images map[Split]tensor.Tensor // uint8 [N H W C]
	labels map[Split][]int32
	names  map[Split][]string // IDs; nil for "split/number"
}

// Part is one split of [NewPacked].
type Part struct {
	Images tensor.Tensor // uint8 [N H W C] or [N H W]
	Labels []int32       // [N]
	IDs    []string      // [N], or nil
}

// NewPacked makes a dataset of arrays in memory. It fills the card's Shape and
// Count and refuses arrays that do not fit together.
func NewPacked(card Card, parts map[Split]Part) (*Packed, error) {
	p := &Packed{card, map[Split]tensor.Tensor{}, map[Split][]int32{}, map[Split][]string{}}
	p.card.Count, p.card.Shape = map[Split]int{}, tensor.Shape{}
	for _, s := range Splits {
		part, ok := parts[s]
		if !ok {
			continue
		}
		if err := p.add(s, part); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	return p, nil
}

func (p *Packed) add(s Split, part Part) error {
	images := part.Images
	shape := images.Shape()
	if shape.Rank() == 3 {
		shape = shape.Append(1)
		images, _ = images.Reshape(shape)
	}
	if images.DType() != tensor.Uint8 || shape.Rank() != 4 || shape.Dim(3) != 1 && shape.Dim(3) != 3 {
		return fmt.Errorf("images of %v; wanted uint8[N H W C] with C 1 or 3", part.Images.Type())
	}
	n, one := shape.Dim(0), shape.Without(0)
	if one.Size() == 0 {
		return fmt.Errorf("images of %v have no samples", one)
	}
	if len(part.Labels) != n || part.IDs != nil && len(part.IDs) != n {
		return fmt.Errorf("%d images, %d labels", n, len(part.Labels))
	}
	if p.card.Shape.Rank() != 0 && p.card.Shape != one {
		return fmt.Errorf("images of %v, in another split of %v", one, p.card.Shape)
	}
	for i, l := range part.Labels {
		if l < 0 || int(l) >= len(p.card.Classes) {
			return fmt.Errorf("item %d has label %d; there are %d classes", i, l, len(p.card.Classes))
		}
	}
	p.card.Shape, p.card.Count[s] = one, n
	p.images[s], p.labels[s], p.names[s] = images, part.Labels, part.IDs
	return nil
}

// Card implements [Dataset].
func (p *Packed) Card() Card { return p.card }

// Len implements [Dataset].
func (p *Packed) Len(s Split) int { return len(p.labels[s]) }

// Put implements [Dataset]: a view, nothing is copied.
func (p *Packed) Put(e Example, s Split, i int) error {
	n := p.card.Shape.Size()
	image, err := tensor.View(tensor.Type{DType: tensor.Uint8, Shape: p.card.Shape}, p.images[s].Bytes()[i*n:(i+1)*n])
	e[FieldImage], e[FieldLabel] = image, tensor.From(tensor.Dims(), p.labels[s][i:i+1])
	return err
}

// Label implements [Labeled].
func (p *Packed) Label(s Split, i int) (int, error) { return int(p.labels[s][i]), nil }

// ID implements [Dataset].
func (p *Packed) ID(s Split, i int) string {
	if names := p.names[s]; names != nil {
		return names[i]
	}
	return fmt.Sprintf("%s/%d", s, i)
}
