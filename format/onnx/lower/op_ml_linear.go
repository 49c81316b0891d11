package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	learned("LinearClassifier", linearClassifier, 1)
	learned("LinearRegressor", linearRegressor, 1)
}

// linearClassifier is the class with the largest score. One row of weights for two
// classes gives the score of the second, which counts where it is above 0.
func linearClassifier(c *Call) {
	names := c.classNames("classlabels_ints")
	rows := names.size()
	if n := len(c.AttrFloats("intercepts")); n > 0 {
		rows = n
	}
	how := c.AttrString("post_transform", "NONE")
	z := c.linearScores(rows)
	switch {
	case rows == 1 && names.size() == 2:
		c.returnClasses(names, second(z, 0), c.twoScores(z, true, how))
	case rows != names.size():
		c.Fail("%d rows of weights for %d classes", rows, names.size())
	default:
		c.returnClasses(names, ops.ArgMax(z, 1), c.scored(z, how))
	}
}

func linearRegressor(c *Call) {
	z := c.linearScores(c.AttrInt("targets", 1))
	c.returnFloats(0, c.scored(z, c.AttrString("post_transform", "NONE")))
}

// linearScores is the features times rows of coefficients, plus the intercepts.
func (c *Call) linearScores(rows int) *graph.Node {
	x := c.features()
	list, bias := c.AttrFloats("coefficients"), c.AttrFloats("intercepts")
	n := x.Shape().Dim(1)
	if rows < 1 || len(list)%rows != 0 || len(list)/rows != n || len(bias) != rows && len(bias) > 0 {
		c.Fail("%d coefficients and %d intercepts for %d scores of %d features", len(list), len(bias), rows, n)
	}
	w := ops.Transpose(c.numbersLike(x, list, rows, n), 1, 0)
	if len(bias) == 0 {
		return ops.Linear(x, w, nil)
	}
	return ops.Linear(x, w, c.numbersLike(x, bias, rows))
}
