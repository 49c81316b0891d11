package lower

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Scan", Since: []int64{8, 9, 11, 16, 19, 21, 23, 24, 25}, Rule: scan})
}

func scan(c *Call) {
	if c.Opset() < 9 {
		scanBatches(c)
		return
	}
	count := c.AttrInt("num_scan_inputs", 0)
	states := c.NumIn() - count
	if count < 1 || states < 0 {
		c.Fail("%d scan inputs among %d", count, c.NumIn())
	}
	in := c.Ins(0)
	axes, dirs := c.AttrInts("scan_input_axes"), c.AttrInts("scan_input_directions")
	for i, x := range in[states:] {
		in[states+i] = timeFirst(c, x, at(axes, i), at(dirs, i))
	}
	carry, ys := scanSteps(c, c.AttrGraph("body"), in[:states], in[states:])
	axes, dirs = c.AttrInts("scan_output_axes"), c.AttrInts("scan_output_directions")
	for i, y := range ys {
		if at(dirs, i) != 0 {
			y = ops.Reverse(y, 0)
		}
		to := c.Axis(at(axes, i), y.Shape().Rank())
		ys[i] = moveAxis(y, 0, to)
	}
	c.Return(append(carry, ys...)...)
}

// at is element i of a list that may be shorter, zero beyond.
func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// timeFirst moves the axis of time to the front, reversed if asked.
func timeFirst(c *Call, x *graph.Node, axis, dir int) *graph.Node {
	y := moveAxis(x, c.Axis(axis, x.Shape().Rank()), 0)
	if dir != 0 {
		y = ops.Reverse(y, 0)
	}
	return y
}

// moveAxis moves one axis of x to another place.
func moveAxis(x *graph.Node, from, to int) *graph.Node {
	if from == to {
		return x
	}
	var perm []int
	for i := range x.Shape().Rank() {
		if i != from {
			perm = append(perm, i)
		}
	}
	perm = append(perm[:to:to], append([]int{from}, perm[to:]...)...)
	return ops.Transpose(x, perm...)
}

// scanSteps is the scan of a body over the first axis of xs.
func scanSteps(c *Call, g *onnx.Graph, init, xs []*graph.Node) (carry, ys []*graph.Node) {
	n := len(xs)
	if s := xs[0].Shape(); c.draws(g) && s.Rank() > 0 {
		xs = append(xs[:n:n], ops.Iota(c.l.g, tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(s.Dim(0))}, 0))
	}
	return ops.ScanOf(init, xs, ops.Loop{}, func(carry, x []*graph.Node) (next, ys []*graph.Node) {
		c.l.within(x[0].Graph(), func() {
			var out []*graph.Node
			build := func() { out = c.nodesOf(c.body(g, append(c.valuesOf(carry), c.valuesOf(x[:n])...))) }
			if len(x) > n {
				c.turn(c.l.nodeValue(x[n]), build)
			} else {
				build()
			}
			if len(out) < len(carry) {
				c.Fail("its graph gives %d results for %d states", len(out), len(carry))
			}
			next, ys = same(out[:len(carry)], carry), out[len(carry):]
		})
		return next, ys
	})
}

// scanBatches is Scan as opset 8 had it: the first axis of everything is the
// batch, the second that of time, and lengths may be given.
func scanBatches(c *Call) {
	if c.Has(0) {
		c.Fail("lengths of sequences (operand 0) are not supported")
	}
	count := c.AttrInt("num_scan_inputs", 0)
	dirs := c.AttrInts("directions")
	in := c.Ins(1)
	states := len(in) - count
	if count < 1 || states < 0 {
		c.Fail("%d scan inputs among %d", count, len(in))
	}
	batch := in[0].Shape()
	for i, x := range in {
		if s := x.Shape(); s.Rank() < 1 || s.Dim(0) != batch.Dim(0) || s.Dim(0) < 1 || s.Dim(0) > maxParts {
			c.Fail("operand %d is %v, operand 1 %v: want the same batch of 1 to %d along the first axis", 1+i, x.Type(), in[0].Type(), maxParts)
		}
	}
	var rows [][]*value
	for b := range batch.Dim(0) {
		row := make([]*graph.Node, len(in))
		for i, x := range in {
			row[i] = element(x, b)
			if i >= states && at(dirs, i-states) != 0 {
				row[i] = ops.Reverse(row[i], 0)
			}
		}
		c.turn(c.number(b), func() {
			carry, ys := scanSteps(c, c.AttrGraph("body"), row[:states], row[states:])
			rows = append(rows, c.valuesOf(append(carry, ys...)))
		})
	}
	for i := range rows[0] {
		var column []*value
		for _, r := range rows {
			column = append(column, r[i])
		}
		c.set(i, c.l.nodeValue(c.stack(column, 0)))
	}
}

// element is x at place i of its first axis.
func element(x *graph.Node, i int) *graph.Node {
	return ops.Reshape(part(x, 0, i, i+1), x.Shape().Without(0))
}
