package zoo

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// LeNet5 is the network for handwritten characters of LeCun, Bottou, Bengio and
// Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
// of the IEEE 1998, section II.B, with a linear map in the place of its radial
// basis functions. The layers have the paper's names. [N H W C] → logits [N K].
//
// As published: [N 32 32 1] → [N 28 28 6] → [N 14 14 6] → [N 10 10 16] →
// [N 5 5 16] → [N 120] → [N 84] → [N 10].
type LeNet5 struct {
	C1      *nn.Conv
	S2      nn.Layer
	C3      nn.Layer
	S4      nn.Layer
	Flatten nn.Flatten
	C5, F6  *nn.Linear
	Act     nn.Layer // after each but the poolings
	Head    *nn.Linear
}

// Forward implements nn.Layer.
func (n *LeNet5) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("s2", n.S2, c.In("act", n.Act, c.In("c1", n.C1, x)))
	x = c.In("s4", n.S4, c.In("act", n.Act, c.In("c3", n.C3, x)))
	x = c.In("flatten", n.Flatten, x)
	x = c.In("act", n.Act, c.In("c5", n.C5, x))
	x = c.In("act", n.Act, c.In("f6", n.F6, x))
	return c.In("head", n.Head, x)
}

// The maps of C1 and C3 and the sides of all filters.
const leC1, leC3, leSize = 6, 16, 5

// lePlain is how C5 counts the places of an image of 32 by 32, or of 28 by 28 with
// zeros around it.
const lePlain = leSize * leSize

// leTable is the maps of S2 that each map of C3 sees (table I of the paper).
var leTable = [leC3][]int{
	{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {0, 4, 5}, {0, 1, 5},
	{0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5}, {0, 1, 2, 5},
	{0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5}, {0, 1, 2, 3, 4, 5},
}

// tableConv is a convolution whose filters see some of the channels each.
type tableConv struct {
	Weight *nn.Param // [links size size], in the order of the filters and then of what they see
	Bias   *nn.Param // [K]
	table  [][]int
	in     int
}

func newTableConv(r rng.Stream, in int, table [][]int) *tableConv {
	l := &tableConv{table: table, in: in, Bias: nn.Zeros(r, tensor.Dims(len(table)))}
	l.Bias.NoDecay = true
	l.Weight = nn.Zeros(r, tensor.Dims(len(slices.Concat(table...)), leSize, leSize))
	at := 0
	for k, sees := range table {
		w := nn.LeCunNormal(r.At(uint64(k)), tensor.Dims(leSize, leSize, len(sees), 1))
		at += copy(l.Weight.Value.Floats()[at:], w.Value.Floats())
	}
	return l
}

// Forward implements nn.Layer: [N H W C] → [N H-4 W-4 K].
func (l *tableConv) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	w := c.Param(l.Weight)
	links, out := w.Shape().Dim(0), len(l.table)
	from := slices.Repeat([]int32{int32(links)}, l.in*out) // [C K]: the link, or the zeros behind all
	link := 0
	for k, sees := range l.table {
		for _, channel := range sees {
			from[channel*out+k] = int32(link)
			link++
		}
	}
	zeros := c.Graph.Fill(0, tensor.Type{DType: w.DType(), Shape: w.Shape().With(0, 1)})
	all := ops.Take(ops.Concatenate(0, w, zeros), c.Graph.Constant(tensor.From(tensor.Dims(l.in, out), from)), 0)
	return ops.Conv(x, ops.Transpose(all, 2, 3, 0, 1), c.Param(l.Bias), ops.ConvDims{}) // [C K 5 5] → [5 5 C K]
}

// weightedPool adds up squares of two by two places and gives the sum a weight, a
// bias and an activation.
type weightedPool struct {
	Scale, Bias *nn.Param // [C]
	Act         nn.Layer
}

func newWeightedPool(channels int, act nn.Layer) *weightedPool {
	l := &weightedPool{Scale: nn.Ones(rng.None(), tensor.Dims(channels)), Bias: nn.Zeros(rng.None(), tensor.Dims(channels)), Act: act}
	for i := range l.Scale.Value.Floats() {
		l.Scale.Value.Floats()[i] = 1. / 4
	}
	l.Scale.NoDecay, l.Bias.NoDecay = true, true
	return l
}

// Forward implements nn.Layer: [N H W C] → [N H/2 W/2 C].
func (l *weightedPool) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	sum := ops.SumPool(x, ops.WindowDims{Size: ops.List(2, 2)})
	y := ops.Add(ops.Mul(sum, ops.BroadcastInDim(c.Param(l.Scale), sum.Shape(), 3)), ops.BroadcastInDim(c.Param(l.Bias), sum.Shape(), 3))
	return c.In("act", l.Act, y)
}

// squash is the paper's activation (appendix A): f(±1) = ±1.
func squash(x *graph.Node) *graph.Node { return ops.Scale(ops.Tanh(ops.Scale(x, 2./3)), 1.7159) }

// lePool is the pooling of that name.
func lePool(name string, channels int, act nn.Layer) (nn.Layer, error) {
	switch name {
	case "average":
		return nn.AvgPool{PoolConfig: nn.PoolConfig{Size: []int{2, 2}}}, nil
	case "max":
		return halve(), nil
	case "weighted":
		return newWeightedPool(channels, act), nil
	}
	return nil, fmt.Errorf("setting pool is %q; there is [average max weighted]", name)
}

func newLeNet5(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	hidden, pad := s.List("hidden"), s.Int("pad")
	n := &LeNet5{Act: nn.Activation(s.Text("activation"))}
	if s.Text("activation") == "squash" {
		n.Act = nn.Func(squash)
	} else if err := nn.Activation(s.Text("activation")).Check(); err != nil {
		return nil, err
	}
	var err2, err4 error
	n.S2, err2 = lePool(s.Text("pool"), leC1, n.Act)
	n.S4, err4 = lePool(s.Text("pool"), leC3, n.Act)
	if err := cmp.Or(widths("hidden", hidden, 2, 2), between("pad", pad, 0, 4), sided(in, 16-2*pad), err2, err4); err != nil {
		return nil, err
	}
	n.C1 = nn.NewConv(r.Split("c1"), in.Shape.Dim(2), leC1, nn.ConvConfig{Size: []int{leSize, leSize}, Padding: nn.Pad(pad, pad), Init: nn.LeCunNormal})
	if s.Bool("table") {
		n.C3 = newTableConv(r.Split("c3"), leC1, leTable[:])
	} else {
		n.C3 = nn.NewConv(r.Split("c3"), leC1, leC3, nn.ConvConfig{Size: []int{leSize, leSize}, Init: nn.LeCunNormal})
	}
	side := func(n int) int { return ((n+2*pad-leSize+1)/2 - leSize + 1) / 2 }
	var err error
	if n.C5, err = dense(r.Split("c5"), side(in.Shape.Dim(0))*side(in.Shape.Dim(1))*leC3, hidden[0]); err != nil {
		return nil, err
	}
	n.F6 = nn.NewLinear(r.Split("f6"), hidden[0], hidden[1])
	n.Head, err = dense(r.Split("head"), hidden[1], out)
	return n, err
}

func init() {
	digit := Image(tensor.Dims(32, 32, 1))
	Register(Entry{
		Name: "lenet-5",
		Doc:  "two convolutions and three linear maps for handwritten characters",
		Cite: "LeCun et al., 1998",
		Settings: Settings{
			"activation": "tanh",         // or another, or "squash": the paper's 1.7159·tanh(2x/3)
			"pool":       "average",      // or "max", or "weighted": the paper's sum with a weight and a bias for each map
			"table":      false,          // the second convolution's maps see some of the first's, as in the paper, not all
			"pad":        0,              // zeros around the image: 2 for sides of 28
			"hidden":     []int{120, 84}, // features of the hidden layers
		},
		Variants: []Variant{
			{Name: "lenet-5", In: digit, Out: 10},
			{Name: "lenet-5-1998", Settings: Settings{"activation": "squash", "pool": "weighted", "table": true}, In: digit, Out: 10},
		},
		Weights: []Mapping{{
			Name: "pytorch-tutorial", From: "the network of PyTorch's tutorial on images, for 32 by 32 places",
			Of: []string{"lenet-5"}, Settings: Settings{"activation": "relu", "pool": "max"},
			Rules: slices.Concat(
				turnedRules("c1", "conv1"), turnedRules("c3", "conv2"), flatRules("c5", "fc1", lePlain), turnedRules("f6", "fc2"), turnedRules("head", "fc3"),
			),
		}},
		Build: newLeNet5,
	})
}
