package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Attention is softmax(scale·q·kᵀ + mask)·v for each head: q [B H L D], k [B Hkv
// S D], v [B Hkv S Dv], result [B H L Dv]. Vaswani et al., "Attention Is All You
// Need", NeurIPS 2017, equation 1. Hkv divides H: each head of keys and values
// serves H/Hkv heads of queries (Ainslie et al., "GQA", EMNLP 2023).
//
// The mask is nil, bool (false: not seen) or of q's type (added to the scores),
// and broadcasts to [B H L S] from the right. A query that sees no key gets
// zeros, where PyTorch gives NaN. Scores are never stored as a whole, forward or
// backward (Dao et al., "FlashAttention", NeurIPS 2022). Operands that are
// transposed from [B L H D] are read where they lie.
func Attention(q, k, v, mask *graph.Node, d AttentionDims) *graph.Node {
	in := []*graph.Node{q, k, v}
	if mask != nil {
		in = append(in, fourAxes(mask))
	}
	return graph.Apply(attention{AttentionDims: d}, in...)[0]
}

// fourAxes puts axes of size 1 before those of a mask.
func fourAxes(mask *graph.Node) *graph.Node {
	dims := mask.Shape().Dims()
	for len(dims) < 4 {
		dims = append([]int{1}, dims...)
	}
	if len(dims) == mask.Shape().Rank() {
		return mask
	}
	return Reshape(mask, tensor.Dims(dims...))
}

// attention takes q, k, v and the mask if there is one; results are o and the
// logarithms lse [B H L] of the sums of exp of the scores, 0 where no key is
// seen. Turned counts q and o as 0, k as 1, v as 2.
type attention struct {
	AttentionDims
	Turned turned
}

func (attention) Name() string { return "attention" }

func (op attention) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if len(in) != 4 {
		if err := count(in, 3); err != nil {
			return nil, err
		}
	}
	if err := of(in[:3], 3, floats); err != nil {
		return nil, err
	}
	s, err := op.shape(op.Turned, in[0], in[1], in[2], in[3:]...)
	if err != nil {
		return nil, err
	}
	o := op.Turned.shape(0, [4]int{s.q.size[0], s.q.size[1], s.q.size[2], s.v.size[3]})
	lse := tensor.Dims(s.q.size[:3]...)
	return []tensor.Type{{DType: in[0].DType, Shape: o}, {DType: in[0].DType, Shape: lse}}, nil
}

func (op attention) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.shape(op.Turned, in[0].Type, in[1].Type, in[2].Type, wideTypes(in[3:])...)
	scores := make([]float64, s.k.size[2])
	eachQuery(s, func(b, h, l, row int) {
		for j := range scores {
			scores[j] = op.score(s, &in[0], &in[1], wideMask(in[3:]), b, h, l, j)
		}
		top, sum := logSumExp(scores, func(j int) int { return j }, len(scores))
		if math.IsInf(top, -1) {
			return
		}
		out[1].F[row] = top + math.Log(sum)
		o := out[0].F[s.o.at(b, h, l):][:s.v.size[3]]
		for j, x := range scores {
			v := in[2].F[s.v.at(b, h/s.group(), j):]
			for e := range o {
				o[e] += math.Exp(x-top) / sum * v[e]
			}
		}
	})
}

// eachQuery calls do for each head's queries; row numbers them.
func eachQuery(s attentionShape, do func(b, h, l, row int)) {
	row := 0
	for b := range s.q.size[0] {
		for h := range s.q.size[1] {
			for l := range s.q.size[2] {
				do(b, h, l, row)
				row++
			}
		}
	}
}

func wideMask(rest []tensor.Wide) *tensor.Wide {
	if len(rest) == 0 {
		return nil
	}
	return &rest[0]
}

func wideTypes(in []tensor.Wide) []tensor.Type {
	t := make([]tensor.Type, len(in))
	for i, w := range in {
		t[i] = w.Type
	}
	return t
}

// VJP: the gradient as one operation, and for a mask of numbers the cotangents
// of the scores.
func (op attention) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	in, g := n.In(), ct[0]
	if g == nil {
		g = Like(n.Out()[0], 0)
	}
	args := append(append([]*graph.Node{}, in...), n.Out()[0], n.Out()[1], g)
	grad := attentionGrad{AttentionDims: op.AttentionDims, Turned: op.Turned, Mask: len(in) > 3, Stat: ct[1] != nil}
	if op.Turned.has(0) {
		grad.Turned |= 1<<3 | 1<<4 // o and g lie as q does
	}
	if grad.Stat {
		args = append(args, ct[1])
	}
	cts := append([]*graph.Node{}, graph.Apply(grad, args...)...)
	switch {
	case !grad.Mask:
	case in[3].DType().Float():
		cts = append(cts, grad.maskGradient(args))
	default:
		cts = append(cts, nil)
	}
	return cts
}

// Kernel implements graph.Kerneled.
func (op attention) Kernel(in, _ []tensor.Type) *kernel.Code {
	s, err := op.shape(op.Turned, in[0], in[1], in[2], in[3:]...)
	if err != nil || in[0].DType != tensor.Float32 {
		return nil
	}
	return kernel.Attention(op.spec(s, in[3:]))
}

// Simplify implements graph.Simplifier: operands that are transposed to have
// their heads first are read as they were.
func (op attention) Simplify(n *graph.Inst) []*graph.Node {
	in := append([]*graph.Node{}, n.In()...)
	before := op.Turned
	op.Turned = op.Turned.unturn(in[:3], 0, 1, 2)
	if op.Turned == before {
		return nil
	}
	out := append([]*graph.Node{}, graph.Apply(op, in...)...)
	if op.Turned.has(0) != before.has(0) {
		out[0] = Transpose(out[0], headsAndRows...)
	}
	return out
}

// headsAndRows is the permutation between [B H L D] and [B L H D].
var headsAndRows = []int{0, 2, 1, 3}

// unturn replaces nodes that are transposed by what they were made of; bits says
// which operands they are.
func (t turned) unturn(nodes []*graph.Node, bits ...int) turned {
	for i, x := range nodes {
		if p, ok := x.Op().(transpose); ok && p.Perm == List(headsAndRows...) {
			nodes[i] = x.In()[0]
			t ^= 1 << bits[i]
		}
	}
	return t
}

// FLOPs implements graph.Costed: two products, and four for each score's softmax.
func (op attention) FLOPs(in, _ []tensor.Type) int64 {
	s, _ := op.shape(op.Turned, in[0], in[1], in[2], in[3:]...)
	return s.flops(s.q.size[3]) + s.flops(s.v.size[3]) + 2*s.flops(1)
}

// MACs implements graph.Contracting.
func (op attention) MACs(in, _ []tensor.Type) int64 {
	s, _ := op.shape(op.Turned, in[0], in[1], in[2], in[3:]...)
	return (s.flops(s.q.size[3]) + s.flops(s.v.size[3])) / 2
}

func init() {
	graph.Register(graph.Entry{
		Op:      attention{},
		Doc:     "softmax(scale·q·kᵀ + mask)·v for each head; log Σexp of the scores",
		Samples: attentionSamples(attentionCase.forward),
		Large: &graph.Sample{
			In:  []tensor.Type{tensor.F32(8, 8, 256, 64), tensor.F32(8, 8, 256, 64), tensor.F32(8, 8, 256, 64)},
			Low: -1, High: 1,
		},
	})
}

// Decomposer is an operation that can say what it does in smaller ones: for
// gradients of gradients, and for explanations, which need to see the parts.
type Decomposer interface {
	graph.Op
	// Decompose returns nodes that compute the results from the operands.
	Decompose(in []*graph.Node) []*graph.Node
}
