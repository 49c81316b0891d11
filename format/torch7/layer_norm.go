package torch7

import (
	"strconv"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Local normalisations (Jarrett et al., What is the best multi-stage
// architecture for object recognition?, 2009, section 3.1): of a weighted window
// over all planes.
func init() {
	define(map[string]layer{
		"SpatialSubtractiveNormalization": {subtractive, planes("nInputPlane")},
		"SpatialDivisiveNormalization":    {divisive, planes("nInputPlane")},
		"SpatialContrastiveNormalization": {contrastive, planes("nInputPlane")},
	})
}

// estimate runs the modules that compute the mean or deviation of windows. That
// which repeats the result over the planes is left out: what uses it does so.
func (s *site) estimate(field, as string, x value) value {
	m := s.sub(field)
	if m == nil {
		return x
	}
	for i, c := range children(m) {
		if c.Class != "nn.Replicate" {
			x = s.t.module(c, place(s.path, as+"."+strconv.Itoa(i+1)), x)
		}
	}
	return x
}

// ones is a tensor of the shape of x.
func (s *site) ones(x value) value {
	shape := s.part("shape", "Shape", []string{x.name})
	one := onnx.TensorAttr("value", tensor.From(tensor.Dims(1), []float32{1}))
	return tensorValue(s.part("ones", "ConstantOfShape", []string{shape}, one), x.rank)
}

// subtractive: x - mean / what the mean of ones is, less than 1 at the borders.
func subtractive(s *site, x value) value {
	if !s.one(x) {
		return x
	}
	mean := s.estimate("meanestimator", "mean", x)
	border := s.estimate("meanestimator", "border", s.ones(x))
	if !s.one(mean) || !s.one(border) {
		return x
	}
	adjusted := s.part("adjusted", "Div", []string{mean.name, border.name})
	return tensorValue(s.add("Sub", []string{x.name, adjusted}), 4)
}

// divisive: x over the deviation, adjusted likewise, which is kept above a
// threshold.
func divisive(s *site, x value) value {
	at := s.number("threshold", 1e-4)
	low := s.number("thresval", at)
	if m, ok := s.m.Fields.Get("thresholder").(*Module); ok {
		inner := &site{s.t, m, s.path}
		at, low = inner.number("threshold", at), inner.number("val", low)
	}
	if !s.one(x) {
		return x
	}
	deviation := s.estimate("stdestimator", "deviation", x)
	border := s.estimate("meanestimator", "border", s.ones(x))
	if !s.one(deviation) || !s.one(border) {
		return x
	}
	adjusted := s.part("adjusted", "Div", []string{deviation.name, border.name})
	above := s.part("above", "Greater", []string{adjusted, s.constant("threshold", at)})
	kept := s.part("kept", "Where", []string{above, adjusted, s.constant("thresval", low)})
	return tensorValue(s.add("Div", []string{x.name, kept}), 4)
}

// contrastive is subtractive and then divisive.
func contrastive(s *site, x value) value {
	m := s.sub("normalizer")
	if m == nil {
		return x
	}
	return s.t.module(m, place(s.path, "normalizer"), x)
}
