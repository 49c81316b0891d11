package lower

import (
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "AffineGrid", Since: []int64{20}, Rule: affineGrid})
}

// affineGrid is the positions of a grid of size operand 1, [N C spatial…], from -1 to
// 1 along each axis, the last axis first, after the affine maps theta [N axes
// axes+1]: [N spatial… axes].
func affineGrid(c *Call) {
	size := c.Ints(1)
	n := len(size) - 2
	if n < 1 || c.Shape(0) != c.Dims(size[0], n, n+1) {
		c.Fail("want maps [N 2 3] for four sizes or [N 3 4] for five, got %v for %v", c.Type(0), size)
	}
	if !c.Type(0).DType.Float() {
		c.Fail("maps are %v, want floats", c.Type(0))
	}
	to := c.Dims(append(append([]int{size[0]}, size[2:]...), n)...)
	if to.Size() == 0 {
		c.returnZeros(to.Dims()...)
		return
	}
	theta := c.In(0)
	places := tensor.Dims(size[2:]...).Size()
	w := tensor.NewWide(tensor.Type{DType: theta.DType(), Shape: tensor.Dims(places, n+1)})
	aligned := c.AttrBool("align_corners", false)
	eachPlace(size[2:], func(i int, place []int) {
		row := w.F[i*(n+1):][:n+1]
		for a, at := range place {
			row[n-1-a] = gridPosition(at, size[2+a], aligned)
		}
		row[n] = 1
	})
	y := ops.MatMul(c.Graph().Constant(w.Narrow()), ops.Transpose(theta, 0, 2, 1))
	c.Return(ops.Reshape(y, to))
}

// gridPosition is where a place lies between -1 and 1: the middles of the first and
// last place there if aligned, or else their ends.
func gridPosition(at, size int, aligned bool) float64 {
	switch {
	case !aligned:
		return (2*float64(at)+1)/float64(size) - 1
	case size == 1:
		return 0
	}
	return 2*float64(at)/float64(size-1) - 1
}
