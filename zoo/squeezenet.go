package zoo

import (
	"cmp"
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// SqueezeNet is a convolution and eight modules that squeeze channels before they
// expand them: Iandola et al., "SqueezeNet: AlexNet-Level Accuracy with 50x Fewer
// Parameters and <0.5MB Model Size", 2016, table 1; version 1.1 of its authors
// pools earlier and takes 2.4 times less computation. [N H W C] → logits [N K].
type SqueezeNet struct {
	Features nn.Seq // of convolution, activation, pooling and modules, in torchvision's order
	Dropout  nn.Dropout
	Head     *nn.Conv
	Act      nn.Layer
	Pool     nn.GlobalAvgPool
}

// Forward implements nn.Layer.
func (n *SqueezeNet) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("features", n.Features, x) // [N H/16 W/16 32·Squeeze], about
	x = c.In("dropout", n.Dropout, x)
	x = c.In("act", n.Act, c.In("head", n.Head, x)) // [N H/16 W/16 K]
	return c.In("pool", n.Pool, x)
}

// fire is a module of SqueezeNet: a 1x1 convolution to few channels, and beside
// each other one of 1x1 and one of 3x3 to more.
type fire struct {
	Squeeze, Expand1, Expand3 *nn.Conv
	Act                       nn.Layer
}

// fireGrowth is how many times the squeezed channels each expansion has.
const fireGrowth = 4

func newFire(r rng.Stream, in, squeeze int) *fire {
	grown := fireGrowth * squeeze
	return &fire{
		Squeeze: nn.NewConv(r.Split("squeeze"), in, squeeze, nn.ConvConfig{Size: []int{1, 1}}),
		Expand1: nn.NewConv(r.Split("expand1"), squeeze, grown, nn.ConvConfig{Size: []int{1, 1}}),
		Expand3: nn.NewConv(r.Split("expand3"), squeeze, grown, nn.ConvConfig{Size: []int{3, 3}, Padding: nn.Pad(1, 1)}),
		Act:     nn.Activation("relu"),
	}
}

// Forward implements nn.Layer.
func (f *fire) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("act", f.Act, c.In("squeeze", f.Squeeze, x))
	one := c.In("act", f.Act, c.In("expand1", f.Expand1, x))
	three := c.In("act", f.Act, c.In("expand3", f.Expand3, x))
	return ops.Concatenate(3, one, three)
}

// fullPool is max pooling over squares of Size places, Stride apart, whose last
// windows may hang over the border ("ceil mode"), so that each place counts.
type fullPool struct{ Size, Stride int }

// Forward implements nn.Layer.
func (l fullPool) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	high := make([]int, 2)
	for i := range high {
		over := x.Shape().Dim(1+i) - l.Size
		if rest := over % l.Stride; over < 0 {
			high[i] = -over
		} else if rest > 0 {
			high[i] = l.Stride - rest
		}
	}
	return nn.MaxPool{PoolConfig: nn.PoolConfig{
		Size: []int{l.Size, l.Size}, Stride: []int{l.Stride, l.Stride}, Padding: nn.Padding{Low: []int{0, 0}, High: high},
	}}.Forward(c, x)
}

// fireModules is how many modules there are; those from number i on squeeze to
// i/2+1 times as many channels as the first.
const fireModules = 8

// squeezeForms is what the versions differ in.
var squeezeForms = map[string]struct {
	channels, size int          // of the first convolution
	pools          map[int]bool // before these modules
}{
	"1.0": {96, 7, map[int]bool{0: true, 3: true, 7: true}},
	"1.1": {64, 3, map[int]bool{0: true, 2: true, 4: true}},
}

func newSqueezeNet(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	form, ok := squeezeForms[s.Text("version")]
	if !ok {
		return nil, fmt.Errorf("setting version is %q; there is [1.0 1.1]", s.Text("version"))
	}
	squeeze := s.Int("squeeze")
	if err := cmp.Or(
		between("squeeze", squeeze, 1, 1024), between("dropout", s.Float("dropout"), 0, 0.95), sided(in, form.size),
		modest(500*fireGrowth*float64(squeeze*squeeze)),
	); err != nil {
		return nil, err
	}
	channels := form.channels
	n := &SqueezeNet{Dropout: nn.Dropout{Rate: s.Float("dropout")}, Act: nn.Activation("relu")}
	n.Features = nn.Seq{
		nn.NewConv(r.Split("stem"), in.Shape.Dim(2), channels, nn.ConvConfig{Size: []int{form.size, form.size}, Stride: []int{2, 2}}),
		nn.Activation("relu"),
	}
	for i := range fireModules {
		if form.pools[i] {
			n.Features = append(n.Features, fullPool{3, 2})
		}
		narrow := squeeze * (i/2 + 1)
		n.Features = append(n.Features, newFire(r.Split("fire").At(uint64(i)), channels, narrow))
		channels = 2 * fireGrowth * narrow
	}
	if out > maxWeights/channels {
		return nil, fmt.Errorf("a layer from %d to %d features has more than %d weights", channels, out, maxWeights)
	}
	n.Head = nn.NewConv(r.Split("head"), channels, out, nn.ConvConfig{Size: []int{1, 1}, Init: headInit})
	return n, nil
}

// headInit draws with standard deviation 0.01, as the authors of SqueezeNet do.
func headInit(r rng.Stream, s tensor.Shape) *nn.Param {
	p := nn.Zeros(r, s)
	r.Normal(p.Value.Floats(), 0, 0.01)
	return p
}

// squeezeRules is the names of Caffe's layers: conv1, fire2/squeeze1x1 to
// fire9/expand3x3, conv10. Behind them stand weight and bias.
func squeezeRules(version, weight, bias string) []Rule {
	named := func(ours, theirs string) []Rule {
		r := turnedRules(ours, "")
		r[0].Theirs, r[1].Theirs = theirs+weight, theirs+bias
		return r
	}
	rules := append(named("features.0", "conv1"), named("head", "conv10")...)
	at := 2 // behind the first convolution and its activation
	for i := range fireModules {
		if squeezeForms[version].pools[i] {
			at++
		}
		ours, theirs := fmt.Sprintf("features.%d.", at), fmt.Sprintf("fire%d/", i+2)
		rules = append(rules, named(ours+"squeeze", theirs+"squeeze1x1")...)
		rules = append(rules, named(ours+"expand1", theirs+"expand1x1")...)
		rules = append(rules, named(ours+"expand3", theirs+"expand3x3")...)
		at++
	}
	return rules
}

func init() {
	const caffe = "the authors' caffemodel, which takes blue, green, red from 0 to 255 less their means"
	photo := Image(tensor.Dims(224, 224, 3))
	rules := turnedRules("features.#", "features.#")
	for _, part := range [][2]string{{"squeeze", "squeeze"}, {"expand1", "expand1x1"}, {"expand3", "expand3x3"}} {
		rules = append(rules, turnedRules("features.#."+part[0], "features.#."+part[1])...)
	}
	Register(Entry{
		Name: "squeezenet",
		Doc:  "modules that squeeze channels before they expand them",
		Cite: "Iandola et al., 2016",
		Settings: Settings{
			"version": "1.1", // or "1.0"
			"squeeze": 16,    // channels that the first modules squeeze to
			"dropout": 0.5,   // before the last convolution
		},
		Variants: []Variant{
			{Name: "squeezenet-1.0", Settings: Settings{"version": "1.0"}, In: photo, Out: 1000},
			{Name: "squeezenet-1.1", In: photo, Out: 1000},
		},
		Weights: []Mapping{{
			Name: "torchvision", From: "torchvision.models.squeezenet1_0 and squeezenet1_1",
			Rules: append(rules, turnedRules("head", "classifier.1")...),
		}, {
			Name: "caffe", From: caffe, Of: []string{"squeezenet-1.1"}, Rules: squeezeRules("1.1", ".weight", ".bias"),
		}, {
			Name: "caffe", From: caffe, Of: []string{"squeezenet-1.0"}, Settings: Settings{"version": "1.0"}, Rules: squeezeRules("1.0", ".weight", ".bias"),
		}, {
			Name: "caffe2", From: "the ONNX file of SqueezeNet 1.1 made from it", Of: []string{"squeezenet-1.1"}, Rules: squeezeRules("1.1", "_w_0", "_b_0"),
		}},
		Build: newSqueezeNet,
	})
}
