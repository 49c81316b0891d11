package media

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/internal/registry"
)

// Filter is a resampling filter: a comparable value. The zero Filter is
// [Bilinear].
type Filter struct{ info *filterInfo }

type filterInfo struct {
	name    string
	support float64 // the filter is zero beyond
	at      func(x float64) float64
}

var filters = registry.New[Filter]("filter")

func registerFilter(name string, support float64, at func(float64) float64) Filter {
	f := Filter{&filterInfo{name, support, at}}
	filters.Set(name, f)
	return f
}

// ParseFilter finds a filter by name; the error lists what there is.
func ParseFilter(name string) (Filter, error) { return filters.Get(name) }

// String is the filter's name.
func (f Filter) String() string { return f.get().name }

func (f Filter) get() *filterInfo {
	if f.info == nil {
		return Bilinear.info
	}
	return f.info
}

// The filters. When an image is made smaller all but Nearest are widened by the
// scale, which is what "antialiased" means.
var (
	Bilinear = registerFilter("bilinear", 1, func(x float64) float64 { return max(0, 1-math.Abs(x)) })
	Bicubic  = registerFilter("bicubic", 2, cubic) // Keys (1981) with a = -0.5
	Box      = registerFilter("box", 0.5, func(x float64) float64 {
		if x > -0.5 && x <= 0.5 {
			return 1
		}
		return 0
	})
	Lanczos = registerFilter("lanczos", 3, lanczos) // Duchon (1979) with three lobes
	Nearest = registerFilter("nearest", 0, nil)
)

// lanczos is sinc(x) · sinc(x/3) within -3 to 3.
func lanczos(x float64) float64 {
	if x < -3 || x >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

func cubic(x float64) float64 {
	const a = -0.5
	switch x = math.Abs(x); {
	case x < 1:
		return float64(float64(((a+2)*x-(a+3))*x)*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

// Resize resamples the image to w x h in Pillow's arithmetic: first along rows,
// then along columns, each with weights of 22 fractional bits and the result
// rounded to 8 bits. It equals Pillow's resize sample for sample. A side below 1
// is an error.
func Resize(m Image, w, h int, f Filter) (Image, error) {
	if w < 1 || h < 1 || m.W < 1 || m.H < 1 {
		return Image{}, fmt.Errorf("media: resize %d x %d to %d x %d: every side must be 1 or more", m.W, m.H, w, h)
	}
	if int64(w)*int64(h) > 1<<27 || int64(w)*int64(m.H) > 1<<27 {
		return Image{}, fmt.Errorf("media: resize %d x %d to %d x %d: too large", m.W, m.H, w, h)
	}
	if f.get() == Nearest.info {
		return nearest(m, w, h), nil
	}
	if w != m.W {
		m = alongRows(m, w, newWeights(m.W, w, f.get()))
	}
	if h != m.H {
		m = alongColumns(m, h, newWeights(m.H, h, f.get()))
	}
	return m, nil
}

// fraction is the number of fractional bits of a weight: 32 bits less 8 of a
// sample less 2 for overshoot.
const fraction = 32 - 8 - 2

// weights says for each output the first input and the weights from there on.
type weights struct {
	first  []int
	weight [][]int32
}

func newWeights(in, out int, f *filterInfo) weights {
	scale := float64(in) / float64(out)
	wide := max(scale, 1)
	support := f.support * wide
	k := weights{make([]int, out), make([][]int32, out)}
	for i := range out {
		centre := (float64(i) + 0.5) * scale
		lo := max(0, int(float64(centre-support)+0.5))
		hi := min(in, int(float64(centre+support)+0.5))
		w, sum := make([]float64, hi-lo), 0.0
		for j := range w {
			w[j] = f.at(float64(float64(j+lo)-centre+0.5) * (1 / wide))
			sum += w[j]
		}
		k.first[i], k.weight[i] = lo, make([]int32, hi-lo)
		for j, v := range w {
			if sum != 0 {
				v /= sum
			}
			k.weight[i][j] = int32(math.Round(v * (1 << fraction))) // halves away from zero
		}
	}
	return k
}

func alongRows(m Image, w int, k weights) Image {
	out := NewImage(w, m.H, m.C)
	for y := range m.H {
		src, dst := m.Row(y), out.Row(y)
		for x := range w {
			for c := range m.C {
				sum, p := int32(1)<<(fraction-1), k.first[x]*m.C+c
				for _, v := range k.weight[x] {
					sum += v * int32(src[p])
					p += m.C
				}
				dst[x*m.C+c] = clamp8(int(sum >> fraction))
			}
		}
	}
	return out
}

func alongColumns(m Image, h int, k weights) Image {
	out := NewImage(m.W, h, m.C)
	sum := make([]int32, m.W*m.C)
	for y := range h {
		for i := range sum {
			sum[i] = 1 << (fraction - 1)
		}
		for j, v := range k.weight[y] {
			for i, s := range m.Row(k.first[y] + j) {
				sum[i] += v * int32(s)
			}
		}
		dst := out.Row(y)
		for i, s := range sum {
			dst[i] = clamp8(int(s >> fraction))
		}
	}
	return out
}

// nearest takes the sample under the centre of each output sample.
func nearest(m Image, w, h int) Image {
	out := NewImage(w, h, m.C)
	column := centres(m.W, w)
	for y, sy := range centres(m.H, h) {
		src, dst := m.Row(sy), out.Row(y)
		for x, sx := range column {
			copy(dst[x*m.C:(x+1)*m.C], src[sx*m.C:])
		}
	}
	return out
}

func centres(in, out int) []int {
	scale := float64(in) / float64(out)
	at, p := make([]int, out), scale*0.5
	for i := range at {
		at[i] = min(int(p), in-1)
		p += scale
	}
	return at
}
