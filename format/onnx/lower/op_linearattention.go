package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "LinearAttention", Since: []int64{27}, Rule: linearAttention})
}

// linearAttention keeps a matrix for each head, S [dk dv], which it writes and reads
// at each time: S ← exp(g)·S + k⊗u, y = scale·Sᵀ·q. Without a gate g is 0; u is v,
// or with the delta rule beta·(v - exp(g)·Sᵀ·k). Katharopoulos et al.,
// "Transformers are RNNs", 2020; Yang et al., "Gated Delta Networks", 2024.
// Operands: Q [B T H·dk], K [B T Hkv·dk], V [B T Hkv·dv], S, g [B T Hkv] or [B T
// Hkv·dk], beta [B T Hkv] or [B T 1].
func linearAttention(c *Call) {
	gated, delta := c.updateRule()
	heads, kv := c.AttrInt("q_num_heads", 0), c.AttrInt("kv_num_heads", 0)
	if c.Rank(0) != 3 || c.Rank(1) != 3 || c.Rank(2) != 3 {
		c.Fail("queries %v, keys %v and values %v, want three axes", c.Type(0), c.Type(1), c.Type(2))
	}
	single := c.l.typeHere(tensor.F32()).DType
	q, k, v := c.overTime(0, heads, single), c.overTime(1, kv, single), c.overTime(2, kv, single)
	b, dk, dv := q.Shape().Dim(1), k.Shape().Dim(3), v.Shape().Dim(3)
	if heads%kv != 0 || q.Shape().Dim(3) != dk || k.Shape().With(3, 1) != v.Shape().With(3, 1) || q.Shape().Dim(0) != k.Shape().Dim(0) || k.Shape().Dim(1) != b {
		c.Fail("queries %v, keys %v and values %v do not fit together with %d and %d heads", c.Type(0), c.Type(1), c.Type(2), heads, kv)
	}
	c.wantShape(3, b, kv, dk, dv)
	xs := []*graph.Node{q, k, v}
	if gated {
		xs = append(xs, c.gates(4, kv, dk, single))
	}
	if delta {
		xs = append(xs, c.gates(5, kv, 1, single))
	}
	scale := c.AttrFloat("scale", 0)
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(max(dk, 1)))
	}
	state, kept := c.Graph().Fill(0, tensor.Type{DType: single, Shape: c.Dims(b, kv, dk, dv)}), c.Type(0).DType
	if c.Has(3) {
		state, kept = ops.Convert(c.In(3), single), c.Type(3).DType
	}
	last, ys := ops.ScanOf([]*graph.Node{state}, xs, ops.Loop{}, func(state, x []*graph.Node) (next, ys []*graph.Node) {
		return remember(state[0], x, gated, delta, scale)
	})
	y := ops.Reshape(ops.Transpose(ys[0], 1, 0, 2, 3), c.Dims(b, q.Shape().Dim(0), heads*dv))
	c.Return(ops.Convert(y, c.Type(0).DType), ops.Convert(last[0], kept))
}

// updateRule reads the attribute of that name, and asks for the operands it needs.
func (c *Call) updateRule() (gated, delta bool) {
	rule := c.AttrString("update_rule", "gated_delta")
	switch rule {
	case "linear":
	case "gated":
		gated = true
	case "delta":
		delta = true
	case "gated_delta":
		gated, delta = true, true
	default:
		c.Fail("attribute \"update_rule\" is %q, want linear, gated, delta or gated_delta", rule)
	}
	if gated != c.Has(4) || delta != c.Has(5) {
		c.Fail("the update rule %q does not go with the operands that are given", rule)
	}
	return gated, delta
}

// overTime is operand i [B T H·D] as [T B H D].
func (c *Call) overTime(i, heads int, d tensor.DType) *graph.Node {
	s := c.Shape(i)
	if heads < 1 || s.Dim(2)%heads != 0 {
		c.Fail("operand %d is %v, want %d heads along its last axis", i, c.Type(i), heads)
	}
	x := ops.Reshape(c.In(i), c.Dims(s.Dim(0), s.Dim(1), heads, s.Dim(2)/heads))
	return ops.Convert(ops.Transpose(x, 1, 0, 2, 3), d)
}

// gates is operand i as [T B H d] with a size of 1 or what it should be.
func (c *Call) gates(i, heads, d int, t tensor.DType) *graph.Node {
	if c.Rank(i) != 3 {
		c.Fail("operand %d is %v, want three axes", i, c.Type(i))
	}
	switch n := c.Shape(i).Dim(2); {
	case n == heads*d, n == heads:
		return c.overTime(i, heads, t)
	case n == 1:
		return c.overTime(i, 1, t)
	}
	c.Fail("operand %d is %v, want %d or %d along its last axis", i, c.Type(i), heads, heads*d)
	return nil
}

// remember is one time: state [B Hkv dk dv]; x is q [B H dk], k [B Hkv dk], v [B Hkv
// dv], then the gate and beta, where they are.
func remember(state *graph.Node, x []*graph.Node, gated, delta bool, scale float64) (next, ys []*graph.Node) {
	q, k, v := x[0], x[1], x[2]
	s := state.Shape()
	if gated {
		gate := ops.Exp(x[3])
		state = ops.Mul(state, ops.Reshape(gate, shapeAfter(gate, append(gate.Shape().Dims(), 1)...)))
	}
	row := ops.Reshape(k, tensor.Dims(s.Dim(0), s.Dim(1), 1, s.Dim(2)))
	if delta {
		read := ops.Reshape(ops.MatMul(row, state), v.Shape())
		v = ops.Mul(x[len(x)-1], ops.Sub(v, read))
	}
	column := ops.Reshape(k, tensor.Dims(s.Dim(0), s.Dim(1), s.Dim(2), 1))
	state = ops.Add(state, ops.Mul(column, ops.Reshape(v, tensor.Dims(s.Dim(0), s.Dim(1), 1, s.Dim(3)))))
	heads := q.Shape().Dim(1)
	rows := ops.Reshape(q, tensor.Dims(s.Dim(0), s.Dim(1), heads/s.Dim(1), s.Dim(2)))
	y := ops.Scale(ops.MatMul(rows, state), scale)
	return []*graph.Node{state}, []*graph.Node{ops.Reshape(y, tensor.Dims(s.Dim(0), heads, s.Dim(3)))}
}
