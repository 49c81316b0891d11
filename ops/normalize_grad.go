package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// normalizeGrad takes g, x, mean, variance and scale to the cotangents of x,
// scale and bias, where g is the cotangent of a normalisation's y:
//
//	h = (x-mean)/√(variance+eps), d = g·scale
//	dx = (d - mean(d) - h·mean(d·h))/√(variance+eps), dscale = Σ g·h, dbias = Σ g
type normalizeGrad struct{ NormDims }

func (normalizeGrad) Name() string { return "normalize-grad" }

func (op normalizeGrad) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 5, floats); err != nil {
		return nil, err
	}
	s, err := op.shape(in[0].Shape)
	if err != nil {
		return nil, err
	}
	d := in[0].DType
	for i, want := range []tensor.Shape{s.x, s.x, s.stat, s.stat, s.scale} {
		if in[i] != (tensor.Type{DType: d, Shape: want}) {
			return nil, fmt.Errorf("operand %d is %v, want %v%v", i, in[i], d, want)
		}
	}
	return []tensor.Type{in[0], in[4], in[4]}, nil
}

func (op normalizeGrad) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.shape(in[0].Type.Shape)
	g, x, mean, variance, scale := in[0].F, in[1].F, in[2].F, in[3].F, in[4].F
	meanD, meanDH := make([]float64, len(mean)), make([]float64, len(mean))
	p, n := place{shape: s.x}, float64(max(s.n, 1))
	standard := func(i, o int) float64 { return (x[i] - mean[o]) / math.Sqrt(variance[o]+op.Eps) }
	for i := range g {
		o, c := p.dot(s.toStat), p.dot(s.toScale)
		h := standard(i, o)
		meanD[o] += g[i] * scale[c] / n
		meanDH[o] += g[i] * scale[c] * h / n
		out[1].F[c] += g[i] * h
		out[2].F[c] += g[i]
		p.next()
	}
	for i := range g {
		o, c := p.dot(s.toStat), p.dot(s.toScale)
		out[0].F[i] = (g[i]*scale[c] - meanD[o] - standard(i, o)*meanDH[o]) / math.Sqrt(variance[o]+op.Eps)
		p.next()
	}
}

// compose is the same of smaller operations.
func (op normalizeGrad) compose(in []*graph.Node) []*graph.Node {
	g, x, mean, variance, scale := in[0], in[1], in[2], in[3], in[4]
	s, _ := op.shape(x.Shape())
	inverse := s.byStat(Rsqrt(Add(variance, Like(variance, op.Eps))))
	h := Mul(Sub(x, s.byStat(mean)), inverse)
	d := Mul(g, s.byScale(scale))
	centred := Sub(d, s.byStat(s.mean(d)))
	dx := Mul(Sub(centred, Mul(h, s.byStat(s.mean(Mul(d, h))))), inverse)
	return []*graph.Node{dx, s.toScaleSum(Mul(g, h)), s.toScaleSum(g)}
}

// VJP is that of the composed form.
func (op normalizeGrad) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return composedVJP(ct, n, op.compose)
}

// Kernel implements graph.Kerneled.
func (op normalizeGrad) Kernel(in, _ []tensor.Type) *kernel.Code {
	s, _ := op.shape(in[0].Shape)
	switch f, rows, c := s.form(); {
	case in[0].DType != tensor.Float32 || s.n == 0:
		return nil
	case f == batchForm:
		return kernel.BatchNormGrad(rows, c, float32(op.Eps), kernel.ActNone, false)
	case f == layerForm:
		return kernel.LayerNormGrad(rows, c, float32(op.Eps))
	}
	return nil
}

// InPlace implements graph.InPlace: the code for rows reads its operands twice.
func (op normalizeGrad) InPlace() [][2]int {
	if op.Axes == op.ScaleAxes {
		return nil
	}
	return [][2]int{{0, 0}, {0, 1}}
}

// Simplify implements graph.Simplifier: forms without a kernel are composed.
func (op normalizeGrad) Simplify(n *graph.Inst) []*graph.Node {
	s, _ := op.shape(n.In()[0].Shape())
	if f, _, _ := s.form(); f != noForm {
		return nil
	}
	return op.compose(n.In())
}

// FLOPs implements graph.Costed.
func (normalizeGrad) FLOPs(in, _ []tensor.Type) int64 { return 11 * int64(in[0].Shape.Size()) }

func init() {
	var samples []graph.Sample
	for _, s := range normSamples() {
		op := s.Of.(normalize)
		if out, err := op.Infer(s.In); err == nil {
			s.Of = normalizeGrad{op.NormDims}
			s.In = []tensor.Type{s.In[0], s.In[0], out[1], out[2], s.In[1]}
			s.Low, s.High = 0.5, 2
			samples = append(samples, s)
		}
	}
	graph.Register(graph.Entry{
		Op:      normalizeGrad{NormDims{Axes: List(0), Eps: 1e-5}.full(2)},
		Doc:     "the cotangents of x, scale and bias of normalize",
		Samples: samples,
	})
}
