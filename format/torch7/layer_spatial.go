package torch7

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Modules for planes [N C H W].
func init() {
	define(map[string]layer{
		"SpatialConvolution":        {convolution, planes("nInputPlane")},
		"SpatialConvolutionMM":      {convolution, planes("nInputPlane")},
		"SpatialDilatedConvolution": {convolution, planes("nInputPlane")},
		"SpatialConvolutionMap":     {convolutionMap, planes("nInputPlane")},
		"SpatialFullConvolution":    {fullConvolution, planes("nInputPlane")},
		"SpatialSubSampling":        {subSampling, planes("nInputPlane")},
		"SpatialMaxPooling":         {maxPooling, anyPlanes},
		"SpatialDilatedMaxPooling":  {maxPooling, anyPlanes},
		"SpatialAveragePooling":     {averagePooling, anyPlanes},
		"SpatialBatchNormalization": {batchNorm, planesOf("running_mean")},
		"SpatialCrossMapLRN":        {crossMap, anyPlanes},
		"SpatialZeroPadding":        {padding("constant"), anyPlanes},
		"SpatialReflectionPadding":  {padding("reflect"), anyPlanes},
		"SpatialReplicationPadding": {padding("edge"), anyPlanes},
		"SpatialUpSamplingNearest":  {upSampling, anyPlanes},
	})
}

// window is the attributes that convolutions and pools share.
func (s *site) window() (kH, kW int, attrs []onnx.Attr) {
	kW, kH = s.size("kW", 1, 0), s.size("kH", 1, 0)
	dW, dH := s.size("dW", 1, 1), s.size("dH", 1, 1)
	both := s.size("padding", 0, 0) // of older files
	padW, padH := int64(s.size("padW", 0, both)), int64(s.size("padH", 0, both))
	attrs = []onnx.Attr{onnx.Ints("kernel_shape", int64(kH), int64(kW)), onnx.Ints("strides", int64(dH), int64(dW))}
	if padW != 0 || padH != 0 {
		attrs = append(attrs, onnx.Ints("pads", padH, padW, padH, padW))
	}
	if y, x := s.size("dilationH", 1, 1), s.size("dilationW", 1, 1); y > 1 || x > 1 {
		attrs = append(attrs, onnx.Ints("dilations", int64(y), int64(x)))
	}
	return kH, kW, attrs
}

// convolution has weights [Out In/groups kH kW], in older files [Out In·kH·kW].
func convolution(s *site, x value) value {
	in, out, groups := s.size("nInputPlane", 1, 0), s.size("nOutputPlane", 1, 0), s.size("groups", 1, 1)
	kH, kW, attrs := s.window()
	if !s.one(x) {
		return x
	}
	if in%groups != 0 || out%groups != 0 {
		s.fail("%d and %d planes in %d groups", in, out, groups)
		return x
	}
	if groups > 1 {
		attrs = append(attrs, onnx.Int("group", int64(groups)))
	}
	args := []string{x.name, s.needed("weight", out, in/groups, kH, kW)}
	if b := s.param("bias", out); b != "" {
		args = append(args, b)
	}
	return tensorValue(s.add("Conv", args, attrs...), 4)
}

// convolutionMap has a table of connections [K 2], from an input plane to an
// output plane, and a kernel for each, weight [K kH kW]: a full convolution whose
// other kernels are 0.
func convolutionMap(s *site, x value) value {
	in, out := s.size("nInputPlane", 1, 0), s.size("nOutputPlane", 1, 0)
	kH, kW, attrs := s.window()
	if !s.one(x) {
		return x
	}
	shape, err := tensor.CheckedDims(out, in, kH, kW)
	if err != nil {
		s.fail("kernels %d x %d of %d x %d: %v", out, in, kH, kW, err)
		return x
	}
	if !s.t.charge(s.at(), 4*int64(shape.Size())) {
		return x
	}
	w := s.connected(shape)
	args := []string{x.name, w}
	if b := s.param("bias", out); b != "" {
		args = append(args, b)
	}
	return tensorValue(s.add("Conv", args, attrs...), 4)
}

// connected is the full kernels of a table of connections. Two connections
// between the same planes add up.
func (s *site) connected(shape tensor.Shape) string {
	table, ok := s.tensor("connTable")
	kernels, both := s.tensor("weight")
	size := shape.Dim(2) * shape.Dim(3)
	if !ok || !both || table.Shape().Rank() != 2 || table.Shape().Dim(1) != 2 || kernels.Shape().Size() != table.Shape().Dim(0)*size {
		s.fail("there is no table of connections [K 2] with kernels [K %d %d]", shape.Dim(2), shape.Dim(3))
		return ""
	}
	full := make([]float32, shape.Size())
	pairs, k := table.Floats(), kernels.Floats()
	for i := range table.Shape().Dim(0) {
		from, to := int(pairs[2*i])-1, int(pairs[2*i+1])-1
		if from < 0 || from >= shape.Dim(1) || to < 0 || to >= shape.Dim(0) {
			s.fail("a connection from plane %v of %d to plane %v of %d", pairs[2*i], shape.Dim(1), pairs[2*i+1], shape.Dim(0))
			return ""
		}
		at := (to*shape.Dim(1) + from) * size
		for j := range size {
			full[at+j] += k[i*size+j]
		}
	}
	return s.t.b.Init(place(s.path, "weight"), tensor.From(shape, full))
}

// fullConvolution is the transpose of a convolution, weight [In Out kH kW].
func fullConvolution(s *site, x value) value {
	in, out := s.size("nInputPlane", 1, 0), s.size("nOutputPlane", 1, 0)
	kH, kW, attrs := s.window()
	if !s.one(x) {
		return x
	}
	if h, w := s.size("adjH", 0, 0), s.size("adjW", 0, 0); h > 0 || w > 0 {
		attrs = append(attrs, onnx.Ints("output_padding", int64(h), int64(w)))
	}
	args := []string{x.name, s.needed("weight", in, out, kH, kW)}
	if b := s.param("bias", out); b != "" {
		args = append(args, b)
	}
	return tensorValue(s.add("ConvTranspose", args, attrs...), 4)
}

// subSampling: the sum of a window, times a weight and plus a bias of the plane.
// In the oldest files each place of the window has a weight.
func subSampling(s *site, x value) value {
	n := s.size("nInputPlane", 1, 0)
	kH, kW, attrs := s.window()
	if !s.one(x) {
		return x
	}
	attrs = append(attrs, onnx.Int("group", int64(n)))
	w, ok := s.tensor("weight")
	shape, err := tensor.CheckedDims(n, 1, kH, kW)
	if !ok || err != nil || w.Shape().Size() != n && w.Shape().Size() != shape.Size() {
		s.fail("field weight is no tensor for %d planes and windows %d x %d", n, kH, kW)
		return x
	}
	if !s.t.charge(s.at(), 4*int64(shape.Size())) {
		return x
	}
	full, each := make([]float32, shape.Size()), shape.Size()/w.Shape().Size()
	for i := range full {
		full[i] = w.Floats()[i/each]
	}
	args := []string{x.name, s.t.b.Init(place(s.path, "weight"), tensor.From(shape, full))}
	if b := s.param("bias", n); b != "" {
		args = append(args, b)
	}
	return tensorValue(s.add("Conv", args, attrs...), 4)
}

func maxPooling(s *site, x value) value {
	_, _, attrs := s.window()
	if !s.one(x) {
		return x
	}
	if s.flag("ceil_mode", false) {
		attrs = append(attrs, onnx.Int("ceil_mode", 1))
	}
	return tensorValue(s.add("MaxPool", []string{x.name}, attrs...), 4)
}

// averagePooling divides by the size of the window inside the padded image or,
// on demand, inside the image. What a window that leaves both does is ONNX's
// since opset 19. Modules of nn without a true field divide, as the oldest files
// have them, multiply by the size of the whole window afterwards: torch/nn,
// SpatialAveragePooling.lua.
func averagePooling(s *site, x value) value {
	kH, kW, attrs := s.window()
	if !s.one(x) {
		return x
	}
	padded := s.size("padW", 0, 0) > 0 || s.size("padH", 0, 0) > 0
	ceil := s.flag("ceil_mode", false)
	if ceil {
		attrs = append(attrs, onnx.Int("ceil_mode", 1))
	}
	if padded && s.flag("count_include_pad", true) {
		attrs = append(attrs, onnx.Int("count_include_pad", 1))
		if ceil {
			s.t.opset = max(s.t.opset, 19)
		}
	}
	if s.ofCudnn() || s.flag("divide", false) {
		return tensorValue(s.add("AveragePool", []string{x.name}, attrs...), 4)
	}
	mean := s.part("mean", "AveragePool", []string{x.name}, attrs...)
	return tensorValue(s.add("Mul", []string{mean, s.constant("window", float64(kH*kW))}), 4)
}

// crossMap: x / (k + alpha/size · Σ x²)^beta over size neighbouring planes. Older
// files of cudnn have k in the field K.
func crossMap(s *site, x value) value {
	if !s.one(x) {
		return x
	}
	return tensorValue(s.add("LRN", []string{x.name}, onnx.Int("size", int64(s.size("size", 1, 5))), onnx.Float("alpha", float32(s.number("alpha", 1e-4))),
		onnx.Float("beta", float32(s.number("beta", 0.75))), onnx.Float("bias", float32(s.number("K", s.number("k", 1))))), x.rank)
}

// padding pads planes on four sides; a negative number cuts.
func padding(mode string) func(*site, value) value {
	return func(s *site, x value) value {
		l := s.size("pad_l", -maxSize, 0)
		r, t, b := s.size("pad_r", -maxSize, l), s.size("pad_t", -maxSize, l), s.size("pad_b", -maxSize, l)
		if !s.one(x) {
			return x
		}
		pads := s.ints("pads", 0, 0, int64(t), int64(l), 0, 0, int64(b), int64(r))
		return tensorValue(s.add("Pad", []string{x.name, pads}, onnx.String("mode", mode)), 4)
	}
}

// upSampling repeats each element scale times along both axes.
func upSampling(s *site, x value) value {
	k := float32(s.size("scale_factor", 1, 0))
	if !s.one(x) {
		return x
	}
	scales := s.t.b.Init(place(s.path, "scales"), tensor.From(tensor.Dims(4), []float32{1, 1, k, k}))
	return tensorValue(s.add("Resize", []string{x.name, "", scales}, onnx.String("mode", "nearest"),
		onnx.String("coordinate_transformation_mode", "asymmetric"), onnx.String("nearest_mode", "floor")), 4)
}
