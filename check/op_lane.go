package check

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// lane is the loop of one elementwise operation, or nil if it has none for
// these types.
func lane(op graph.Op, in, out []tensor.Type) (*kernel.Code, error) {
	e, ok := op.(graph.Elementwise)
	if !ok {
		return nil, nil
	}
	if len(out) != 1 {
		return nil, fmt.Errorf("an elementwise operation has %d results", len(out))
	}
	expr, loads := &kernel.Expr{}, []kernel.Reg{}
	strides := make([][]int, len(in))
	for i, t := range in {
		switch {
		case t.Shape != out[0].Shape:
			return nil, fmt.Errorf("an elementwise operation has operand %v and result %v", t, out[0])
		case t.DType == tensor.Float32:
			loads = append(loads, expr.Load(i))
		case t.DType == tensor.Bool:
			loads = append(loads, expr.LoadBool(i))
		default:
			return nil, nil
		}
		st := t.Shape.Strides()
		strides[i] = append([]int{}, st[:t.Shape.Rank()]...)
	}
	r, ok := e.Lane(expr, loads)
	if !ok || out[0].DType != tensor.Float32 && out[0].DType != tensor.Bool {
		return nil, nil
	}
	return kernel.Fused(kernel.FusedSpec{
		Space: out[0].Shape.Dims(), In: strides, Expr: expr,
		Out: []kernel.Reg{r}, OutBool: []bool{out[0].DType == tensor.Bool},
	}), nil
}
