package media

import "image"

// Chroma of half resolution is brought to full resolution by the triangle
// filter that libjpeg uses by default ("fancy upsampling", jdsample.c): a new
// sample lies a quarter of the way to the neighbour, so it is 3/4 of the nearer
// and 1/4 of the further one. Roundings alternate (+1, +2 of 4; +8, +7 of 16)
// so that no direction is favoured. Go's own conversion repeats samples, which
// differs by up to 60 levels at edges of colour.

// ycbcr converts to RGB row by row.
func ycbcr(m *image.YCbCr) Image {
	size := m.Bounds().Size()
	out := NewImage(size.X, size.Y, 3)
	u := newUpsampler(m)
	cb, cr := make([]uint8, size.X+8), make([]uint8, size.X+8)
	for y := range size.Y {
		u.row(cb, m.Cb, y)
		u.row(cr, m.Cr, y)
		rowRGB(out.Row(y), m.Y[y*m.YStride:], cb, cr)
	}
	return out
}

// upsampler brings one row of a chroma plane to full width.
type upsampler struct {
	stride int
	w, h   int // of the chroma plane
	fx, fy int // full size over chroma size
	fancyX bool
	sum    []int // 3·nearer row + further row
}

func newUpsampler(m *image.YCbCr) *upsampler {
	u := &upsampler{stride: m.CStride, fx: 1, fy: 1}
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		u.fx = 2
	case image.YCbCrSubsampleRatio420:
		u.fx, u.fy = 2, 2
	case image.YCbCrSubsampleRatio440:
		u.fy = 2
	case image.YCbCrSubsampleRatio411:
		u.fx = 4
	case image.YCbCrSubsampleRatio410:
		u.fx, u.fy = 4, 2
	}
	size := m.Bounds().Size()
	u.w, u.h = (size.X+u.fx-1)/u.fx, (size.Y+u.fy-1)/u.fy
	u.fancyX = u.fx == 2 && u.w > 2 // libjpeg repeats the samples of narrower planes
	u.sum = make([]int, u.w)
	return u
}

// row writes row y at full resolution: dst holds fx·w samples at least.
func (u *upsampler) row(dst, plane []uint8, y int) {
	near := plane[y/u.fy*u.stride:][:u.w]
	switch {
	case u.fx == 1 && u.fy == 1:
		copy(dst, near)
	case u.fx == 1 && u.fy == 2:
		far, bias := u.neighbour(plane, y)
		for i, v := range near {
			dst[i] = uint8((3*int(v) + int(far[i]) + bias) >> 2)
		}
	case u.fancyX && u.fy == 1:
		triangle(dst, near)
	case u.fancyX:
		far, _ := u.neighbour(plane, y)
		for i, v := range near {
			u.sum[i] = 3*int(v) + int(far[i])
		}
		triangleSums(dst, u.sum)
	default:
		for i, v := range near {
			for k := range u.fx {
				dst[i*u.fx+k] = v
			}
		}
	}
}

// neighbour is the further row of the chroma plane for row y of the image (above
// for even y, below for odd y, the same row at the border) and the rounding.
func (u *upsampler) neighbour(plane []uint8, y int) (row []uint8, bias int) {
	i, bias := y/2-1, 1
	if y%2 == 1 {
		i, bias = y/2+1, 2
	}
	i = max(0, min(i, u.h-1))
	return plane[i*u.stride:][:u.w], bias
}

// triangle doubles a row; the first and last samples stay.
func triangle(dst, src []uint8) {
	n := len(src)
	for i, v := range src {
		l, r := src[max(i-1, 0)], src[min(i+1, n-1)]
		dst[2*i] = uint8((3*int(v) + int(l) + 1) >> 2)
		dst[2*i+1] = uint8((3*int(v) + int(r) + 2) >> 2)
	}
	dst[0], dst[2*n-1] = src[0], src[n-1]
}

// triangleSums doubles a row of sums that are 4 times a sample.
func triangleSums(dst []uint8, sum []int) {
	n := len(sum)
	for i, v := range sum {
		l, r := sum[max(i-1, 0)], sum[min(i+1, n-1)]
		dst[2*i] = uint8((3*v + l + 8) >> 4)
		dst[2*i+1] = uint8((3*v + r + 7) >> 4)
	}
}

// rowRGB is libjpeg's integer conversion (jdcolor.c) of JFIF's YCbCr:
// R = Y + 1.402 Cr, G = Y - 0.34414 Cb - 0.71414 Cr, B = Y + 1.772 Cb with
// coefficients of 16 fractional bits and halves rounded up.
func rowRGB(dst, luma, cb, cr []uint8) {
	const half = 1 << 15
	for x := range len(dst) / 3 {
		y, b, r := int(luma[x]), int(cb[x])-128, int(cr[x])-128
		dst[3*x] = clamp8(y + (91881*r+half)>>16)
		dst[3*x+1] = clamp8(y + (-22554*b-46802*r+half)>>16)
		dst[3*x+2] = clamp8(y + (116130*b+half)>>16)
	}
}

func clamp8(v int) uint8 { return uint8(max(0, min(v, 255))) }
