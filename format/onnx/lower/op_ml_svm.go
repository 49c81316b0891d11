package lower

import (
	"slices"
	"strings"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	learned("SVMClassifier", svmClassifier, 1)
	learned("SVMRegressor", svmRegressor, 1)
}

// svmRegressor is the weighted sum of kernels, plus rho; for one class its sign; and
// then transformed.
func svmRegressor(c *Call) {
	x := c.features()
	weights := c.AttrFloats("coefficients")
	n := c.AttrInt("n_supports", 0)
	k := x
	if n > 0 {
		k = c.kernels(x, c.supports(x, n), c.AttrString("kernel_type", "LINEAR"))
	}
	if len(weights) != k.Shape().Dim(1) {
		c.Fail("%d coefficients, want %d", len(weights), k.Shape().Dim(1))
	}
	y := ops.Add(ops.MatMul(k, c.numbersLike(x, weights, len(weights), 1)), c.rho(x, 1))
	if c.AttrBool("one_class", false) {
		y = ops.Select(ops.Gt(y, ops.Like(y, 0)), ops.Like(y, 1), ops.Like(y, -1))
	}
	c.returnFloats(0, c.scored(y, c.AttrString("post_transform", "NONE")))
}

// rho is the first n numbers of the attribute rho as a constant [n].
func (c *Call) rho(x *graph.Node, n int) *graph.Node {
	list := c.AttrFloats("rho")
	if len(list) < n {
		c.Fail("attribute \"rho\" has %d numbers, want %d", len(list), n)
	}
	return c.numbersLike(x, list[:n], n)
}

// supports is the n support vectors, [n F] for features [N F].
func (c *Call) supports(x *graph.Node, n int) *graph.Node {
	list := c.AttrFloats("support_vectors")
	f := x.Shape().Dim(1)
	if n < 1 || len(list)%n != 0 || len(list)/n != f {
		c.Fail("%d numbers for %d support vectors of %d features", len(list), n, f)
	}
	return c.numbersLike(x, list, n, f)
}

// kernels is the kernel of each row of x [N F] and each of v [n F]: [N n].
func (c *Call) kernels(x, v *graph.Node, kind string) *graph.Node {
	if kind == "LINEAR" {
		return ops.MatMul(x, ops.Transpose(v, 1, 0))
	}
	p := c.AttrFloats("kernel_params")
	if len(p) != 3 {
		c.Fail("%d numbers of kernel_params, want gamma, coef0 and degree", len(p))
	}
	if kind == "RBF" {
		n, m, f := x.Shape().Dim(0), v.Shape().Dim(0), x.Shape().Dim(1)
		d := ops.Sub(ops.Reshape(x, c.Dims(n, 1, f)), ops.Reshape(v, c.Dims(1, m, f)))
		return ops.Exp(ops.Scale(ops.ReduceSum(ops.Mul(d, d), 2), -p[0]))
	}
	y := ops.MatMul(x, ops.Transpose(v, 1, 0))
	y = ops.Add(ops.Scale(y, p[0]), ops.Like(y, p[1]))
	switch kind {
	case "POLY":
		return ops.Pow(y, ops.Like(y, p[2]))
	case "SIGMOID":
		return ops.Tanh(y)
	}
	c.Fail("attribute \"kernel_type\" is %q, want LINEAR, POLY, RBF or SIGMOID", kind)
	return nil
}

// svmClassifier is a machine for each pair of classes, or, without support
// vectors, a linear one for each class.
func svmClassifier(c *Call) {
	names := c.classNames("classlabels_ints")
	x := c.features()
	how := c.AttrString("post_transform", "NONE")
	counts := c.AttrInts("vectors_per_class")
	if len(counts) == 0 {
		z := c.linearMachines(x, names.size())
		c.returnClasses(names, ops.ArgMax(z, 1), c.scored(z, how))
		return
	}
	if len(counts) != names.size() {
		c.Fail("support vectors of %d classes, of %d", len(counts), names.size())
	}
	pairs := c.pairScores(x, counts)
	places := ops.ArgMax(votes(pairs, len(counts)), 1)
	switch {
	case c.HasAttr("prob_a"):
		c.returnClasses(names, places, c.scored(c.pairProbabilities(pairs, len(counts)), how))
	case len(counts) == 2:
		c.returnClasses(names, places, c.twoScores(pairs, strings.HasPrefix(how, "SOFTMAX"), how))
	default:
		c.returnClasses(names, places, c.scored(pairs, how))
	}
}

func (c *Call) linearMachines(x *graph.Node, classes int) *graph.Node {
	list := c.AttrFloats("coefficients")
	f := x.Shape().Dim(1)
	if len(list)%classes != 0 || len(list)/classes != f {
		c.Fail("%d coefficients for %d classes and %d features", len(list), classes, f)
	}
	w := ops.Transpose(c.numbersLike(x, list, classes, f), 1, 0)
	return ops.Add(ops.MatMul(x, w), c.rho(x, 1))
}

// maxPairWeights bounds the weights of a support vector machine, pairs of classes
// times support vectors.
const maxPairWeights = 1 << 24

// pairScores is, for each pair of classes i < j in order, above 0 where i is the
// likelier one: [N k(k-1)/2]. counts is the support vectors of each class.
func (c *Call) pairScores(x *graph.Node, counts []int) *graph.Node {
	first, k := starts(counts), len(counts)
	total, pairs := first[k], k*(k-1)/2
	list := c.AttrFloats("coefficients")
	if k < 2 || slices.Min(counts) < 0 || slices.Max(counts) > len(list) || len(list) != (k-1)*total || total > maxPairWeights/pairs {
		c.Fail("%d coefficients for support vectors of %d classes, %v", len(list), k, counts)
	}
	w := c.numbersLike(x, pairWeights(list, first), total, pairs)
	kernels := c.kernels(x, c.supports(x, total), c.AttrString("kernel_type", "LINEAR"))
	return ops.Add(ops.MatMul(kernels, w), c.rho(x, pairs))
}

// pairWeights is the weight of each support vector for each pair of classes,
// [vectors pairs], from the coefficients [k-1 vectors]: those of a vector of class
// i against a later class j lie in row j-1, against an earlier one in row j. The
// vectors of class i are those from first[i] to first[i+1].
func pairWeights(list []float64, first []int) []float64 {
	k := len(first) - 1
	total, pairs, at := first[k], k*(k-1)/2, 0
	w := make([]float64, total*pairs)
	for i := range k {
		for j := i + 1; j < k; j++ {
			for v := first[i]; v < first[i+1]; v++ {
				w[v*pairs+at] = list[(j-1)*total+v]
			}
			for v := first[j]; v < first[j+1]; v++ {
				w[v*pairs+at] = list[i*total+v]
			}
			at++
		}
	}
	return w
}

// starts is where each of lists of the given lengths begins when they lie one
// after the other, and where the last one ends.
func starts(lengths []int) []int {
	y := make([]int, len(lengths)+1)
	for i, n := range lengths {
		y[i+1] = y[i] + n
	}
	return y
}

// votes is how many pairs each of k classes wins: [N k].
func votes(pairs *graph.Node, k int) *graph.Node {
	n := pairs.Shape().Dim(1)
	won := ops.Convert(ops.Gt(pairs, ops.Like(pairs, 0)), pairs.DType())
	lost := ops.Sub(ops.Like(won, 1), won)
	first, second := make([]int32, 0, n), make([]int32, 0, n)
	for i := range k {
		for j := i + 1; j < k; j++ {
			first, second = append(first, int32(i)), append(second, int32(j))
		}
	}
	count := func(y *graph.Node, classes []int32, wins *graph.Node) *graph.Node {
		return ops.Put(y, y.Graph().Constant(tensor.From(tensor.Dims(n), classes)), wins, 1, ops.CombineAdd)
	}
	none := pairs.Graph().Fill(0, tensor.Type{DType: pairs.DType(), Shape: pairs.Shape().With(1, k)})
	return count(count(none, first, won), second, lost)
}

// pairProbabilities is the probabilities of classes from the scores of pairs, each
// of which has a logistic function of its own (Platt, 1999).
func (c *Call) pairProbabilities(pairs *graph.Node, k int) *graph.Node {
	n := pairs.Shape().Dim(1)
	a, b := c.AttrFloats("prob_a"), c.AttrFloats("prob_b")
	if len(a) != n || len(b) != n {
		c.Fail("%d and %d numbers of prob_a and prob_b for %d pairs", len(a), len(b), n)
	}
	z := ops.Add(ops.Mul(pairs, c.numbersLike(pairs, a, n)), c.numbersLike(pairs, b, n))
	p := ops.Clamp(ops.Logistic(ops.Neg(z)), 1e-7, 1-1e-7)
	return ops.Coupling(p, k)
}
