package zoo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// AlexNet is five convolutions and three linear maps. Its usual form is that of
// one column in Krizhevsky, "One Weird Trick for Parallelizing Convolutional
// Neural Networks", 2014, as torchvision has it; with other settings it is that
// of Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep
// Convolutional Neural Networks", NIPS 2012, section 3.5: two halves that see
// each other in some layers, and local normalisation. [N H W C] → logits [N K].
//
// For photographs: [N 224 224 3] → [N 55 55 64] → [N 27 27 192] → [N 13 13 384]
// → [N 13 13 256] → [N 13 13 256] → [N 6 6 256] → [N 4096] → [N 4096] → [N 1000].
type AlexNet struct {
	Convs   []*nn.Conv
	Act     nn.Layer
	Norm    nn.Layer // after the first and the second convolution; nil for none
	Pool    nn.Layer // after the first, the second and the last
	Collect nn.Layer
	Flatten nn.Flatten
	Dropout nn.Dropout
	Hidden  []*nn.Linear
	Head    *nn.Linear
}

// Forward implements nn.Layer.
func (n *AlexNet) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	for i, l := range n.Convs {
		x = c.In("act", n.Act, c.In("convs."+strconv.Itoa(i), l, x))
		if n.Norm != nil && i < 2 {
			x = c.In("norm", n.Norm, x)
		}
		if i < 2 || i == len(n.Convs)-1 {
			x = c.In("pool", n.Pool, x)
		}
	}
	x = c.In("flatten", n.Flatten, c.In("collect", n.Collect, x))
	for i, l := range n.Hidden {
		x = c.In("hidden."+strconv.Itoa(i), l, c.In("dropout", n.Dropout, x))
		x = c.In("act", n.Act, x)
	}
	return c.In("head", n.Head, x)
}

// alexSide is the sides of what the linear maps see, alexLeast the least of an
// image.
const alexSide, alexLeast = 6, 63

// The convolutions' filters and strides; which of them are cut into groups.
var (
	alexSizes   = [5]int{11, 5, 3, 3, 3}
	alexStrides = [5]int{4, 1, 1, 1, 1}
	alexGrouped = [5]bool{1: true, 3: true, 4: true}
)

func newAlexNet(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	list, hidden, groups := s.List("widths"), s.Int("hidden"), s.Int("groups")
	if err := cmp.Or(
		widths("widths", list, 5, 5), between("hidden", hidden, 1, maxWidth), between("groups", groups, 1, 2),
		between("pad", s.Int("pad"), 0, 5), between("dropout", s.Float("dropout"), 0, 0.95),
		between("norm.alpha", s.Float("norm.alpha"), 0, 1), between("norm.bias", s.Float("norm.bias"), 1e-3, 1e3),
		sided(in, alexLeast+4-2*s.Int("pad")),
	); err != nil {
		return nil, err
	}
	if err := modest(chained(max(in.Shape.Dim(2), list[0]), list, 25) + float64(alexSide*alexSide*list[4]+hidden)*float64(hidden)); err != nil {
		return nil, err
	}
	n := &AlexNet{
		Act: nn.Activation("relu"), Dropout: nn.Dropout{Rate: s.Float("dropout")},
		Pool:    nn.MaxPool{PoolConfig: nn.PoolConfig{Size: []int{3, 3}, Stride: []int{2, 2}}},
		Collect: nn.AdaptiveAvgPool{Size: []int{alexSide, alexSide}},
	}
	if alpha := s.Float("norm.alpha"); alpha > 0 {
		n.Norm = nn.LocalNorm{Size: 5, Alpha: alpha, Beta: 0.75, Bias: s.Float("norm.bias")}
	}
	channels := in.Shape.Dim(2)
	for i, k := range list {
		config := nn.ConvConfig{Size: []int{alexSizes[i], alexSizes[i]}, Stride: []int{alexStrides[i], alexStrides[i]}}
		pad := alexSizes[i] / 2
		if i == 0 {
			pad = s.Int("pad")
		}
		config.Padding = nn.Pad(pad, pad)
		if alexGrouped[i] {
			config.Groups = groups
		}
		if channels%max(config.Groups, 1) != 0 || k%max(config.Groups, 1) != 0 {
			return nil, fmt.Errorf("setting widths is %v, which has no halves for groups", list)
		}
		n.Convs = append(n.Convs, nn.NewConv(r.Split("convs").At(uint64(i)), channels, k, config))
		channels = k
	}
	var err error
	n.Hidden, n.Head, err = classifier(r, alexSide*alexSide*channels, hidden, out)
	return n, err
}

// alexRules names the layers in order: five convolutions, then three linear maps.
func alexRules(convs [5]string, maps [3]string) []Rule {
	var rules []Rule
	for i, theirs := range convs {
		rules = append(rules, turnedRules("convs."+strconv.Itoa(i), theirs)...)
	}
	return slices.Concat(rules, flatRules("hidden.0", maps[0], alexSide*alexSide), turnedRules("hidden.1", maps[1]), turnedRules("head", maps[2]))
}

func init() {
	paper := Settings{"widths": []int{96, 256, 384, 384, 256}, "groups": 2, "pad": 0, "norm.alpha": 1e-4, "norm.bias": 2.0}
	caffe := Settings{"widths": []int{96, 256, 384, 384, 256}, "groups": 2, "pad": 0, "norm.alpha": 2e-5, "norm.bias": 1.0}
	Register(Entry{
		Name: "alexnet",
		Doc:  "five convolutions and three linear maps",
		Cite: "Krizhevsky, Sutskever and Hinton, 2012",
		Settings: Settings{
			"widths":     []int{64, 192, 384, 256, 256}, // channels of the convolutions
			"groups":     1,                             // 2: halves of the channels that do not mix in the second, fourth and fifth
			"pad":        2,                             // zeros around the image
			"norm.alpha": 0.0,                           // of the local normalisation over five channels; 0 for none
			"norm.bias":  2.0,                           // of the same
			"hidden":     4096,                          // features of the two hidden layers
			"dropout":    0.5,                           // before each of them
		},
		Variants: []Variant{
			{Name: "alexnet", In: Image(tensor.Dims(224, 224, 3)), Out: 1000, Cite: "Krizhevsky, 2014"},
			{Name: "alexnet-2012", Settings: paper, In: Image(tensor.Dims(227, 227, 3)), Out: 1000},
		},
		Weights: []Mapping{
			{
				Name: "torchvision", From: "torchvision.models.alexnet", Of: []string{"alexnet"},
				Rules: alexRules([5]string{"features.0", "features.3", "features.6", "features.8", "features.10"}, [3]string{"classifier.1", "classifier.4", "classifier.6"}),
			},
			{
				Name: "caffe", From: "BVLC's bvlc_alexnet, which takes images in the order blue, green, red", Of: []string{"alexnet-2012"}, Settings: caffe,
				Rules: alexRules([5]string{"conv1", "conv2", "conv3", "conv4", "conv5"}, [3]string{"fc6", "fc7", "fc8"}),
			},
		},
		Build: newAlexNet,
	})
}
