package data

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/ihae/ihae/media"
)

// NearPair is two examples whose images look alike: one may be the other made
// smaller or saved again.
type NearPair struct{ A, B Ref }

// Near looks for images that look alike without being equal, ordered by the
// later one: at most one pair for each example, with the first one that it looks
// like. Images of one colour do not count. What is looked for:
//
//   - a hash of the signs of the slopes on 9x8 samples (Krawetz, "Kind of like
//     that", 2013) that differs in at most 3 of 64 places, among the first
//     [nearTried] of equal parts;
//   - then 16x16 grey samples with a correlation of at least [nearAlike].
func Near(ctx context.Context, ds Dataset) ([]NearPair, error) {
	var all []Ref
	for _, s := range Splits {
		all = append(all, All(ds, s)...)
	}
	looks := make([]look, len(all))
	err := parallel(ctx, 0, len(all), func(i int) { looks[i] = lookAt(ds, all[i]) })
	if err != nil {
		return nil, err
	}
	var pairs []NearPair
	seen := map[nearPart][]int{}
	for i := range looks {
		if !looks[i].ok {
			continue
		}
		if j := looks[i].like(looks, seen); j >= 0 {
			pairs = append(pairs, NearPair{all[j], all[i]})
		}
		for _, p := range looks[i].parts() {
			if len(seen[p]) < nearTried {
				seen[p] = append(seen[p], i)
			}
		}
	}
	return pairs, nil
}

// NearText is what a person should read of pairs, those across splits first;
// empty without any.
func NearText(ds Dataset, pairs []NearPair) string {
	name := func(r Ref) string { return ds.ID(r.Split, r.Index) }
	across, shown := 0, []string(nil)
	for _, p := range pairs {
		if p.A.Split != p.B.Split {
			across++
			if len(shown) < 5 {
				shown = append(shown, name(p.B)+" ~ "+name(p.A))
			}
		}
	}
	switch {
	case across > 0:
		return fmt.Sprintf("%d images look nearly like one of another split, which may flatter the result: %v", across, shown)
	case len(pairs) > 0:
		return fmt.Sprintf("%d images look nearly like another one, as %s ~ %s", len(pairs), name(pairs[0].B), name(pairs[0].A))
	}
	return ""
}

const (
	nearTried = 64 // images compared for each part of a hash
	nearAlike = 0.995
	nearSide  = 16
)

// nearPart is a quarter of a hash: of two hashes that differ in three places one
// quarter is the same.
type nearPart struct {
	which int
	bits  uint16
}

// look is what an image looks like.
type look struct {
	ok    bool
	hash  uint64
	small [nearSide * nearSide]int8 // with a mean of 0 and a length of about 16·32
	equal [32]byte                  // the sum of the image itself
}

func lookAt(ds Dataset, at Ref) (l look) {
	m, err := imageAt(ds, at.Split, at.Index)
	if err != nil {
		return l
	}
	l.equal = ImageSum(m.Tensor())
	m = m.Gray()
	slopes, err := media.Resize(m, 9, 8, media.Bilinear)
	if err != nil {
		return l
	}
	for y := range 8 {
		row := slopes.Row(y)
		for x := range 8 {
			l.hash <<= 1
			if row[x] < row[x+1] {
				l.hash |= 1
			}
		}
	}
	small, err := media.Resize(m, nearSide, nearSide, media.Bilinear)
	if err != nil {
		return l
	}
	l.ok = l.standardise(small.Pix)
	return l
}

// standardise keeps the samples less their mean, over their deviation; false if
// they have next to none.
func (l *look) standardise(pix []uint8) bool {
	sum, square := 0.0, 0.0
	for _, v := range pix {
		sum += float64(v)
		square += float64(float64(v) * float64(v))
	}
	n := float64(len(pix))
	mean := sum / n
	deviation := math.Sqrt(max(0, square/n-mean*mean))
	if deviation < 2 {
		return false
	}
	for i, v := range pix {
		l.small[i] = int8(max(-127, min(127, math.Round(32*(float64(v)-mean)/deviation))))
	}
	return true
}

func (l *look) parts() [4]nearPart {
	var p [4]nearPart
	for i := range p {
		p[i] = nearPart{i, uint16(l.hash >> (16 * i))}
	}
	return p
}

// like is the first image seen that looks like l, or -1.
func (l *look) like(looks []look, seen map[nearPart][]int) int {
	first := -1
	for _, p := range l.parts() {
		for _, j := range seen[p] {
			o := &looks[j]
			if (first < 0 || j < first) && bits.OnesCount64(l.hash^o.hash) <= 3 && l.equal != o.equal && l.correlation(o) >= nearAlike {
				first = j
			}
		}
	}
	return first
}

func (l *look) correlation(o *look) float64 {
	var ab, aa, bb int
	for i, a := range l.small {
		b := int(o.small[i])
		ab += int(a) * b
		aa += int(a) * int(a)
		bb += b * b
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb))
}
