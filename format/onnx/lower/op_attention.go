package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Attention", Since: []int64{23, 24, 25}, Rule: attention})
}

// attending is an Attention: operands with heads first, and who sees whom.
type attending struct {
	*Call
	q, k, v *graph.Node // [B H L D], [B Hkv S D], [B Hkv S Dv]
	scale   float64
	softcap float64
	// seen is bool and bias numbers to add to the scores, both broadcasting to [B H L
	// S]; nil where there is none.
	seen, bias *graph.Node
	causal     bool // in addition to seen, from past on
	past       int  // keys before those of the first query
}

// attention: Q, K, V with four axes [B H L D], or with three [B L H·D]; then mask,
// past key and value, and how many keys of each example are no padding.
func attention(c *Call) {
	a := newAttending(c)
	y := a.output()
	if c.Rank(0) == 3 {
		y = packHeads(y)
	}
	results := []*graph.Node{ops.Convert(y, c.Type(0).DType), a.k, a.v}
	if c.Wants(3) {
		results = append(results, ops.Convert(a.products(c.AttrInt("qk_matmul_output_mode", 0)), c.Type(0).DType))
	}
	c.Return(results...)
}

func newAttending(c *Call) *attending {
	if c.Rank(1) != c.Rank(0) || c.Rank(2) != c.Rank(0) {
		c.Fail("queries %v, keys %v and values %v, want all of three axes or of four", c.Type(0), c.Type(1), c.Type(2))
	}
	heads := c.AttrInt("kv_num_heads", 0)
	a := &attending{
		Call: c, q: c.heads(0, c.AttrInt("q_num_heads", 0)), k: c.heads(1, heads), v: c.heads(2, heads),
		softcap: c.AttrFloat("softcap", 0),
	}
	if c.Has(4) != c.Has(5) || c.Has(4) && c.Has(6) {
		c.Fail("past keys and values come together, and not with the number of keys that are no padding")
	}
	if c.Has(4) {
		if c.Rank(4) != 4 || c.Rank(5) != 4 {
			c.Fail("want past keys and values of four axes, got %v and %v", c.Type(4), c.Type(5))
		}
		a.past = c.Shape(4).Dim(2)
		a.k, a.v = ops.Concatenate(2, c.In(4), a.k), ops.Concatenate(2, c.In(5), a.v)
	}
	a.check()
	a.scale = c.AttrFloat("scale", 1/math.Sqrt(float64(max(a.q.Shape().Dim(3), 1))))
	a.mask()
	a.rule(c.AttrBool("is_causal", false), c.AttrInt("left_window_size", -1), c.AttrInt("right_window_size", -1))
	return a
}

// check asks for operands that fit together.
func (a *attending) check() {
	q, k, v := a.q.Shape(), a.k.Shape(), a.v.Shape()
	switch {
	case q.Dim(0) != k.Dim(0) || q.Dim(3) != k.Dim(3) || k.With(3, 1) != v.With(3, 1):
		a.Fail("queries %v, keys %v and values %v do not fit together", q, k, v)
	case k.Dim(1) < 1 || q.Dim(1)%k.Dim(1) != 0:
		a.Fail("%d heads of queries do not divide among %d of keys", q.Dim(1), k.Dim(1))
	}
	a.wantShape(6, q.Dim(0))
}

// heads is operand i with heads first: [B L H·D] → [B H L D].
func (c *Call) heads(i, heads int) *graph.Node {
	if c.Rank(i) == 4 {
		return c.In(i)
	}
	if c.Rank(i) != 3 || heads < 1 || c.Shape(i).Dim(2)%heads != 0 {
		c.Fail("operand %d is %v, want [B H L D], or [B L H·D] with %d heads", i, c.Type(i), heads)
	}
	c.Dims(c.Shape(i).Dim(0), c.Shape(i).Dim(1), heads)
	return splitHeads(c.In(i), heads)
}

// splitHeads is [B L H·D] → [B H L D].
func splitHeads(x *graph.Node, heads int) *graph.Node {
	s := x.Shape()
	return ops.Transpose(ops.Reshape(x, tensor.Dims(s.Dim(0), s.Dim(1), heads, s.Dim(2)/heads)), 0, 2, 1, 3)
}

// packHeads is [B H L D] → [B L H·D].
func packHeads(y *graph.Node) *graph.Node {
	s := y.Shape()
	return ops.Reshape(ops.Transpose(y, 0, 2, 1, 3), tensor.Dims(s.Dim(0), s.Dim(2), s.Dim(1)*s.Dim(3)))
}

// mask reads operand 3; keys that it says nothing of are not seen.
func (a *attending) mask() {
	if !a.Has(3) {
		return
	}
	m, keys := a.In(3), a.k.Shape().Dim(2)
	if rank := m.Shape().Rank(); rank > 4 || rank == 0 {
		a.Fail("the mask is %v, want one to four axes", m.Type())
	}
	unseen := 0.0 // false
	if m.DType() != tensor.Bool {
		m, unseen = ops.Convert(m, a.q.DType()), math.Inf(-1)
	}
	if n := m.Shape().Dim(-1); n < keys && (n != 1 || a.Has(6)) {
		low, high := make([]int, m.Shape().Rank()), make([]int, m.Shape().Rank())
		high[len(high)-1] = keys - n
		m = ops.Pad(m, unseen, low, high, nil)
	}
	if m.DType() == tensor.Bool {
		a.seen = m
	} else {
		a.bias = m
	}
}

// rule restricts who sees whom: to keys up to a query's own place, to so many
// places to the left and right of it (any for -1), and to keys that are no padding.
func (a *attending) rule(causal bool, left, right int) {
	if !a.Has(6) && left < 0 && right < 0 {
		a.causal = causal
		return
	}
	s := tensor.Dims(a.q.Shape().Dim(0), 1, a.q.Shape().Dim(2), a.k.Shape().Dim(2))
	along := func(axis int) *graph.Node {
		return ops.Iota(a.Graph(), tensor.Type{DType: tensor.Int64, Shape: s}, axis)
	}
	key, own := along(3), along(2)
	number := func(v int) *graph.Node { return ops.Like(key, float64(v)) }
	if a.Has(6) {
		count := ops.BroadcastInDim(ops.Convert(a.In(6), tensor.Int64), s, 0)
		a.see(ops.Lt(key, count))
		own = ops.Add(own, ops.Sub(count, number(s.Dim(2))))
	} else {
		own = ops.Add(own, number(a.past))
	}
	if causal {
		a.see(ops.Le(key, own))
	}
	if left >= 0 {
		a.see(ops.Ge(key, ops.Sub(own, number(left))))
	}
	if right >= 0 {
		a.see(ops.Le(key, ops.Add(own, number(right))))
	}
}

// see restricts what is seen to where ok is true.
func (a *attending) see(ok *graph.Node) {
	if a.seen != nil {
		ok = ops.And(a.seen, ok)
	}
	a.seen = ok
}

// output is Y with heads first.
func (a *attending) output() *graph.Node {
	v := ops.Convert(a.v, a.q.DType())
	if a.softcap > 0 || !(a.scale > 0) || math.IsInf(a.scale, 0) {
		return a.grouped(a.shares(), v)
	}
	mask := a.seen
	if a.bias != nil {
		mask = a.penalties(false)
	}
	return ops.Attention(a.q, a.k, v, mask, ops.AttentionDims{Causal: a.causal, Offset: a.past, Scale: a.scale})
}

// penalties is what is added to the scores, -∞ where a key is not seen; nil for
// nothing. Whether the causal rule is among them is for the caller to say.
func (a *attending) penalties(causal bool) *graph.Node {
	seen := a.seen
	if causal && a.causal {
		s := tensor.Dims(a.q.Shape().Dim(2), a.k.Shape().Dim(2))
		t := tensor.Type{DType: tensor.Int64, Shape: s}
		own := ops.Iota(a.Graph(), t, 0)
		ok := ops.Le(ops.Iota(a.Graph(), t, 1), ops.Add(own, ops.Like(own, float64(a.past))))
		if seen != nil {
			ok = ops.And(seen, ok)
		}
		seen = ok
	}
	if seen == nil {
		return a.bias
	}
	bias := a.bias
	if bias == nil {
		bias = a.Graph().Fill(0, tensor.Type{DType: a.q.DType(), Shape: seen.Shape()})
	}
	both := ops.Broadcast(seen, bias)
	return ops.Select(both[0], both[1], ops.Like(both[1], math.Inf(-1)))
}

// grouped is the product of [B H L S] with [B Hkv S D], each head of which serves
// neighbouring heads of the first: [B H L D].
func (a *attending) grouped(x, y *graph.Node) *graph.Node {
	s, kv := x.Shape(), y.Shape()
	rows := tensor.Dims(s.Dim(0), kv.Dim(1), s.Dim(1)/kv.Dim(1)*s.Dim(2), s.Dim(3))
	return ops.Reshape(ops.MatMul(ops.Reshape(x, rows), y), tensor.Dims(s.Dim(0), s.Dim(1), s.Dim(2), kv.Dim(3)))
}

// raw is the scores before anything is done to them.
func (a *attending) raw() *graph.Node {
	root := math.Sqrt(math.Abs(a.scale))
	k := ops.Scale(a.k, math.Copysign(root, a.scale))
	return a.grouped(ops.Scale(a.q, root), ops.Transpose(k, 0, 1, 3, 2))
}

// capped is the scores, bent so as not to leave ±softcap.
func (a *attending) capped() *graph.Node {
	x := a.raw()
	if a.softcap > 0 {
		x = ops.Scale(ops.Tanh(ops.Scale(x, 1/a.softcap)), a.softcap)
	}
	return x
}

// shares is how much each query takes of each key; a query that sees none takes
// nothing.
func (a *attending) shares() *graph.Node {
	x, p := a.capped(), a.penalties(true)
	if p == nil {
		return ops.Softmax(x, 3)
	}
	last := p.Shape().Rank() - 1
	most := a.keepDims(ops.ReduceMax(p, last), p.Shape(), []int{last})
	none := ops.Broadcast(ops.Eq(most, ops.Like(most, math.Inf(-1))), x)[0]
	x = ops.Add(x, p)
	zero := ops.Like(x, 0)
	return ops.Select(none, zero, ops.Softmax(ops.Select(none, zero, x), 3))
}

// products is the fourth result: by mode the scores, the scores after softcap, with
// all that is added too, or the shares.
func (a *attending) products(mode int) *graph.Node {
	switch mode {
	case 0:
		return a.raw()
	case 1:
		return a.capped()
	case 2:
		if p := a.penalties(true); p != nil {
			return ops.Add(a.capped(), p)
		}
		return a.capped()
	case 3:
		return a.shares()
	}
	a.Fail("attribute \"qk_matmul_output_mode\" is %d, want 0 to 3", mode)
	return nil
}
