package lower

import (
	"slices"
	"strings"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

// activation is a function that a recurrent operator names, with its numbers.
type activation struct {
	name        string
	alpha, beta float64
}

// activationKinds is the functions by their names in small letters: how many of
// alpha and beta they take, what these are if they are not given, and the formula.
var activationKinds = map[string]struct {
	takes       int
	alpha, beta float64
	of          func(x *graph.Node, alpha, beta float64) *graph.Node
}{
	"relu":    {of: func(x *graph.Node, _, _ float64) *graph.Node { return ops.ReLU(x) }},
	"tanh":    {of: func(x *graph.Node, _, _ float64) *graph.Node { return ops.Tanh(x) }},
	"sigmoid": {of: func(x *graph.Node, _, _ float64) *graph.Node { return ops.Logistic(x) }},
	"affine":  {2, 1, 0, line},
	"leakyrelu": {1, 0.01, 0, func(x *graph.Node, alpha, _ float64) *graph.Node {
		return ops.LeakyReLU(x, alpha)
	}},
	"thresholdedrelu": {1, 1, 0, func(x *graph.Node, alpha, _ float64) *graph.Node {
		return ops.Select(ops.Ge(x, ops.Like(x, alpha)), x, ops.Like(x, 0))
	}},
	"scaledtanh": {2, 1, 1, func(x *graph.Node, alpha, beta float64) *graph.Node {
		return ops.Scale(ops.Tanh(ops.Scale(x, beta)), alpha)
	}},
	"hardsigmoid": {2, 0.2, 0.5, func(x *graph.Node, alpha, beta float64) *graph.Node {
		return ops.Clamp(line(x, alpha, beta), 0, 1)
	}},
	"elu": {1, 1, 0, func(x *graph.Node, alpha, _ float64) *graph.Node { return ops.ELU(x, alpha) }},
	"softsign": {of: func(x *graph.Node, _, _ float64) *graph.Node {
		return ops.Div(x, ops.Add(ops.Abs(x), ops.Like(x, 1)))
	}},
	"softplus": {of: func(x *graph.Node, _, _ float64) *graph.Node { return ops.Softplus(x) }},
}

func line(x *graph.Node, alpha, beta float64) *graph.Node {
	x = ops.Scale(x, alpha)
	return ops.Add(x, ops.Like(x, beta))
}

// of applies the function.
func (a activation) of(x *graph.Node) *graph.Node {
	return activationKinds[a.name].of(x, a.alpha, a.beta)
}

// activations reads the attribute of that name: as many functions for each
// direction as there are defaults. Those that take numbers take the next ones of
// activation_alpha and activation_beta.
func (c *Call) activations(directions int, defaults []string) [][]activation {
	names := c.AttrStrings("activations")
	if names == nil {
		for range directions {
			names = append(names, defaults...)
		}
	}
	if len(names) != directions*len(defaults) {
		c.Fail("attribute \"activations\" is %q, want %d functions", names, directions*len(defaults))
	}
	alphas, betas := c.AttrFloats("activation_alpha"), c.AttrFloats("activation_beta")
	next := func(list *[]float64, or float64) float64 {
		if len(*list) > 0 {
			or, *list = (*list)[0], (*list)[1:]
		}
		return or
	}
	var all []activation
	for _, name := range names {
		a := activation{name: strings.ToLower(name)}
		kind, ok := activationKinds[a.name]
		if !ok {
			c.Fail("attribute \"activations\" has %q, which is no function of the standard's", name)
		}
		if kind.takes > 0 {
			a.alpha = next(&alphas, kind.alpha)
		}
		if kind.takes > 1 {
			a.beta = next(&betas, kind.beta)
		}
		all = append(all, a)
	}
	return slices.Collect(slices.Chunk(all, len(defaults)))
}

// areActivations says whether acts is the functions of these names.
func areActivations(acts []activation, names ...string) bool {
	return slices.EqualFunc(acts, names, func(a activation, name string) bool { return a.name == strings.ToLower(name) })
}
