package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Normalize is (x-mean)/√(variance+eps)·scale + bias, with mean and biased
// variance of x over d.Axes, which are results too: what batch normalisation
// does in training (Ioffe and Szegedy, Batch Normalization, 2015) and layer
// normalisation always (Ba, Kiros and Hinton, 2016).
func Normalize(x, scale, bias *graph.Node, d NormDims) (y, mean, variance *graph.Node) {
	r := graph.Apply(normalize{NormDims: d.full(x.Shape().Rank())}, x, scale, bias)
	return r[0], r[1], r[2]
}

// normalize takes x, scale, bias, then with Residual a tensor that is added to
// y. Residual and ReLU, which comes last, are what a plan makes it absorb.
type normalize struct {
	NormDims
	Residual, ReLU bool
}

func (normalize) Name() string { return "normalize" }

// Export implements graph.Exporter: over the last axes a LayerNormalization, else what
// it is made of.
func (op normalize) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	y := inlined(x, in, n, op.compose)
	s, _ := op.shape(n.InTypes()[0].Shape)
	if f, _, _ := s.form(); f == layerForm && s.x.Size() > 0 {
		y[0] = x.Add("LayerNormalization", in[:3], graph.Attribute{Name: "axis", Value: named(s.reduced, s.x.Rank())[0]}, graph.Attribute{Name: "epsilon", Value: op.Eps})
	}
	if op.Residual {
		y[0] = x.Add("Add", []string{y[0], in[3]})
	}
	y[0] = rectified(x, op.ReLU, y[0])
	return y
}

func (op normalize) Infer(in []tensor.Type) ([]tensor.Type, error) {
	n := 3
	if op.Residual {
		n++
	}
	if err := of(in, n, floats); err != nil {
		return nil, err
	}
	s, err := op.shape(in[0].Shape)
	if err != nil {
		return nil, err
	}
	d := in[0].DType
	for i, want := range []tensor.Shape{s.x, s.scale, s.scale, s.x}[:n] {
		if in[i] != (tensor.Type{DType: d, Shape: want}) {
			return nil, fmt.Errorf("operand %d is %v, want %v%v", i, in[i], d, want)
		}
	}
	stat := tensor.Type{DType: d, Shape: s.stat}
	return []tensor.Type{in[0], stat, stat}, nil
}

func (op normalize) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.shape(in[0].Type.Shape)
	x, y, mean, variance := in[0].F, out[0].F, out[1].F, out[2].F
	p, n := place{shape: s.x}, float64(max(s.n, 1))
	for _, v := range x {
		mean[p.dot(s.toStat)] += v / n
		p.next()
	}
	for _, v := range x {
		o := p.dot(s.toStat)
		variance[o] += (v - mean[o]) * (v - mean[o]) / n
		p.next()
	}
	for i, v := range x {
		o, c := p.dot(s.toStat), p.dot(s.toScale)
		y[i] = (v-mean[o])/math.Sqrt(variance[o]+op.Eps)*in[1].F[c] + in[2].F[c]
		p.next()
	}
	if op.Residual {
		addRows(y, in[3].F, len(y))
	}
	if op.ReLU {
		rectify(y)
	}
}

// VJP: normalize-grad for y; mean and variance are x's own means, of x and of
// (x-mean)².
func (op normalize) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, mean := n.In()[0], n.Out()[1]
	s, _ := op.shape(x.Shape())
	cts := make([]*graph.Node, len(n.In()))
	if g := beforeReLU(ct[0], n, op.ReLU); g != nil {
		copy(cts, graph.Apply(normalizeGrad{NormDims: op.NormDims}, g, x, mean, n.Out()[2], n.In()[1])[:3])
		if op.Residual {
			cts[3] = g
		}
	}
	add := func(c *graph.Node) {
		if cts[0] != nil {
			c = Add(cts[0], c)
		}
		cts[0] = c
	}
	share := 1 / float64(max(s.n, 1))
	if g := ct[1]; g != nil {
		add(s.byStat(Scale(g, share)))
	}
	if g := ct[2]; g != nil {
		add(Mul(s.byStat(Scale(g, 2*share)), Sub(x, s.byStat(mean))))
	}
	return cts
}

// compose is the same of smaller operations.
func (op normalize) compose(in []*graph.Node) []*graph.Node {
	s, _ := op.shape(in[0].Shape())
	mean := s.mean(in[0])
	centred := Sub(in[0], s.byStat(mean))
	variance := s.mean(Mul(centred, centred))
	inverse := Rsqrt(Add(variance, Like(variance, op.Eps)))
	y := Add(Mul(Mul(centred, s.byStat(inverse)), s.byScale(in[1])), s.byScale(in[2]))
	return []*graph.Node{y, mean, variance}
}

// Simplify implements graph.Simplifier: forms without a kernel, such as group
// normalisation, are composed.
func (op normalize) Simplify(n *graph.Inst) []*graph.Node {
	s, _ := op.shape(n.In()[0].Shape())
	if f, _, _ := s.form(); f != noForm || op.Residual || op.ReLU {
		return nil
	}
	return op.compose(n.In())
}

// Kernel implements graph.Kerneled.
func (op normalize) Kernel(in, _ []tensor.Type) *kernel.Code {
	s, _ := op.shape(in[0].Shape)
	switch f, rows, c := s.form(); {
	case in[0].DType != tensor.Float32 || s.n == 0:
		return nil
	case f == batchForm:
		return kernel.BatchNorm(rows, c, float32(op.Eps), act(op.ReLU), op.Residual)
	case f == layerForm && !op.ReLU && !op.Residual:
		return kernel.LayerNorm(rows, c, float32(op.Eps))
	}
	return nil
}

// InPlace implements graph.InPlace.
func (op normalize) InPlace() [][2]int {
	if op.Residual {
		return [][2]int{{0, 3}, {0, 0}}
	}
	return [][2]int{{0, 0}}
}

// Absorb implements graph.Absorber: a residual sum, then a ReLU.
func (op normalize) Absorb(n, user *graph.Inst) (graph.Op, []*graph.Node, bool) {
	s, _ := op.shape(n.In()[0].Shape())
	if f, _, _ := s.form(); f != batchForm || op.ReLU {
		return nil, nil, false
	}
	if isReLU(user) {
		op.ReLU = true
		return op, nil, true
	}
	if r := residualOf(n, user); r != nil && !op.Residual {
		op.Residual = true
		return op, []*graph.Node{r}, true
	}
	return nil, nil, false
}

// FLOPs implements graph.Costed: one for the mean, three for the variance,
// three for y.
func (op normalize) FLOPs(in, _ []tensor.Type) int64 {
	return int64(4+len(in)) * int64(in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:      normalize{NormDims: NormDims{Axes: List(0), Eps: 1e-5}.full(2)},
		Doc:     "(x - mean)/√(variance + eps)·scale + bias; mean; variance",
		Samples: normSamples(),
	})
}

// normSamples are batch, layer, instance and group normalisation, an empty
// batch, and what a plan absorbs.
func normSamples() []graph.Sample {
	var samples []graph.Sample
	for _, c := range []struct {
		x           tensor.Type
		axes, scale Ints
		tail        bool
	}{
		{tensor.F32(6, 3), List(0), Ints{}, false},
		{tensor.F32(2, 3, 2, 17), List(0, 1, 2), Ints{}, false},
		{tensor.F32(3, 6), List(-1), Ints{}, false},
		{tensor.F32(2, 2, 3), List(1, 2), List(1, 2), false},
		{tensor.F32(2, 4, 3), List(1), Ints{}, false},           // instance
		{tensor.F32(2, 3, 2, 2), List(1, 3), List(2, 3), false}, // groups of channels
		{tensor.F32(0, 6), List(-1), Ints{}, false},
		{tensor.F32(3, 4, 2), List(0, 1), Ints{}, true},
	} {
		d := NormDims{c.axes, c.scale, 1e-3}
		if c.tail {
			d.Eps = 1
		}
		op := normalize{d.full(c.x.Shape.Rank()), c.tail, c.tail}
		s, _ := op.shape(c.x.Shape)
		scale := tensor.Type{DType: c.x.DType, Shape: s.scale}
		in := []tensor.Type{c.x, scale, scale}
		if c.tail {
			in = append(in, c.x)
		}
		samples = append(samples, graph.Sample{Of: op, In: in, Low: -1, High: 2})
	}
	return samples
}
