package kernel

// ConvSpec is a convolution (cross-correlation, as in the field) of volumes
// x [N D H W C] with filters w [KD KH KW C/Groups K]:
//
//	y[n, o, p, q, k] = act(bias[k] + Σ over e, r, s, c of
//	    x[n, o·StrideD-PadFront+e·DilD, p·StrideH-PadTop+r·DilH, q·StrideW-PadLeft+s·DilW, c]·w[e, r, s, c, k]
//	    + residual[n, o, p, q, k])
//
// where x is zero outside the volume. Strides, dilations and Groups of 0 mean 1,
// and so do D and KD: then x is images.
type ConvSpec struct {
	N, D, H, W, C, K, KD, KH, KW         int
	StrideD, StrideH, StrideW            int
	PadFront, PadBack                    int
	PadTop, PadLeft, PadBottom, PadRight int
	DilD, DilH, DilW                     int
	Groups                               int
	Bias                                 bool // an operand [K] is added to each pixel
	Residual                             bool // an operand of y's shape is added
	Act                                  Act
}

// OutD is the depth of y.
func (s ConvSpec) OutD() int {
	return outSize(max(s.D, 1)+s.PadFront+s.PadBack, max(s.KD, 1), max(s.StrideD, 1), max(s.DilD, 1))
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

// Conv is the code of s. In: x, w, then, if asked for, bias [K] and residual.
// Out: y [N OutD OutH OutW K]. It is nil if Groups does not divide C and K.
func Conv(s ConvSpec) *Code { return convIn(tileForms.Best(), s) }

// ConvGradInput is the gradient of s with respect to x. In: dy, w. Out: dx.
// It is nil where Conv is nil.
func ConvGradInput(s ConvSpec) *Code { return convGradInputIn(tileForms.Best(), s) }

// ConvGradFilter is the gradient of s with respect to w. In: x, dy. Out: dw.
// It is nil where Conv is nil.
func ConvGradFilter(s ConvSpec) *Code { return convGradFilterIn(tileForms.Best(), s) }

// filled puts the defaults in.
func (s ConvSpec) filled() ConvSpec {
	s.D, s.KD = max(s.D, 1), max(s.KD, 1)
	s.StrideD, s.StrideH, s.StrideW = max(s.StrideD, 1), max(s.StrideH, 1), max(s.StrideW, 1)
	s.DilD, s.DilH, s.DilW = max(s.DilD, 1), max(s.DilH, 1), max(s.DilW, 1)
	s.Groups = max(s.Groups, 1)
	return s
}

// pointwise says whether y at a pixel depends on x at the same pixel alone:
// then the convolution is a matrix product of all pixels.
func (s ConvSpec) pointwise() bool {
	return s.KD == 1 && s.KH == 1 && s.KW == 1 && s.StrideD == 1 && s.StrideH == 1 && s.StrideW == 1 &&
		s.PadFront == 0 && s.PadBack == 0 && s.PadTop == 0 && s.PadLeft == 0 && s.PadBottom == 0 && s.PadRight == 0
}

// empty says whether y has no elements.
func (s ConvSpec) empty() bool {
	return s.N <= 0 || s.K <= 0 || s.OutD() == 0 || s.OutH() == 0 || s.OutW() == 0
}

// places is the pixels of x.
func (s ConvSpec) places() int { return s.N * s.D * s.H * s.W }

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

func convIn(f *tileForm, s ConvSpec) *Code {
	s = s.filled()
	switch {
	case !s.grouped():
		return nil
	case s.empty():
		return &Code{}
	case s.pointwise() && s.Groups == 1:
		m := s.places()
		g := GemmSpec{M: m, N: s.K, K: s.C, ARow: s.C, ACol: 1, BRow: s.K, BCol: 1, CRow: s.K, Bias: s.Bias, Act: s.Act}
		return gemmIn(f, g, s.join())
	}
	w := sweep{
		form: f, id: s.D, ih: s.H, iw: s.W, ic: s.C, od: s.OutD(), oh: s.OutH(), ow: s.OutW(), oc: s.K,
		kd: s.KD, kh: s.KH, kw: s.KW, sz: s.StrideD, sy: s.StrideH, sx: s.StrideW, dz: s.DilD, dy: s.DilH, dx: s.DilW,
		z0: -s.PadFront, y0: -s.PadTop, x0: -s.PadLeft, whole: s.C, pixel: s.C,
		outRow: s.OutW() * s.K, outCol: s.K, outPlane: s.OutH() * s.OutW() * s.K, filterRow: s.K,
		bias: s.Bias, join: s.join(), act: s.Act,
	}
	w.outImage = w.od * w.outPlane
	c := &Code{}
	all := w.groups(s.Groups, s.depthwise())
	packed := s.K > directColumns && !s.depthwise()
	for _, w := range all {
		w.place(packed, c)
	}
	if packed {
		c.Phases = append(c.Phases, packPhase(all))
	}
	return sweepsOf(c, s.N, all)
}

// directColumns is up to how many columns a filter is used where it lies.
const directColumns = 64

// sweepsOf is c, whose phases make the filters of sweeps, with the phase that
// runs them over n volumes.
func sweepsOf(c *Code, n int, all []*sweep) *Code {
	phases, bytes := c.Phases, c.Shared
	sweepPhase(c, n, all)
	if len(phases) == 0 {
		return c
	}
	ready := make([]*sweep, len(all))
	for i, w := range all {
		v := *w
		v.ready = true
		ready[i] = &v
	}
	rest := &Code{}
	sweepPhase(rest, n, ready)
	c.Ahead = aheadOf(phases, bytes, rest)
	return c
}
