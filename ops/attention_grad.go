package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// attentionGrad takes q, k, v, with Mask the mask, then o and lse, which are an
// attention's results, g, the cotangent of o, and with Stat the cotangent of lse,
// to the cotangents of q, k and v. For each query i and key j
//
//	p = exp(score - lse[i]), ds = p·(g[i]·v[j] - Σ g[i]⊙o[i] + glse[i])
//	dq[i] = Σ_j scale·ds·k[j], dk[j] = Σ_i scale·ds·q[i], dv[j] = Σ_i p·g[i]
//
// Turned counts q, k, v, o and g as 0 to 4; cotangents lie as their operands do.
type attentionGrad struct {
	AttentionDims
	Turned     turned
	Mask, Stat bool
}

func (attentionGrad) Name() string { return "attention-grad" }

// split is the operands by what they are: mask and stat are empty or one.
func splitGrad[T any](op attentionGrad, in []T) (mask []T, o, lse, g T, stat []T) {
	rest := in[3:]
	if op.Mask {
		mask, rest = rest[:1], rest[1:]
	}
	return mask, rest[0], rest[1], rest[2], rest[3:]
}

func (op attentionGrad) Infer(in []tensor.Type) ([]tensor.Type, error) {
	n := 6
	if op.Mask {
		n++
	}
	if op.Stat {
		n++
	}
	if err := count(in, n); err != nil {
		return nil, err
	}
	if err := of(in[:3], 3, floats); err != nil {
		return nil, err
	}
	mask, o, lse, g, stat := splitGrad(op, in)
	s, err := op.shape(op.Turned, in[0], in[1], in[2], mask...)
	if err != nil {
		return nil, err
	}
	d, size := in[0].DType, s.q.size
	size[3] = s.v.size[3]
	sum := tensor.Type{DType: d, Shape: tensor.Dims(size[:3]...)}
	for i, t := range append([]tensor.Type{o, g, lse}, stat...) {
		want := sum
		if i < 2 {
			want = tensor.Type{DType: d, Shape: op.Turned.shape(3+i, size)}
		}
		if t != want {
			return nil, fmt.Errorf("an operand is %v, want %v", t, want)
		}
	}
	return []tensor.Type{in[0], in[1], in[2]}, nil
}

func (op attentionGrad) Ref(out, in []tensor.Wide) {
	blank(out)
	mask, o, lse, g, stat := splitGrad(op, in)
	s, _ := op.shape(op.Turned, in[0].Type, in[1].Type, in[2].Type, wideTypes(mask)...)
	vo, vg, scale := op.Turned.view(3, o.Type.Shape), op.Turned.view(4, g.Type.Shape), op.scale(s)
	q, k, v, dq, dk, dv := in[0].F, in[1].F, in[2].F, out[0].F, out[1].F, out[2].F
	eachQuery(s, func(b, h, l, row int) {
		gi, delta := g.F[vg.at(b, h, l):][:s.v.size[3]], 0.0
		for e, x := range gi {
			delta += x * o.F[vo.at(b, h, l)+e]
		}
		if op.Stat {
			delta -= stat[0].F[row]
		}
		qi := s.q.at(b, h, l)
		for j := range s.k.size[2] {
			p := math.Exp(op.score(s, &in[0], &in[1], wideMask(mask), b, h, l, j) - lse.F[row])
			kj, vj, dp := s.k.at(b, h/s.group(), j), s.v.at(b, h/s.group(), j), 0.0
			for e, x := range gi {
				dp += x * v[vj+e]
				dv[vj+e] += p * x
			}
			ds := scale * p * (dp - delta)
			for e := range s.q.size[3] {
				dq[qi+e] += ds * k[kj+e]
				dk[kj+e] += ds * q[qi+e]
			}
		}
	})
}

// attentionParts is what the gradient is made of, heads first and keys repeated.
type attentionParts struct{ q, k, g, p, ds *graph.Node }

func (op attentionGrad) parts(in []*graph.Node) (a attentionParts) {
	mask, o, lse, g, stat := splitGrad(op, in)
	heads := op.Turned.view(0, in[0].Shape()).size[1]
	a.q, a.g, o = op.Turned.headed(0, in[0]), op.Turned.headed(4, g), op.Turned.headed(3, o)
	a.k = repeatHeads(op.Turned.headed(1, in[1]), heads)
	v := repeatHeads(op.Turned.headed(2, in[2]), heads)
	s := op.scoresOf(a.q, a.k, mask)
	a.p = Exp(Sub(s, byQuery(lse, s.Shape())))
	delta := ReduceSum(Mul(a.g, o), 3)
	if op.Stat {
		delta = Sub(delta, stat[0])
	}
	dp := DotGeneral(a.g, v, DotDims{List(0, 1), List(0, 1), List(3), List(3)})
	a.ds = Mul(a.p, Sub(dp, byQuery(delta, s.Shape())))
	return a
}

// Decompose implements Decomposer.
func (op attentionGrad) Decompose(in []*graph.Node) []*graph.Node {
	a, kv := op.parts(in), op.Turned.view(1, in[1].Shape()).size[1]
	heads := a.q.Shape().Dims()
	ds := Scale(a.ds, op.scale(attentionShape{q: headsFirst{size: [4]int(heads)}}))
	byKey := DotDims{List(0, 1), List(0, 1), List(2), List(2)}
	return []*graph.Node{
		op.Turned.headed(0, MatMul(ds, a.k)),
		op.Turned.headed(1, sumHeads(DotGeneral(ds, a.q, byKey), kv)),
		op.Turned.headed(2, sumHeads(DotGeneral(a.p, a.g, byKey), kv)),
	}
}

// maskGradient is the cotangent of a mask of numbers: that of the scores, added
// up along the axes which the mask has once.
func (op attentionGrad) maskGradient(in []*graph.Node) *graph.Node {
	ds, want := op.parts(in).ds, in[3].Shape()
	var axes []int
	for i := range 4 {
		if want.Dim(i) != ds.Shape().Dim(i) {
			axes = append(axes, i)
		}
	}
	if axes == nil {
		return ds
	}
	return Reshape(ReduceSum(ds, axes...), want)
}

// VJP is that of the decomposition.
func (op attentionGrad) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return composedVJP(ct, n, op.Decompose)
}

// Kernel implements graph.Kerneled.
func (op attentionGrad) Kernel(in, _ []tensor.Type) *kernel.Code {
	mask, o, _, g, _ := splitGrad(op, in)
	s, err := op.shape(op.Turned, in[0], in[1], in[2], mask...)
	if err != nil || in[0].DType != tensor.Float32 {
		return nil
	}
	k := op.spec(s, mask)
	k.O, k.G = op.Turned.view(3, o.Shape).strides(), op.Turned.view(4, g.Shape).strides()
	return kernel.AttentionGrad(k, op.Stat)
}

// Simplify implements graph.Simplifier: as attention's.
func (op attentionGrad) Simplify(n *graph.Inst) []*graph.Node {
	in, before := append([]*graph.Node{}, n.In()...), op.Turned
	first := 3
	if op.Mask {
		first++
	}
	op.Turned = op.Turned.unturn(in[:3], 0, 1, 2).unturn(in[first:first+1], 3).unturn(in[first+2:first+3], 4)
	if op.Turned == before {
		return nil
	}
	out := append([]*graph.Node{}, graph.Apply(op, in...)...)
	for i := range out {
		if op.Turned.has(i) != before.has(i) {
			out[i] = Transpose(out[i], headsAndRows...)
		}
	}
	return out
}

// FLOPs implements graph.Costed: scores, dp and three products with them.
func (op attentionGrad) FLOPs(in, _ []tensor.Type) int64 {
	s, _ := op.shape(op.Turned, in[0], in[1], in[2])
	return 3*s.flops(s.q.size[3]) + 2*s.flops(s.v.size[3]) + 3*s.flops(1)
}

func init() {
	graph.Register(graph.Entry{
		Op:      attentionGrad{},
		Doc:     "the gradient of attention by q, k and v, from its results",
		Samples: attentionSamples(attentionCase.backward),
		Large: &graph.Sample{
			In: []tensor.Type{
				tensor.F32(8, 8, 256, 64), tensor.F32(8, 8, 256, 64), tensor.F32(8, 8, 256, 64),
				tensor.F32(8, 8, 256, 64), tensor.F32(8, 8, 256), tensor.F32(8, 8, 256, 64),
			},
			Low: -1, High: 1,
		},
	})
}
