package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// A cell is what a recurrent network does in one step beside its products: the
// gates. It is a function of matrices of N rows whose columns are groups of the
// same width, group by group elementwise. It is written down once, as a function
// of groups to groups; definition, kernel and gradient come from that.
type cell struct {
	in, out []int // groups of each operand and each result
	// build computes the results' groups from the operands' groups.
	build func(in [][]*graph.Node) [][]*graph.Node
}

// first is the cell with its first n results alone.
func (c *cell) first(n int) cell {
	return cell{c.in, c.out[:n], func(in [][]*graph.Node) [][]*graph.Node { return c.build(in)[:n] }}
}

// types checks operands: matrices of one number of rows, whose columns are as
// many groups of one width as c says.
func (c *cell) types(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, len(c.in), floats); err != nil {
		return nil, err
	}
	width := 0
	for i, t := range in {
		switch {
		case t.Shape.Rank() != 2 || t.DType != in[0].DType || t.Shape.Dim(0) != in[0].Shape.Dim(0):
			return nil, misfit(i, t)
		case i == 0:
			width = t.Shape.Dim(1) / c.in[0]
		}
		if t.Shape.Dim(1) != width*c.in[i] {
			return nil, misfit(i, t)
		}
	}
	out := make([]tensor.Type, len(c.out))
	for i, n := range c.out {
		shape, err := tensor.CheckedDims(in[0].Shape.Dim(0), n*width)
		if err != nil {
			return nil, err
		}
		out[i] = tensor.Type{DType: in[0].DType, Shape: shape}
	}
	return out, nil
}

// width is the columns of a group.
func (c *cell) width(in []tensor.Type) int { return in[0].Shape.Dim(1) / c.in[0] }

// apply is the cell made of elementary operations: its decomposition.
func (c *cell) apply(in []*graph.Node) []*graph.Node {
	groups := make([][]*graph.Node, len(in))
	for i, x := range in {
		groups[i] = groupsOf(x, c.in[i])
	}
	out := make([]*graph.Node, len(c.out))
	for i, g := range c.build(groups) {
		if out[i] = g[0]; len(g) > 1 {
			out[i] = Concatenate(1, g...)
		}
	}
	return out
}

// groupsOf cuts x [N C] into n groups of columns.
func groupsOf(x *graph.Node, n int) []*graph.Node {
	if n == 1 {
		return []*graph.Node{x}
	}
	groups := make([]*graph.Node, n)
	rows, w := x.Shape().Dim(0), x.Shape().Dim(1)/n
	for i := range groups {
		groups[i] = Slice(x, []int{0, i * w}, []int{rows, (i + 1) * w}, nil)
	}
	return groups
}

// body is the decomposition as a function.
func (c *cell) body(name string, in []tensor.Type) *graph.Func { return bodyOf(name, in, c.apply) }

// ref computes the cell by its decomposition.
func (c *cell) ref(out, in []tensor.Wide) {
	types := make([]tensor.Type, len(in))
	for i, w := range in {
		types[i] = w.Type
	}
	for i, y := range graph.Eval(c.body("cell", types), in) {
		copyWide(out[i], y)
	}
}

// vjp is the gradient of the decomposition.
func (c *cell) vjp(name string, ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return graph.Call{Body: c.body(name, n.InTypes())}.VJP(ct, n)
}

// flops counts the operations of the decomposition.
func (c *cell) flops(in []tensor.Type) int64 { return c.body("cell", in).FLOPs() }

// kernel is one loop over rows. It is nil for what the register machine cannot do.
func (c *cell) kernel(in []tensor.Type) *kernel.Code {
	if in[0].DType != tensor.Float32 {
		return nil
	}
	w := c.width(in)
	s := kernel.RowsSpec{Rows: in[0].Shape.Dim(0), Cols: w, Expr: &kernel.Expr{}}
	g := graph.New()
	reg := map[*graph.Node]kernel.Reg{}
	groups := make([][]*graph.Node, len(c.in))
	one := tensor.Type{DType: tensor.Float32, Shape: tensor.Dims(s.Rows, w)}
	for i, n := range c.in {
		for k := range n {
			leaf := leavesOf(g, "group."+string(rune('a'+len(s.In))), []tensor.Type{one})[0]
			reg[leaf] = s.Expr.Load(len(s.In))
			groups[i] = append(groups[i], leaf)
			s.In = append(s.In, kernel.Columns{Operand: i, First: k * w, Stride: n * w})
		}
	}
	for i, out := range c.build(groups) {
		for k, y := range out {
			if !lanes(s.Expr, y, reg) {
				return nil
			}
			s.Out = append(s.Out, reg[y])
			s.OutAt = append(s.OutAt, kernel.Columns{Operand: i, First: k * w, Stride: c.out[i] * w})
		}
	}
	return kernel.Rows(s)
}

// lanes computes y in registers.
func lanes(e *kernel.Expr, y *graph.Node, reg map[*graph.Node]kernel.Reg) bool {
	if _, have := reg[y]; have {
		return true
	}
	op, ok := y.Op().(graph.Elementwise)
	if !ok {
		return false
	}
	in := make([]kernel.Reg, len(y.In()))
	for i, a := range y.In() {
		if !lanes(e, a, reg) {
			return false
		}
		in[i] = reg[a]
	}
	reg[y], ok = op.Lane(e, in)
	return ok
}
