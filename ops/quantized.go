package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ZeroPoints is which whole numbers mean 0 in the two operands of a quantized
// product: Jacob et al., "Quantization and Training of Neural Networks for
// Efficient Integer-Arithmetic-Only Inference", CVPR 2018, section 2.1.
type ZeroPoints struct{ A, B int }

// QuantizedDot is the exact product of a - z.A and b - z.B: a [… K] of uint8 or
// int8, b [K N] of int8, result int32 [… N], which wraps around. It has no
// gradient: whole numbers have none.
func QuantizedDot(a, b *graph.Node, z ZeroPoints) *graph.Node {
	return graph.Apply1(quantizedDot{Zero: z}, a, b)
}

// QuantizedLinear is [QuantizedDot] as float32, times scale [N], plus bias [N] or
// nil: scale[j] is a's step times that of b's column j. Scale and bias have
// gradients. To train what a and b were rounded from, let the gradient pass the
// rounding (Bengio et al., "Estimating or Propagating Gradients Through Stochastic
// Neurons", 2013) and use the floating-point product in the backward graph.
func QuantizedLinear(a, b, scale, bias *graph.Node, z ZeroPoints) *graph.Node {
	y := graph.Apply1(quantizedDot{Zero: z, Scaled: true}, a, b, scale)
	if bias == nil {
		return y
	}
	return Add(y, bias)
}

// QuantizedBytes is the product of a - z.A [… K], uint8 or int8, and b - z.B [K N], int8,
// plus bias, int32 [N] or nil, as float32, times scale [N], rounded to even, plus zero,
// held within the range of to, uint8 or int8: bytes [… N], what a layer of bytes gives
// the next one. Jacob et al. do the same
// in section 2.2, with the scale as a whole number and a shift. It has no gradient.
func QuantizedBytes(a, b, bias, scale *graph.Node, z ZeroPoints, to tensor.DType, zero int) *graph.Node {
	op := quantizedDot{Zero: z, Bias: bias != nil, Scaled: true, To: to, ZeroY: zero}
	if bias == nil {
		return graph.Apply1(op, a, b, scale)
	}
	return graph.Apply1(op, a, b, bias, scale)
}

// quantizedDot takes a and b, with Bias a number for each column, and with Scaled the
// scale of each column. To is the type of bytes that are the result, if one is
// set; then it is Scaled.
type quantizedDot struct {
	Zero   ZeroPoints
	Bias   bool
	Scaled bool
	To     tensor.DType
	ZeroY  int
}

func (quantizedDot) Name() string { return "quantized-dot" }

// bytes says whether the result is bytes.
func (op quantizedDot) bytes() bool { return op.To != tensor.DType{} }

// operands is how many there are, and the numbers of the bias and the scale.
func (op quantizedDot) operands() (n, bias, scale int) {
	n, bias, scale = 2, 2, 2
	if op.Bias {
		n, scale = 3, 3
	}
	if op.Scaled {
		n++
	}
	return n, bias, scale
}

func (op quantizedDot) Infer(in []tensor.Type) ([]tensor.Type, error) {
	n, bias, scale := op.operands()
	if err := count(in, n); err != nil {
		return nil, err
	}
	a, b := in[0], in[1]
	switch {
	case a.DType != tensor.Uint8 && a.DType != tensor.Int8 || b.DType != tensor.Int8:
		return nil, fmt.Errorf("%v times %v elements, want uint8 or int8 times int8", a.DType, b.DType)
	case a.Shape.Rank() < 1 || b.Shape.Rank() != 2 || a.Shape.Dim(-1) != b.Shape.Dim(0):
		return nil, fmt.Errorf("%v times %v, want [… K] and [K N]", a.Shape, b.Shape)
	case max(op.Zero.A, -op.Zero.A, op.Zero.B, -op.Zero.B) > 255:
		return nil, fmt.Errorf("zero points %+v are no bytes", op.Zero)
	case op.bytes() && (!op.Scaled || op.To != tensor.Uint8 && op.To != tensor.Int8):
		return nil, fmt.Errorf("the result is %v, want uint8 or int8 of scaled sums", op.To)
	}
	d, cols := tensor.Int32, b.Shape.Dim(1)
	if want := (tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(cols)}); op.Bias && in[bias] != want {
		return nil, fmt.Errorf("the bias is %v, want %v", in[bias], want)
	}
	if op.Scaled {
		if d = tensor.Float32; in[scale] != tensor.F32(cols) {
			return nil, fmt.Errorf("the scale is %v, want float32[%d]", in[scale], cols)
		}
	}
	if op.bytes() {
		d = op.To
	}
	dims := a.Shape.Dims()
	dims[len(dims)-1] = cols
	shape, err := tensor.CheckedDims(dims...)
	return []tensor.Type{{DType: d, Shape: shape}}, err
}

func (op quantizedDot) Ref(out, in []tensor.Wide) {
	k, n := in[1].Type.Shape.Dim(0), in[1].Type.Shape.Dim(1)
	_, bias, scale := op.operands()
	for at := range out[0].Type.Shape.Size() {
		i, j, sum := at/n, at%n, int64(0)
		for e := range k {
			sum += (in[0].I[i*k+e] - int64(op.Zero.A)) * (in[1].I[e*n+j] - int64(op.Zero.B))
		}
		if op.Bias {
			sum += in[bias].I[j]
		}
		switch {
		case op.bytes(): // rounded where float32 rounds, or halves would go elsewhere
			v := float32(int32(sum)) * float32(in[scale].F[j])
			out[0].I[at] = op.step(float64(v))
		case op.Scaled:
			out[0].F[at] = float64(int32(sum)) * in[scale].F[j]
		default:
			out[0].I[at] = sum
		}
	}
}

// step is a scaled sum as a byte.
func (op quantizedDot) step(v float64) int64 {
	low, high := op.To.Range()
	if v = math.RoundToEven(v) + float64(op.ZeroY); !(v > low) {
		v = low
	}
	return int64(min(v, high))
}

// Decompose implements Decomposer.
func (op quantizedDot) Decompose(in []*graph.Node) []*graph.Node {
	centred := func(x *graph.Node, zero int) *graph.Node {
		x = Convert(x, tensor.Int32)
		return Sub(x, Like(x, float64(zero)))
	}
	y := MatMul(centred(in[0], op.Zero.A), centred(in[1], op.Zero.B))
	_, bias, scale := op.operands()
	if op.Bias {
		y = Add(y, in[bias])
	}
	if op.Scaled {
		y = Mul(Convert(y, tensor.Float32), in[scale])
	}
	if op.bytes() {
		low, _ := op.To.Range()
		y = Round(y)
		y = Add(y, Like(y, float64(op.ZeroY)))
		y = Convert(Select(Ne(y, y), Like(y, low), y), op.To) // NaN, which Convert makes 0
	}
	return []*graph.Node{y}
}

// VJP: of the scale, Σ g ⊙ sums along the rows. Bytes have none.
func (op quantizedDot) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	cts := make([]*graph.Node, len(n.In()))
	if op.Scaled && !op.bytes() && ct[0] != nil {
		_, _, scale := op.operands()
		plain := op
		plain.Scaled = false
		sums := Convert(graph.Apply1(plain, n.In()[:scale]...), tensor.Float32)
		cts[scale] = sumRows(Mul(ct[0], sums))
	}
	return cts
}

// FLOPs implements graph.Costed: products of whole numbers count as others do.
func (op quantizedDot) FLOPs(in, out []tensor.Type) int64 {
	after := len(in) - 2
	if op.bytes() {
		after += 2
	}
	return 2*op.MACs(in, out) + int64(after)*int64(out[0].Shape.Size())
}

// MACs implements graph.Contracting.
func (quantizedDot) MACs(in, out []tensor.Type) int64 {
	return int64(out[0].Shape.Size()) * int64(in[1].Shape.Dim(0))
}

// Kernel implements graph.Kerneled.
func (op quantizedDot) Kernel(in, out []tensor.Type) *kernel.Code {
	k, n := in[1].Shape.Dim(0), in[1].Shape.Dim(1)
	s := kernel.QuantizedSpec{
		M: product(in[0].Shape.Dims()[:in[0].Shape.Rank()-1]), N: n, K: k,
		Signed: in[0].DType == tensor.Int8, ZeroA: op.Zero.A, ZeroB: op.Zero.B, Bias: op.Bias, Scaled: op.Scaled,
	}
	if op.bytes() {
		low, high := op.To.Range()
		s.To = &kernel.ByteStep{Zero: op.ZeroY, Low: int(low), High: int(high)}
	}
	return kernel.Quantized(s)
}

func init() {
	of := func(d tensor.DType, dims ...int) tensor.Type {
		return tensor.Type{DType: d, Shape: tensor.Dims(dims...)}
	}
	sample := func(op quantizedDot, in ...tensor.Type) graph.Sample {
		s := graph.Sample{Of: op, In: in, Low: -128, High: 256}
		s.Ranges = [][2]float64{{-128, 128}, {-128, 128}, {-2, 2}, {-2, 2}}
		if op.Bias {
			s.Ranges[2] = [2]float64{-1000, 1000}
		}
		if op.bytes() {
			s.Ranges[len(in)-1] = [2]float64{0, 0.01}
		}
		if in[0].DType == tensor.Uint8 {
			s.Ranges[0] = [2]float64{0, 256}
		}
		return s
	}
	u, s := tensor.Uint8, tensor.Int8
	graph.Register(graph.Entry{
		Op:  quantizedDot{},
		Doc: "Σ (a - zero)·(b - zero) of bytes, exact in int32, or times a scale for each column",
		Samples: []graph.Sample{
			sample(quantizedDot{}, of(u, 3, 5), of(s, 5, 4)),
			sample(quantizedDot{Zero: ZeroPoints{A: 128}}, of(u, 2, 3, 70), of(s, 70, 65)),
			sample(quantizedDot{Zero: ZeroPoints{A: -3, B: 7}}, of(s, 9, 6), of(s, 6, 33)),
			sample(quantizedDot{Zero: ZeroPoints{A: 5}, Scaled: true}, of(u, 4, 8), of(s, 8, 3), tensor.F32(3)),
			sample(quantizedDot{Zero: ZeroPoints{B: -1}, Scaled: true}, of(s, 3), of(s, 3, 2), tensor.F32(2)),
			sample(quantizedDot{Zero: ZeroPoints{A: 2}, Bias: true}, of(s, 3, 6), of(s, 6, 20), of(tensor.Int32, 20)),
			sample(quantizedDot{Zero: ZeroPoints{B: 3}, Bias: true, Scaled: true}, of(u, 3, 6), of(s, 6, 5), of(tensor.Int32, 5), tensor.F32(5)),
			sample(quantizedDot{Bias: true, Scaled: true, To: u, ZeroY: 100}, of(u, 7, 9), of(s, 9, 17), of(tensor.Int32, 17), tensor.F32(17)),
			sample(quantizedDot{Zero: ZeroPoints{A: 9, B: 2}, Scaled: true, To: s, ZeroY: -3}, of(s, 2, 5, 8), of(s, 8, 66), tensor.F32(66)),
			sample(quantizedDot{}, of(u, 2, 0), of(s, 0, 3)),
			sample(quantizedDot{}, of(u, 0, 2), of(s, 2, 3)),
		},
		Large: &graph.Sample{
			Of: quantizedDot{Zero: ZeroPoints{A: 128}, Scaled: true},
			In: []tensor.Type{of(u, 512, 512), of(s, 512, 512), tensor.F32(512)}, Low: 0, High: 1,
		},
	})
}
