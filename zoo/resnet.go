package zoo

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// ResNet is the residual network for small images of He et al., "Deep Residual
// Learning for Image Recognition", CVPR 2016, section 4.2: a convolution, three
// stages of n blocks with one, two and four times Width channels, the later two
// at half the sides of the one before, the mean over places, and a linear map.
// The depth is 6n+2. [N H W C] → logits [N K].
type ResNet struct {
	Stem   *ConvBlock
	Stages []nn.Seq
	Pool   nn.GlobalAvgPool
	Head   *nn.Linear
}

// Forward implements nn.Layer.
func (n *ResNet) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("stem", n.Stem, x)
	for i, stage := range n.Stages {
		x = c.In("stages."+strconv.Itoa(i), stage, x)
	}
	x = c.In("pool", n.Pool, x)
	return c.In("head", n.Head, x)
}

func newResNet(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	depth, width := s.Int("depth"), s.Int("width")
	if depth < 8 || depth > 1202 || depth%6 != 2 {
		return nil, fmt.Errorf("setting depth is %d, want 6n+2 from 8 to 1202", depth)
	}
	if err := between("width", width, 1, 1024); err != nil {
		return nil, err
	}
	shortcut := s.Text("shortcut")
	if !slices.Contains([]string{shortcutPad, shortcutPadBoth, shortcutProject}, shortcut) {
		return nil, fmt.Errorf("setting shortcut is %q; there is [pad pad-both project]", shortcut)
	}
	if err := modest(float64(63*depth) * float64(width*width)); err != nil {
		return nil, err
	}
	n := &ResNet{Stem: newConvBlock(r.Split("stem"), in.Shape.Dim(2), width, 3, 1, nn.Pad(1, 1))}
	channels := width
	for i := range 3 {
		out, stride := width<<i, min(i+1, 2)
		var stage nn.Seq
		for j := range (depth - 2) / 6 {
			b := newResidualBlock(r.Split("stage").At(uint64(i)).At(uint64(j)), channels, out, stride, shortcut)
			if s.Bool("zero-init") {
				b.Second.Norm.Scale.Value = nn.Zeros(r, tensor.Dims(out)).Value
			}
			stage = append(stage, b)
			channels, stride = out, 1
		}
		n.Stages = append(n.Stages, stage)
	}
	head, err := dense(r.Split("head"), channels, out)
	n.Head = head
	return n, err
}

func init() {
	Register(Entry{
		Name: "resnet",
		Doc:  "the residual network for small images, of any depth 6n+2",
		Cite: "He et al., 2016",
		Settings: Settings{
			"depth":     20,
			"width":     16,    // channels of the first stage
			"shortcut":  "pad", // where channels grow: zeros behind them, "pad-both": around them (option A), or "project": a 1x1 convolution (option B)
			"zero-init": false, // blocks begin as the identity (Goyal et al., 2017, section 5.1)
		},
		Variants: resnetVariants(20, 32, 44, 56, 110),
		Weights: []Mapping{
			{
				Name: "pytorch_resnet_cifar10", From: "Idelbayev's resnet20 to resnet110",
				Settings: Settings{"shortcut": shortcutPadBoth},
				Rules:    resnetRules(3, "linear", "shortcut"),
			},
			{
				Name: "pytorch-cifar-models", From: "chenyaofo's cifar10_resnet20 to cifar100_resnet56",
				Settings: Settings{"shortcut": shortcutProject},
				Rules:    resnetRules(3, "fc", "downsample"),
			},
		},
		Build: newResNet,
	})
}

// resnetVariants is the networks for CIFAR-10 of some depths.
func resnetVariants(depths ...int) []Variant {
	var list []Variant
	for _, d := range depths {
		list = append(list, Variant{
			Name: fmt.Sprintf("resnet-%d", d), Settings: Settings{"depth": d}, In: Image(tensor.Dims(32, 32, 3)), Out: 10,
		})
	}
	return list
}

// resnetRules is the names that most residual networks in PyTorch have, after
// those of torchvision, for so many stages.
func resnetRules(stages int, head, shortcut string) []Rule {
	rules := blockRules("stem", "conv1", "bn1")
	for s := range stages {
		ours, theirs := fmt.Sprintf("stages.%d.#.", s), fmt.Sprintf("layer%d.#.", s+1)
		for i, part := range []string{"first", "second", "third"} {
			rules = append(rules, blockRules(ours+part, fmt.Sprintf("%sconv%d", theirs, i+1), fmt.Sprintf("%sbn%d", theirs, i+1))...)
		}
		rules = append(rules, blockRules(ours+"shortcut", theirs+shortcut+".0", theirs+shortcut+".1")...)
	}
	return append(rules, turnedRules("head", head)...)
}
