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
	for _, t := range in {
		if t.Shape != out[0].Shape {
			return nil, fmt.Errorf("an elementwise operation has operand %v and result %v", t, out[0])
		}
	}
	if !graph.InLoops(op, in, out) {
		return nil, nil
	}
	expr, loads := &kernel.Expr{}, []kernel.Reg{}
	strides := make([][]int, len(in))
	for i, t := range in {
		loads = append(loads, expr.LoadOf(i, t.DType))
		st := t.Shape.Strides()
		strides[i] = append([]int{}, st[:t.Shape.Rank()]...)
	}
	r, _ := e.Lane(expr, loads)
	return kernel.Fused(kernel.FusedSpec{
		Space: out[0].Shape.Dims(), In: strides, Expr: expr,
		Out: []kernel.Reg{r}, OutOf: []tensor.DType{out[0].DType},
	}), nil
}
