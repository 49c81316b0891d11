package ops

import (
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// normalizeGrad takes g, x, mean, variance and scale to the cotangents of x,
// scale and bias, where g is the cotangent of a normalisation's y:
//
//	h = (x-mean)/√(variance+eps), d = g·scale
//	dx = (d - mean(d) - h·mean(d·h))/√(variance+eps), dscale = Σ g·h, dbias = Σ g
//
// With ReLU a last operand y, of g's type, says where g counts: where y > 0.
type normalizeGrad struct {
	NormDims
	ReLU bool
}

func (normalizeGrad) Name() string { return "normalize-grad" }

// Export implements graph.Exporter.
func (op normalizeGrad) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, op.compose)
}

func (op normalizeGrad) Infer(in []tensor.Type) ([]tensor.Type, error) {
	n := 5
	if op.ReLU {
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
	for i, want := range []tensor.Shape{s.x, s.x, s.stat, s.stat, s.scale, s.x}[:n] {
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
	if op.ReLU {
		g = slices.Clone(g)
		for i, y := range in[5].F {
			if !(y > 0) {
				g[i] = 0
			}
		}
	}
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
	if op.ReLU {
		g = Select(Gt(in[5], Like(g, 0)), g, Like(g, 0))
	}
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
		return kernel.BatchNormGrad(rows, c, float32(op.Eps), act(op.ReLU), false)
	case f == layerForm && !op.ReLU:
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

// Simplify implements graph.Simplifier: forms without a kernel are composed; the
// kernel for batches takes on the gradient of a ReLU that only it needs.
func (op normalizeGrad) Simplify(n *graph.Inst) []*graph.Node {
	in := n.In()
	s, _ := op.shape(in[0].Shape())
	switch f, _, _ := s.form(); {
	case f == noForm:
		return op.compose(in)
	case f != batchForm || op.ReLU:
		return nil
	}
	if g, y, ok := masked(in[0]); ok && usedOnce(in[0]) {
		op.ReLU = true
		return graph.Apply(op, g, in[1], in[2], in[3], in[4], y)
	}
	return nil
}

// masked says whether n is g where y > 0 and 0 elsewhere.
func masked(n *graph.Node) (g, y *graph.Node, ok bool) {
	if !isOp[choose](n) || !isFill(n.In()[2], 0) {
		return nil, nil, false
	}
	c := n.In()[0]
	if c.Op() != graph.Op(compare{greater}) || !isFill(c.In()[1], 0) || c.In()[0].Type() != n.Type() {
		return nil, nil, false
	}
	return n.In()[1], c.In()[0], true
}

// usedOnce says whether one operand in n's graph, at most, is n. Instructions
// that nobody needs count too: the answer is for what pays, not for what holds.
func usedOnce(n *graph.Node) bool {
	uses := 0
	for _, i := range n.Graph().Insts()[n.Inst().ID():] {
		for _, a := range i.In() {
			if a == n {
				uses++
			}
		}
	}
	return uses <= 1
}

// FLOPs implements graph.Costed.
func (normalizeGrad) FLOPs(in, _ []tensor.Type) int64 { return 11 * int64(in[0].Shape.Size()) }

func init() {
	var samples []graph.Sample
	for _, s := range normSamples() {
		op := s.Of.(normalize)
		if out, err := op.Infer(s.In); err == nil {
			s.Of = normalizeGrad{op.NormDims, op.ReLU}
			s.In = []tensor.Type{s.In[0], s.In[0], out[1], out[2], s.In[1]}
			if op.ReLU {
				s.In = append(s.In, s.In[0])
			}
			s.Low, s.High = 0.5-op.Eps, 2 // variance + eps stays positive
			samples = append(samples, s)
		}
	}
	graph.Register(graph.Entry{
		Op:      normalizeGrad{NormDims: NormDims{Axes: List(0), Eps: 1e-5}.full(2)},
		Doc:     "the cotangents of x, scale and bias of normalize",
		Samples: samples,
	})
}
