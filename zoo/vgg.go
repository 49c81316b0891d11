package zoo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// VGG is stages of 3x3 convolutions with a max pooling after each, and three
// linear maps: Simonyan and Zisserman, "Very Deep Convolutional Networks for
// Large-Scale Image Recognition", ICLR 2015, table 1. [N H W C] → logits [N K].
//
// For photographs: [N 224 224 3] → [N 112 112 64] → [N 56 56 128] → [N 28 28 256]
// → [N 14 14 512] → [N 7 7 512] → [N 4096] → [N 4096] → [N 1000].
type VGG struct {
	Features nn.Seq // of convolution, perhaps a norm, activation and pooling, in torchvision's order
	Pool     nn.Layer
	Flatten  nn.Flatten
	Hidden   []*nn.Linear
	Act      nn.Layer
	Dropout  nn.Dropout
	Head     *nn.Linear
}

// Forward implements nn.Layer.
func (n *VGG) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("features", n.Features, x) // [N H/32 W/32 8·Width]
	x = c.In("pool", n.Pool, x)         // [N 7 7 8·Width]
	x = c.In("flatten", n.Flatten, x)
	for i, l := range n.Hidden {
		x = c.In("act", n.Act, c.In(fmt.Sprintf("hidden.%d", i), l, x))
		x = c.In("dropout", n.Dropout, x)
	}
	return c.In("head", n.Head, x)
}

// vggSide is the sides of what the linear maps see.
const vggSide = 7

// vggDepths is the convolutions of each stage, by depth: A, B, D and E of table 1.
var vggDepths = map[int][5]int{11: {1, 1, 2, 2, 2}, 13: {2, 2, 2, 2, 2}, 16: {2, 2, 3, 3, 3}, 19: {2, 2, 4, 4, 4}}

func newVGG(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	depth, width, hidden := s.Int("depth"), s.Int("width"), s.Int("hidden")
	stages, ok := vggDepths[depth]
	if !ok {
		return nil, fmt.Errorf("setting depth is %d; there is %v", depth, slices.Sorted(maps.Keys(vggDepths)))
	}
	if err := cmp.Or(
		between("width", width, 1, 1024), between("hidden", hidden, 1, maxWidth), between("dropout", s.Float("dropout"), 0, 0.95),
		modest(9*64*float64(depth)*float64(width*width)+vggSide*vggSide*8*float64(width)*float64(hidden)),
		sided(in, 32),
	); err != nil {
		return nil, err
	}
	n := &VGG{
		Pool: nn.AdaptiveAvgPool{Size: []int{vggSide, vggSide}}, Act: nn.Activation("relu"), Dropout: nn.Dropout{Rate: s.Float("dropout")},
	}
	channels := in.Shape.Dim(2)
	for i, convs := range stages {
		k := width << min(i, 3)
		for j := range convs {
			at := r.Split("features").At(uint64(i)).At(uint64(j))
			n.Features = append(n.Features, nn.NewConv(at, channels, k, nn.ConvConfig{Size: []int{3, 3}, Padding: nn.Pad(1, 1)}))
			if s.Bool("norm") {
				n.Features = append(n.Features, nn.NewBatchNorm(k))
			}
			n.Features, channels = append(n.Features, nn.Activation("relu")), k
		}
		n.Features = append(n.Features, halve())
	}
	var err error
	n.Hidden, n.Head, err = classifier(r, vggSide*vggSide*channels, hidden, out)
	return n, err
}

// sided asks that an image has sides of at least so many places.
func sided(in In, least int) error {
	if h, w := in.Shape.Dim(0), in.Shape.Dim(1); h < least || w < least {
		return fmt.Errorf("an image of %d by %d has nothing left in the end; sides are at least %d", h, w, least)
	}
	return nil
}

// classifier is the three linear maps at the end of AlexNet and VGG, the first
// two drawn for the ReLU behind them.
func classifier(r rng.Stream, features, hidden, out int) (list []*nn.Linear, head *nn.Linear, err error) {
	for i := range 2 {
		if features > maxWeights/hidden {
			return nil, nil, fmt.Errorf("a layer from %d to %d features has more than %d weights", features, hidden, maxWeights)
		}
		l := &nn.Linear{
			Weight: nn.KaimingNormal(r.Split("hidden").At(uint64(i)), tensor.Dims(features, hidden)),
			Bias:   nn.Zeros(r, tensor.Dims(hidden)),
		}
		l.Bias.NoDecay = true
		list, features = append(list, l), hidden
	}
	head, err = dense(r.Split("head"), features, out)
	return list, head, err
}

func init() {
	var variants []Variant
	for _, d := range slices.Sorted(maps.Keys(vggDepths)) {
		plain := Variant{Name: fmt.Sprintf("vgg-%d", d), Settings: Settings{"depth": d}, In: Image(tensor.Dims(224, 224, 3)), Out: 1000}
		normed := plain
		normed.Name, normed.Settings = plain.Name+"-bn", Settings{"depth": d, "norm": true}
		variants = append(variants, plain, normed)
	}
	Register(Entry{
		Name: "vgg",
		Doc:  "stages of 3x3 convolutions and three linear maps",
		Cite: "Simonyan and Zisserman, 2015",
		Settings: Settings{
			"depth":   16,
			"width":   64,    // channels of the first stage
			"norm":    false, // batch normalisation after each convolution, as torchvision's *_bn have it
			"hidden":  4096,  // features of the two hidden layers
			"dropout": 0.5,   // after each of them
		},
		Variants: variants,
		Weights: []Mapping{{
			Name: "torchvision", From: "torchvision.models.vgg11 to vgg19_bn",
			Rules: slices.Concat(
				turnedRules("features.#", "features.#"), batchNormRules("features.#", "features.#"),
				flatRules("hidden.0", "classifier.0", vggSide*vggSide), turnedRules("hidden.1", "classifier.3"), turnedRules("head", "classifier.6"),
			),
		}},
		Build: newVGG,
	})
}
