package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// LossSpec is what a loss's file registers: enough to check it, and to list it.
type LossSpec struct {
	Name string
	Doc  string
	Cite string
	// Build is the loss with usual settings: a scalar, of arguments as Args says.
	Build func(args []*graph.Node) *graph.Node
	Args  []LossArg
	Kinks bool // it has no second derivative in some places
}

// LossArg is an example of a loss's argument.
type LossArg struct {
	Type      tensor.Type
	Low, High float64   // drawn from [Low, High); whole numbers for integers
	Among     []float64 // drawn from these instead
	Target    bool      // no gradient is asked for
	Extreme   []float64 // values at which loss and gradient must be finite, besides Low, High and Among
}

// hard is values that logits and distances take in a training that goes wrong.
var hard = []float64{-1e4, -100, 0, 100, 1e4}

var losses = registry.New[LossSpec]("loss")

// RegisterLoss makes a loss known. Call it from init.
func RegisterLoss(s LossSpec) { losses.Set(s.Name, s) }

// Losses lists the registered losses.
func Losses() []string { return losses.Names() }

// LookupLoss finds a loss by name; the error lists what there is.
func LookupLoss(name string) (LossSpec, error) { return losses.Get(name) }

// meanOf is the mean over all elements; a scalar.
func meanOf(x *graph.Node) *graph.Node { return ops.Mean(x, everyAxis(x.Shape().Rank())...) }

func everyAxis(rank int) []int {
	axes := make([]int, rank)
	for i := range axes {
		axes[i] = i
	}
	return axes
}

// above is the part of x above 0.
func above(x *graph.Node) *graph.Node { return ops.ReLU(x) }

// minus is c - x.
func minus(c float64, x *graph.Node) *graph.Node { return ops.Sub(ops.Like(x, c), x) }

// plus is x + c.
func plus(x *graph.Node, c float64) *graph.Node { return ops.Add(x, ops.Like(x, c)) }

func int32s(n ...int) tensor.Type {
	return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(n...)}
}
