package lower

import "github.com/ihae/ihae/ops"

func init() {
	register(Operator{Name: "CenterCropPad", Since: []int64{18}, Rule: moves(centerCropPad)})
}

// centerCropPad cuts the middle out of axes that are larger than wanted, and puts
// zeros around smaller ones; of an odd number the larger half is at the end.
func centerCropPad(c *Call) {
	want := c.Ints(1)
	s := c.Shape(0)
	axes := upTo(s.Rank())
	if c.HasAttr("axes") {
		axes = c.Axes(c.AttrInts("axes"), s.Rank())
	}
	if len(want) != len(axes) {
		c.Fail("%d sizes for %d axes", len(want), len(axes))
	}
	dims := s.Dims()
	for i, a := range axes {
		dims[a] = want[i]
	}
	c.Dims(dims...)
	low, high := make([]int, s.Rank()), make([]int, s.Rank())
	for a, d := range dims {
		low[a] = (d - s.Dim(a)) / 2 // towards 0
		high[a] = d - s.Dim(a) - low[a]
	}
	c.Return(ops.Pad(c.In(0), 0, low, high, nil))
}
