package zoo

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// PhotoResNet is the residual network for photographs of He et al., "Deep Residual
// Learning for Image Recognition", CVPR 2016, table 1: a convolution and a pooling
// that bring the sides to a quarter, four stages of blocks with one, two, four and
// eight times Width channels, the later three at half the sides of the one before,
// the mean over places, and a linear map. [N H W C] → logits [N K].
type PhotoResNet struct {
	Stem   *ConvBlock // with the pooling
	Stages []nn.Seq
	Pool   nn.GlobalAvgPool
	Head   *nn.Linear
}

// Forward implements nn.Layer.
func (n *PhotoResNet) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("stem", n.Stem, x) // [N H/4 W/4 Width]
	for i, stage := range n.Stages {
		x = c.In("stages."+strconv.Itoa(i), stage, x)
	}
	x = c.In("pool", n.Pool, x)
	return c.In("head", n.Head, x)
}

// photoDepths is the blocks of each stage, by depth, and whether they are
// bottlenecks; 10, 14 and 26 are not in the paper.
var photoDepths = map[int]struct {
	blocks     [4]int
	bottleneck bool
}{
	10: {[4]int{1, 1, 1, 1}, false}, 18: {[4]int{2, 2, 2, 2}, false}, 34: {[4]int{3, 4, 6, 3}, false},
	14: {[4]int{1, 1, 1, 1}, true}, 26: {[4]int{2, 2, 2, 2}, true},
	50: {[4]int{3, 4, 6, 3}, true}, 101: {[4]int{3, 4, 23, 3}, true}, 152: {[4]int{3, 8, 36, 3}, true},
}

// bottleneckGrowth is how many times the channels of its middle a bottleneck has.
const bottleneckGrowth = 4

func newPhotoResNet(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	depth, width := s.Int("depth"), s.Int("width")
	form, ok := photoDepths[depth]
	if !ok {
		return nil, fmt.Errorf("setting depth is %d; there is %v", depth, slices.Sorted(maps.Keys(photoDepths)))
	}
	if err := between("width", width, 1, 1024); err != nil {
		return nil, err
	}
	if err := modest(9 * 64 * float64(depth) * float64(width*width)); err != nil {
		return nil, err
	}
	n := &PhotoResNet{Stem: newConvBlock(r.Split("stem"), in.Shape.Dim(2), width, 7, 2, nn.Pad(3, 3))}
	n.Stem.Pool = nn.MaxPool{PoolConfig: nn.PoolConfig{Size: []int{3, 3}, Stride: []int{2, 2}, Padding: nn.Pad(1, 1)}}
	channels := width
	for i, blocks := range form.blocks {
		middle, stride := width<<i, min(i+1, 2)
		var stage nn.Seq
		for j := range blocks {
			at := r.Split("stage").At(uint64(i)).At(uint64(j))
			if form.bottleneck {
				stage = append(stage, newBottleneck(at, channels, middle, stride, s.Bool("stride-first"), s.Bool("zero-init")))
				channels = bottleneckGrowth * middle
			} else {
				b := newResidualBlock(at, channels, middle, stride, shortcutProject)
				if s.Bool("zero-init") {
					clear(b.Second.Norm.Scale.Value.Floats())
				}
				stage, channels = append(stage, b), middle
			}
			stride = 1
		}
		n.Stages = append(n.Stages, stage)
	}
	head, err := dense(r.Split("head"), channels, out)
	n.Head = head
	return n, err
}

// bottleneck is a 1x1 convolution to fewer channels, one of 3x3 and one of 1x1 to
// more, beside a shortcut (He et al., 2016, figure 5, right).
type bottleneck struct {
	First, Second *ConvBlock
	Third         *ConvBlock // without an activation
	Shortcut      *ConvBlock // nil where the shape stays
	Act           nn.Layer
}

// newBottleneck draws a block from in to bottleneckGrowth·middle channels. The
// stride is that of the 3x3 convolution, as in torchvision, or with early that of
// the first, as in the paper.
func newBottleneck(r rng.Stream, in, middle, stride int, early, zero bool) *bottleneck {
	first, second := 1, stride
	if early {
		first, second = stride, 1
	}
	out := bottleneckGrowth * middle
	b := &bottleneck{
		First:  newConvBlock(r.Split("first"), in, middle, 1, first, nn.Padding{}),
		Second: newConvBlock(r.Split("second"), middle, middle, 3, second, nn.Pad(1, 1)),
		Third:  newConvBlock(r.Split("third"), middle, out, 1, 1, nn.Padding{}),
		Act:    nn.Activation("relu"),
	}
	b.Third.Act = nil
	if zero {
		clear(b.Third.Norm.Scale.Value.Floats())
	}
	if in != out || stride > 1 {
		b.Shortcut = newConvBlock(r.Split("shortcut"), in, out, 1, stride, nn.Padding{})
		b.Shortcut.Act = nil
	}
	return b
}

// Forward implements nn.Layer.
func (b *bottleneck) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	short := x
	if b.Shortcut != nil {
		short = c.In("shortcut", b.Shortcut, x)
	}
	y := c.In("first", b.First, x)
	y = c.In("second", b.Second, y)
	y = c.In("third", b.Third, y)
	return c.In("act", b.Act, ops.Add(y, short))
}

func init() {
	var variants []Variant
	for _, d := range []int{18, 34, 50, 101, 152} {
		variants = append(variants, Variant{
			Name: fmt.Sprintf("resnet-%d", d), Settings: Settings{"depth": d}, In: Image(tensor.Dims(224, 224, 3)), Out: 1000,
		})
	}
	Register(Entry{
		Name: "resnet-photo",
		Doc:  "the residual network for photographs",
		Cite: "He et al., 2016",
		Settings: Settings{
			"depth":        18,
			"width":        64,    // channels of the first stage
			"stride-first": false, // bottlenecks halve the sides in their first convolution, not in the second
			"zero-init":    false, // blocks begin as the identity (Goyal et al., 2017, section 5.1)
		},
		Variants: variants,
		Weights: []Mapping{{
			Name: "torchvision", From: "torchvision.models.resnet18 to resnet152",
			Rules: resnetRules(4, "fc", "downsample"),
		}},
		Build: newPhotoResNet,
	})
}
