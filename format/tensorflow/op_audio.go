package tensorflow

import (
	"fmt"
	"math"
	"strconv"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// The front end of TensorFlow's speech commands: a WAV file, here its samples;
// the power spectrum of its frames; mel-frequency cepstral coefficients.
func init() {
	register((*call).decodeWav, "DecodeWav")
	register((*call).spectrogram, "AudioSpectrogram")
	register((*call).mfcc, "Mfcc")
}

// readByDecodeWav says whether a placeholder is the bytes of a WAV file.
func (k *call) readByDecodeWav() bool { return k.wavReader() != nil }

func (k *call) wavReader() *Node {
	for _, u := range k.region.users(k.n) {
		if in := k.region.inputs(u, false); u.Op == "DecodeWav" && len(in) == 1 && in[0].node == k.n {
			return u
		}
	}
	return nil
}

// sound is an input of samples in place of a file: [N samples], each recording
// being a channel to what follows.
func (k *call) sound() error {
	samples := unknown
	if a := k.wavReader().Attr("desired_samples"); a != nil && a.Int > 0 && a.Int < maxSize {
		samples = int(a.Int)
		k.c.meta["ihae.input.samples"] = strconv.Itoa(samples)
	}
	e, _ := floatType.elem()
	s := dimsOf(batch, samples)
	k.c.meta["ihae.input.kind"] = "sound"
	k.c.meta["ihae.input.rate"] = strconv.Itoa(k.c.o.SampleRate)
	k.c.meta["ihae.input.range"] = "-1,1"
	k.out = append(k.out, &value{typ: floatType, shape: s, name: k.b.Input(k.n.Name, e, k.ports(s)...)})
	return nil
}

// decodeWav gives samples as [samples channels] and their rate.
func (k *call) decodeWav() error {
	if err := k.takes(1); err != nil {
		return err
	}
	x := k.in[0]
	if x.typ != floatType || x.shape.rank() != 2 {
		return fmt.Errorf("the file is not an input of the graph")
	}
	err := k.give(floatType, x.shape.permuted([]int{1, 0}), "Transpose", []string{k.use(x)}, onnx.Ints("perm", 1, 0))
	k.out = append(k.out, constant(k.n.Name+":1", scalarInt32(k.c.o.SampleRate)))
	return err
}

// maxFrame bounds the samples of a frame, since the transform is a matrix.
const maxFrame = 8192

// spectrogram is |DFT|² or |DFT| of frames under a Hann window, padded to a
// power of two: [channels frames bins] of [samples channels]. A convolution by
// the rows of the transform cuts the frames and transforms them.
func (k *call) spectrogram() error {
	if err := k.takes(1); err != nil {
		return err
	}
	x, n, step := k.in[0], k.int("window_size", 0), k.int("stride", 0)
	if n < 2 || n > maxFrame || step < 1 || step > maxWindow || x.shape.rank() != 2 {
		return fmt.Errorf("frames of %d samples at every %d of a tensor with %d axes", n, step, x.shape.rank())
	}
	size := 1
	for size < n {
		size *= 2
	}
	bins := size/2 + 1
	if !k.c.spend(8 * int64(bins) * int64(n)) {
		return fmt.Errorf("the transform of %d samples takes too much memory", n)
	}
	channels := k.node("Transpose", []string{k.use(x)}, onnx.Ints("perm", 1, 0))
	channels = k.node("Unsqueeze", []string{channels, k.list(1)})
	w := k.b.Init(k.n.Name+":transform", transform(n, size))
	parts := k.node("Conv", []string{channels, w}, onnx.Ints("kernel_shape", int64(n)), onnx.Ints("strides", int64(step)))
	square := k.node("Mul", []string{parts, parts})
	re := k.node("Slice", []string{square, k.list(0), k.list(bins), k.list(1)})
	im := k.node("Slice", []string{square, k.list(bins), k.list(2 * bins), k.list(1)})
	power := k.node("Add", []string{re, im})
	if !k.flag("magnitude_squared", false) {
		power = k.node("Sqrt", []string{power})
	}
	frames := unknown
	if d := x.shape.dim(0); d >= n {
		frames = (d-n)/step + 1
	}
	return k.give(floatType, dimsOf(x.shape.dims[1], frames, bins), "Transpose", []string{power}, onnx.Ints("perm", 0, 2, 1))
}

// transform is the real and then the imaginary rows of a discrete Fourier
// transform of size points of n samples under a periodic Hann window, as filters
// [rows 1 n].
func transform(n, size int) tensor.Tensor {
	bins := size/2 + 1
	y := make([]float32, 2*bins*n)
	for t := range n {
		hann := 0.5 - 0.5*math.Cos(2*math.Pi*float64(t)/float64(n))
		for f := range bins {
			sin, cos := math.Sincos(2 * math.Pi * float64(f*t%size) / float64(size))
			y[f*n+t] = float32(hann * cos)
			y[(bins+f)*n+t] = float32(-hann * sin)
		}
	}
	return tensor.From(tensor.Dims(2*bins, 1, n), y)
}

// mfcc is the cosine transform of the logarithm of the mel spectrum, which adds
// up the square roots of the powers (tensorflow/core/kernels/mfcc.cc).
func (k *call) mfcc() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x := k.in[0]
	bins := x.shape.dim(2)
	rate, err := k.constInts(1)
	channels, coefficients := k.int("filterbank_channel_count", 40), k.int("dct_coefficient_count", 13)
	low, high := float64(k.float("lower_frequency_limit", 20)), float64(k.float("upper_frequency_limit", 4000))
	switch {
	case err != nil:
		return err
	case len(rate) != 1 || rate[0] < 1 || bins < 2 || x.shape.rank() != 3:
		return fmt.Errorf("a spectrogram of shape %v at rate %v", x.shape.dims, rate)
	case channels < 1 || channels > maxFrame || coefficients < 1 || coefficients > channels:
		return fmt.Errorf("%d coefficients of %d channels", coefficients, channels)
	case !(low >= 0 && low < high && high < 1e9):
		return fmt.Errorf("frequencies from %v to %v", low, high)
	}
	if !k.c.spend(4 * int64(channels) * int64(bins+coefficients)) {
		return fmt.Errorf("%d channels of %d bins take too much memory", channels, bins)
	}
	magnitude := k.node("Sqrt", []string{k.use(x)})
	bank := k.b.Init(k.n.Name+":mel", melBank(bins, rate[0], channels, low, high))
	mel := k.node("MatMul", []string{magnitude, bank})
	log := k.node("Log", []string{k.node("Max", []string{mel, k.scalar(1e-12, floatType)})})
	cosine := k.b.Init(k.n.Name+":cosine", cosines(channels, coefficients))
	return k.give(floatType, x.shape.with(2, coefficients), "MatMul", []string{log, cosine})
}

// melBank is the share that each bin has in each channel: [bins channels].
// Centres are equally far apart in mel; between two of them the share of the
// lower falls from 1 to 0, and the upper has the rest. Bins outside of the
// limits have none.
func melBank(bins, rate, channels int, low, high float64) tensor.Tensor {
	mel := func(hz float64) float64 { return 1127 * math.Log1p(hz/700) }
	from, spacing := mel(low), (mel(high)-mel(low))/float64(channels+1)
	centre := func(c int) float64 { return from + spacing*float64(c+1) }
	perBin := 0.5 * float64(rate) / float64(bins-1)
	first, last := int(1.5+low/perBin), min(int(high/perBin), bins-1)
	y := make([]float32, bins*channels)
	c := 0
	for i := first; i <= last; i++ {
		at := mel(float64(i) * perBin)
		for c < channels && centre(c) < at {
			c++
		}
		below := from
		if c > 0 {
			below = centre(c - 1)
		}
		share := (centre(c) - at) / (centre(c) - below)
		if c > 0 {
			y[i*channels+c-1] = float32(share)
		}
		if c < channels {
			y[i*channels+c] = float32(1 - share)
		}
	}
	return tensor.From(tensor.Dims(bins, channels), y)
}

// cosines is √(2/n) cos(πi(j+½)/n): [j i].
func cosines(n, coefficients int) tensor.Tensor {
	y := make([]float32, n*coefficients)
	for j := range n {
		for i := range coefficients {
			y[j*coefficients+i] = float32(math.Sqrt(2/float64(n)) * math.Cos(math.Pi*float64(i)*(float64(j)+0.5)/float64(n)))
		}
	}
	return tensor.From(tensor.Dims(n, coefficients), y)
}
