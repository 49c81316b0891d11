package nn

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Activation applies a function to each element, by the function's name:
// a setting of an architecture can choose it. ReLU is Activation("relu").
type Activation string

// activations is the functions that Activation knows.
var activations = map[Activation]func(*graph.Node) *graph.Node{
	"elu":          func(x *graph.Node) *graph.Node { return ops.ELU(x, 1) },
	"gelu":         ops.GELU,
	"gelu-tanh":    ops.GELUTanh,
	"hard-sigmoid": ops.HardSigmoid,
	"hard-swish":   ops.HardSwish,
	"leaky-relu":   func(x *graph.Node) *graph.Node { return ops.LeakyReLU(x, 0.01) },
	"mish":         ops.Mish,
	"relu":         ops.ReLU,
	"relu6":        ops.ReLU6,
	"selu":         ops.SELU,
	"sigmoid":      ops.Logistic,
	"silu":         ops.SiLU,
	"softplus":     ops.Softplus,
	"tanh":         ops.Tanh,
}

// Activations lists the names of the functions.
func Activations() []string {
	var names []string
	for a := range maps.Keys(activations) {
		names = append(names, string(a))
	}
	slices.Sort(names)
	return names
}

// Check says whether there is such a function; the error lists what there is.
func (a Activation) Check() error {
	if activations[a] == nil {
		return fmt.Errorf("no activation %q; there is %v", string(a), Activations())
	}
	return nil
}

// Forward implements Layer: [N …] → [N …].
func (a Activation) Forward(c *Ctx, x *graph.Node) *graph.Node {
	if err := a.Check(); err != nil {
		c.Graph.Fail("activation", err)
		return x
	}
	return activations[a](x)
}

func init() {
	Register(Spec{
		Name: "activation",
		Doc:  "a function of each element, by name",
		New: func(rng.Stream) Layer {
			var all Seq
			for _, name := range Activations() {
				all = append(all, Activation(name))
			}
			return all
		},
		In:  tensor.F32(3, 4),
		Out: tensor.F32(3, 4),
	})
}
