package kernel

// ConvSpec is a two-dimensional convolution (cross-correlation, as in the
// field) of images x [N H W C] with filters w [KH KW C/Groups K]:
//
//	y[n, p, q, k] = act(bias[k] + Σ over r, s, c of
//	    x[n, p·StrideH-PadTop+r·DilH, q·StrideW-PadLeft+s·DilW, c]·w[r, s, c, k]
//	    + residual[n, p, q, k])
//
// where x is zero outside the image. Strides, dilations and Groups of 0 mean 1.
type ConvSpec struct {
	N, H, W, C, K, KH, KW                int
	StrideH, StrideW                     int
	PadTop, PadLeft, PadBottom, PadRight int
	DilH, DilW                           int
	Groups                               int
	Bias                                 bool // an operand [K] is added to each pixel
	Residual                             bool // an operand of y's shape is added
	Act                                  Act
}

// OutH is the height of y.
func (s ConvSpec) OutH() int {
	return outSize(s.H+s.PadTop+s.PadBottom, s.KH, max(s.StrideH, 1), max(s.DilH, 1))
}

// OutW is the width of y.
func (s ConvSpec) OutW() int {
	return outSize(s.W+s.PadLeft+s.PadRight, s.KW, max(s.StrideW, 1), max(s.DilW, 1))
}

func outSize(padded, taps, stride, dilation int) int {
	reach := (taps-1)*dilation + 1
	if padded < reach {
		return 0
	}
	return (padded-reach)/stride + 1
}

// Conv2D is the code of s. In: x, w, then, if asked for, bias [K] and residual.
// Out: y [N OutH OutW K]. It is nil if Groups does not divide C and K.
func Conv2D(s ConvSpec) *Code { return conv2DIn(tileForms.Best(), s) }

// Conv2DGradInput is the gradient of s with respect to x. In: dy, w. Out: dx.
// It is nil where Conv2D is nil.
func Conv2DGradInput(s ConvSpec) *Code { return conv2DGradInputIn(tileForms.Best(), s) }

// Conv2DGradFilter is the gradient of s with respect to w. In: x, dy. Out: dw.
// It is nil where Conv2D is nil.
func Conv2DGradFilter(s ConvSpec) *Code { return conv2DGradFilterIn(tileForms.Best(), s) }

// filled puts the defaults in.
func (s ConvSpec) filled() ConvSpec {
	s.StrideH, s.StrideW = max(s.StrideH, 1), max(s.StrideW, 1)
	s.DilH, s.DilW = max(s.DilH, 1), max(s.DilW, 1)
	s.Groups = max(s.Groups, 1)
	return s
}

// pointwise says whether y at a pixel depends on x at the same pixel alone:
// then the convolution is a matrix product of all pixels.
func (s ConvSpec) pointwise() bool {
	return s.KH == 1 && s.KW == 1 && s.StrideH == 1 && s.StrideW == 1 &&
		s.PadTop == 0 && s.PadLeft == 0 && s.PadBottom == 0 && s.PadRight == 0
}

// empty says whether y has no elements.
func (s ConvSpec) empty() bool { return s.N <= 0 || s.K <= 0 || s.OutH() == 0 || s.OutW() == 0 }

// grouped says whether groups divide the channels, as they must.
func (s ConvSpec) grouped() bool { return s.C%s.Groups == 0 && s.K%s.Groups == 0 }

// depthwise says whether each channel has a filter of its own.
func (s ConvSpec) depthwise() bool { return s.Groups > 1 && s.Groups == s.C && s.Groups == s.K }

// join is the number of the residual operand, 0 if there is none.
func (s ConvSpec) join() int {
	switch {
	case s.Residual && s.Bias:
		return 3
	case s.Residual:
		return 2
	}
	return 0
}

func conv2DIn(f *tileForm, s ConvSpec) *Code {
	s = s.filled()
	switch {
	case !s.grouped():
		return nil
	case s.empty():
		return &Code{}
	case s.pointwise() && s.Groups == 1:
		m := s.N * s.H * s.W
		g := GemmSpec{M: m, N: s.K, K: s.C, ARow: s.C, ACol: 1, BRow: s.K, BCol: 1, CRow: s.K, Bias: s.Bias, Act: s.Act}
		return gemmIn(f, g, s.join())
	}
	w := sweep{
		form: f, ih: s.H, iw: s.W, ic: s.C, oh: s.OutH(), ow: s.OutW(), oc: s.K, kh: s.KH, kw: s.KW,
		sy: s.StrideH, sx: s.StrideW, dy: s.DilH, dx: s.DilW, y0: -s.PadTop, x0: -s.PadLeft, pixel: s.C,
		outRow: s.OutW() * s.K, outCol: s.K, outImage: s.OutH() * s.OutW() * s.K, filterRow: s.K,
		bias: s.Bias, join: s.join(), act: s.Act,
	}
	c := &Code{}
	all := w.groups(s.Groups, s.depthwise())
	packed := s.K > directColumns && !s.depthwise()
	for _, w := range all {
		w.place(packed, c)
	}
	if packed {
		c.Phases = append(c.Phases, packPhase(all))
	}
	sweepPhase(c, s.N, all)
	return c
}

// directColumns is up to how many columns a filter is used where it lies.
const directColumns = 64
