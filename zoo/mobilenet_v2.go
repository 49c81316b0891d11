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

// MobileNetV2 is blocks that widen channels, filter each of them apart and narrow
// them again, with shortcuts between what is narrow: Sandler et al., "MobileNetV2:
// Inverted Residuals and Linear Bottlenecks", CVPR 2018, table 2. [N H W C] →
// logits [N K].
type MobileNetV2 struct {
	Features nn.Seq // of a convolution, blocks, and a 1x1 convolution, in torchvision's order
	Pool     nn.GlobalAvgPool
	Dropout  nn.Dropout
	Head     *nn.Linear
}

// Forward implements nn.Layer.
func (n *MobileNetV2) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("features", n.Features, x) // [N H/32 W/32 1280]
	x = c.In("dropout", n.Dropout, c.In("pool", n.Pool, x))
	return c.In("head", n.Head, x)
}

// invertedResidual is a block of MobileNetV2 (figure 3): the input is added where
// shapes agree.
type invertedResidual struct {
	Expand  *ConvBlock // to wider, 1x1; nil where nothing is widened
	Depth   *ConvBlock // of each channel apart, 3x3
	Project *ConvBlock // to narrow, 1x1, without an activation
	Add     bool
}

func newInvertedResidual(r rng.Stream, in, out, times, stride int) *invertedResidual {
	wide := in * times
	b := &invertedResidual{
		Depth:   relu6(newConvBlock(r.Split("depth"), wide, wide, 3, stride, nn.Pad(1, 1))),
		Project: newConvBlock(r.Split("project"), wide, out, 1, 1, nn.Padding{}),
		Add:     stride == 1 && in == out,
	}
	b.Depth.Conv = nn.NewDepthwise(r.Split("depth").Split("conv"), wide, 1, b.Depth.Conv.Config)
	b.Project.Act = nil
	if times > 1 {
		b.Expand = relu6(newConvBlock(r.Split("expand"), in, wide, 1, 1, nn.Padding{}))
	}
	return b
}

func relu6(b *ConvBlock) *ConvBlock {
	b.Act = nn.Activation("relu6")
	return b
}

// Forward implements nn.Layer.
func (b *invertedResidual) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	y := x
	if b.Expand != nil {
		y = c.In("expand", b.Expand, y)
	}
	y = c.In("project", b.Project, c.In("depth", b.Depth, y))
	if b.Add {
		y = ops.Add(x, y)
	}
	return y
}

// mobileWidth is times as many channels as w, as a multiple of 8 that is not much
// smaller (the authors' _make_divisible).
func mobileWidth(w int, times float64) int {
	v := float64(w) * times
	n := max(8, int(v+4)/8*8)
	if float64(n) < 0.9*v {
		n += 8
	}
	return n
}

// The first and the last convolution's channels.
const mobileFirst, mobileLast = 32, 1280

func newMobileNetV2(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	times, expand, list, repeats, strides := s.Float("width"), s.List("expand"), s.List("widths"), s.List("repeats"), s.List("strides")
	if err := mobileSettings(s); err != nil {
		return nil, err
	}
	channels := mobileWidth(mobileFirst, times)
	n := &MobileNetV2{
		Features: nn.Seq{relu6(newConvBlock(r.Split("stem"), in.Shape.Dim(2), channels, 3, 2, nn.Pad(1, 1)))},
		Dropout:  nn.Dropout{Rate: s.Float("dropout")},
	}
	for i, w := range list {
		wide := mobileWidth(w, times)
		for j := range repeats[i] {
			stride := 1
			if j == 0 {
				stride = strides[i]
			}
			n.Features = append(n.Features, newInvertedResidual(r.Split("stage").At(uint64(i)).At(uint64(j)), channels, wide, expand[i], stride))
			channels = wide
		}
	}
	last := mobileWidth(mobileLast, max(times, 1))
	n.Features = append(n.Features, relu6(newConvBlock(r.Split("last"), channels, last, 1, 1, nn.Padding{})))
	head, err := dense(r.Split("head"), last, out)
	n.Head = head
	return n, err
}

// mobileSettings checks the four lists, which go together, and the rest.
func mobileSettings(s Settings) error {
	times, expand, list, repeats, strides := s.Float("width"), s.List("expand"), s.List("widths"), s.List("repeats"), s.List("strides")
	if err := cmp.Or(
		between("width", times, 0.01, 8), between("dropout", s.Float("dropout"), 0, 0.95), widths("widths", list, 1, 16),
	); err != nil {
		return err
	}
	if len(expand) != len(list) || len(repeats) != len(list) || len(strides) != len(list) {
		return fmt.Errorf("settings expand, widths, repeats and strides list %d, %d, %d and %d numbers, want as many of each",
			len(expand), len(list), len(repeats), len(strides))
	}
	sum, before := 0.0, mobileWidth(mobileFirst, times)
	for i, w := range list {
		if err := cmp.Or(
			between("expand", expand[i], 1, 16), between("repeats", repeats[i], 1, 64), between("strides", strides[i], 1, 2),
		); err != nil {
			return err
		}
		wide := mobileWidth(w, times)
		sum += float64(expand[i]) * float64(max(before, wide)) * 2 * float64(wide) * float64(repeats[i])
		before = wide
	}
	return modest(sum + float64(before)*float64(mobileWidth(mobileLast, max(times, 1))))
}

// mobileRules is torchvision's names: a block is conv.0 to conv.3, the first
// block, which widens nothing, conv.0 to conv.2.
func mobileRules() []Rule {
	rules := blockRules("features.#", "features.#.0", "features.#.1")
	first, block := "features.1.", "features.#."
	rules = append(rules, blockRules(first+"depth", first+"conv.0.0", first+"conv.0.1")...)
	rules = append(rules, blockRules(first+"project", first+"conv.1", first+"conv.2")...)
	rules = append(rules, blockRules(block+"expand", block+"conv.0.0", block+"conv.0.1")...)
	rules = append(rules, blockRules(block+"depth", block+"conv.1.0", block+"conv.1.1")...)
	rules = append(rules, blockRules(block+"project", block+"conv.2", block+"conv.3")...)
	return append(rules, turnedRules("head", "classifier.1")...)
}

func init() {
	photo := Image(tensor.Dims(224, 224, 3))
	Register(Entry{
		Name: "mobilenet-v2",
		Doc:  "blocks that widen channels, filter each apart and narrow them again",
		Cite: "Sandler et al., 2018",
		Settings: Settings{
			"width":   1.0,                                 // times as many channels everywhere
			"expand":  []int{1, 6, 6, 6, 6, 6, 6},          // times as many channels inside the blocks of each stage
			"widths":  []int{16, 24, 32, 64, 96, 160, 320}, // channels behind them
			"repeats": []int{1, 2, 3, 4, 3, 3, 1},          // blocks
			"strides": []int{1, 2, 2, 2, 1, 2, 1},          // of the first of them
			"dropout": 0.2,                                 // before the last layer
		},
		Variants: []Variant{
			{Name: "mobilenet-v2", In: photo, Out: 1000},
			{Name: "mobilenet-v2-0.75", Settings: Settings{"width": 0.75}, In: photo, Out: 1000},
			{Name: "mobilenet-v2-1.4", Settings: Settings{"width": 1.4}, In: photo, Out: 1000},
		},
		Weights: []Mapping{{Name: "torchvision", From: "torchvision.models.mobilenet_v2", Rules: mobileRules()}},
		Build:   newMobileNetV2,
	})
}
