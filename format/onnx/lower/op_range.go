package lower

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Range", Since: []int64{11, 27}, Rule: counted})
}

// counted is start, start + delta, … below limit. Where the three are facts of
// the model it is a node, else the host counts.
func counted(c *Call) {
	var in [3]tensor.Wide
	d := c.Type(0).DType
	for i := range in {
		if c.Type(i).DType != d {
			c.Fail("operand %d is %v, want one %v", i, c.Type(i), d)
		}
		t, ok := c.Known(i)
		if !ok {
			c.Host(c.onHost(counted), 0, 1, 2)
			return
		}
		if in[i] = tensor.Widen(t); t.Shape().Size() != 1 {
			c.Fail("operand %d is %v, want one number", i, t.Type())
		}
	}
	n, err := steps(in)
	c.check(err)
	t := tensor.Type{DType: d, Shape: c.Dims(n)}
	if d.Float() {
		t.DType = tensor.Float64
	}
	start, delta := single(c, in[0]), single(c, in[2])
	c.Return(ops.Convert(ops.Add(ops.Mul(ops.Iota(c.Graph(), t, 0), delta), start), d))
}

// single is a number as a constant: floats as float64.
func single(c *Call, w tensor.Wide) *graph.Node {
	if w.F != nil {
		return c.Graph().Constant(tensor.Scalar(w.F[0]))
	}
	return c.Graph().Constant(tensor.Wide{Type: tensor.Type{DType: w.Type.DType}, I: w.I}.Narrow())
}

// steps is how many numbers start + i·delta, i from 0, lie before limit.
func steps(in [3]tensor.Wide) (int, error) {
	if in[0].F != nil {
		n := math.Ceil((in[1].F[0] - in[0].F[0]) / in[2].F[0])
		if n != n || n > 1<<48 {
			return 0, fmt.Errorf("%v to %v by %v does not end", in[0].F[0], in[1].F[0], in[2].F[0])
		}
		return int(max(n, 0)), nil
	}
	start, limit, delta := in[0].I[0], in[1].I[0], in[2].I[0]
	less := func(a, b int64) bool { return a < b }
	size := uint64(delta)
	if in[0].Type.DType.Kind() == tensor.KindUint {
		less = func(a, b int64) bool { return uint64(a) < uint64(b) }
	} else if delta < 0 {
		start, limit, size = limit, start, -size
	}
	if delta == 0 {
		return 0, fmt.Errorf("a step of 0 does not end")
	}
	if !less(start, limit) {
		return 0, nil
	}
	n := (uint64(limit)-uint64(start)-1)/size + 1
	if bits.Len64(n) > 48 {
		return 0, fmt.Errorf("%d numbers", n)
	}
	return int(n), nil
}
