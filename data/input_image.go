package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// checkImage refuses settings that have no meaning.
func checkImage(in Input) error {
	order := map[string]int{"RGB": 3, "BGR": 3, "gray": 1}
	switch {
	case in.Width < 1 || in.Height < 1 || in.Width > 10_000 || in.Height > 10_000:
		return fmt.Errorf("input: size %d x %d; sides are 1 to 10000", in.Width, in.Height)
	case in.Channels != 1 && in.Channels != 3:
		return fmt.Errorf("input: %d channels; there is 1 or 3", in.Channels)
	case in.Order != "" && order[in.Order] != in.Channels:
		return fmt.Errorf("input: order %q with %d channels; there is RGB or BGR with 3, gray with 1", in.Order, in.Channels)
	case in.Layout != "" && in.Layout != "NHWC" && in.Layout != "NCHW":
		return fmt.Errorf("input: layout %q; there is NHWC or NCHW", in.Layout)
	case in.Crop < 0 || in.Crop > 1 || math.IsNaN(in.Crop):
		return fmt.Errorf("input: crop %v; wanted 0 to 1", in.Crop)
	case in.Scale < 0 || math.IsNaN(in.Scale) || math.IsInf(in.Scale, 0):
		return fmt.Errorf("input: scale %v", in.Scale)
	}
	for name, list := range map[string][]float64{"mean": in.Mean, "deviation": in.Deviation} {
		if n := len(list); n > 1 && n != in.Channels {
			return fmt.Errorf("input: %s has %d numbers for %d channels", name, n, in.Channels)
		}
		for _, v := range list {
			if math.IsNaN(v) || math.IsInf(v, 0) || name == "deviation" && v <= 0 {
				return fmt.Errorf("input: %s %v", name, v)
			}
		}
	}
	if in.Resize != "" {
		if _, err := media.ParseFilter(in.Resize); err != nil {
			return fmt.Errorf("input: %w", err)
		}
	}
	return nil
}

// imageType is float32 [H W C], or [C H W] for NCHW.
func imageType(in Input) tensor.Type {
	if in.Layout == "NCHW" {
		return tensor.F32(in.Channels, in.Height, in.Width)
	}
	return tensor.F32(in.Height, in.Width, in.Channels)
}

// Fit brings an image to the input's size and channels. With Crop 0 it is
// stretched. Otherwise it keeps its proportions: the image is made to cover a
// window of ceil(Width/Crop) by ceil(Height/Crop) as closely as it can, and
// Width x Height are cut from its middle (224 and 0.875: the shorter side
// becomes 256).
func (in Input) Fit(m media.Image) (media.Image, error) {
	if in.Channels == 1 {
		m = m.Gray()
	} else {
		m = m.RGB()
	}
	var f media.Filter
	if in.Resize != "" {
		var err error
		if f, err = media.ParseFilter(in.Resize); err != nil {
			return m, err
		}
	}
	if m.W < 1 || m.H < 1 {
		return m, fmt.Errorf("input: an image of %d x %d", m.W, m.H)
	}
	if in.Crop == 0 {
		return media.Resize(m, in.Width, in.Height, f)
	}
	w, h := math.Ceil(float64(in.Width)/in.Crop), math.Ceil(float64(in.Height)/in.Crop)
	scale := max(w/float64(m.W), h/float64(m.H))
	m, err := media.Resize(m, max(in.Width, int(math.Round(float64(m.W)*scale))), max(in.Height, int(math.Round(float64(m.H)*scale))), f)
	if err != nil {
		return m, err
	}
	return m.Crop((m.W-in.Width)/2, (m.H-in.Height)/2, in.Width, in.Height), nil
}

// Tensor is the network's input for one image: see [Input.Type] and the
// arithmetic of [Input].
func (in Input) Tensor(m media.Image) (tensor.Tensor, error) {
	m, err := in.Fit(m)
	if err != nil {
		return tensor.Tensor{}, err
	}
	x := tensor.New(tensor.F32(m.H, m.W, m.C))
	in.scale(x.Floats(), m)
	in.normalizer()(x.Floats())
	if in.Layout != "NCHW" {
		return x, nil
	}
	y := tensor.New(in.Type())
	planes(y.Floats(), x.Floats(), in.Channels)
	return y, nil
}

// scale writes p·Scale [H W C] in the input's order of channels.
func (in Input) scale(dst []float32, m media.Image) {
	var table [256]float32
	for p := range table {
		table[p] = float32(p) * float32(in.Scale)
		if in.Scale == 0 {
			table[p] = float32(p) / 255
		}
	}
	for i, p := range m.Pix {
		dst[i] = table[p]
	}
	if in.Order == "BGR" {
		for p := range slices.Chunk(dst, 3) {
			p[0], p[2] = p[2], p[0]
		}
	}
}

// normalizer turns v into (v - mean) / deviation in place.
func (in Input) normalizer() func(x []float32) {
	if len(in.Mean) == 0 && len(in.Deviation) == 0 {
		return func([]float32) {}
	}
	c := in.Channels
	mean, deviation := perChannel(in.Mean, 0, c), perChannel(in.Deviation, 1, c)
	return func(x []float32) {
		for i := 0; i+c <= len(x); i += c {
			for k := range c {
				x[i+k] = (x[i+k] - mean[k]) / deviation[k]
			}
		}
	}
}

// perChannel is the c numbers that a list of c, one or none means.
func perChannel(list []float64, none float32, c int) []float32 {
	out := make([]float32, c)
	for k := range out {
		switch len(list) {
		case 0:
			out[k] = none
		case 1:
			out[k] = float32(list[0])
		default:
			out[k] = float32(list[k])
		}
	}
	return out
}

// planes turns [H W C] into [C H W].
func planes(dst, src []float32, c int) {
	n := len(src) / c
	for k := range c {
		for i := range n {
			dst[k*n+i] = src[i*c+k]
		}
	}
}

// imageFiller encodes the images of examples, which augment may change between
// scaling and normalisation.
func imageFiller(in Input, _ Dataset, augment []Augment) (func() fill, error) {
	times, seen := make([]int, len(augment)), map[string]int{}
	for i, a := range augment {
		times[i] = seen[a.Name()] // how often its name came before
		seen[a.Name()]++
	}
	normalize := in.normalizer()
	return func() fill {
		p := NewPixels(in.Height, in.Width, in.Channels)
		return func(row tensor.Tensor, e Example, draw rng.Stream) error {
			t, err := imageOf(e)
			if err != nil {
				return err
			}
			m, err := media.ImageOf(t)
			if err != nil {
				return err
			}
			if m, err = in.Fit(m); err != nil {
				return err
			}
			in.scale(p.V, m)
			for i, a := range augment {
				a.Apply(p, draw.Split(a.Name()).At(uint64(times[i])))
			}
			normalize(p.V)
			if in.Layout == "NCHW" {
				planes(row.Floats(), p.V, in.Channels)
			} else {
				copy(row.Floats(), p.V)
			}
			return nil
		}
	}, nil
}

func init() {
	inputKinds.Set(KindImage, inputKind{field: FieldImage, check: checkImage, typ: imageType, filler: imageFiller})
}
