package zoo

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// UNet gives each place of an image logits of its own: Ronneberger, Fischer and
// Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI
// 2015, figure 1. Levels of two convolutions, each at half the sides and with
// twice the channels of the one before, then back up, where each level also sees
// what there was on the way down. [N H W C] → [N H' W' K]: without padding, as
// published, sides of 572 become 388.
type UNet struct {
	Down    []*convPair // from the image to the lowest level
	Pool    nn.Layer
	Dropout nn.Dropout // at the lowest level
	Up      []*rise    // from the lowest but one to the first
	Head    *nn.Conv
}

// Forward implements nn.Layer.
func (n *UNet) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	var skips []*graph.Node
	for i, level := range n.Down {
		if i > 0 {
			skips = append(skips, x)
			x = c.In("pool", n.Pool, x)
		}
		x = c.In("down."+strconv.Itoa(i), level, x)
	}
	x = c.In("dropout", n.Dropout, x)
	for i, level := range n.Up {
		x = c.In("up."+strconv.Itoa(i), riseBeside{level, skips[len(skips)-1-i]}, x)
	}
	return c.In("head", n.Head, x)
}

// convPair is two 3x3 convolutions.
type convPair struct{ First, Second *ConvBlock }

func newConvPair(r rng.Stream, in, out int, padded, norm bool) *convPair {
	block := func(name string, in int) *ConvBlock {
		pad := nn.Padding{}
		if padded {
			pad = nn.Pad(1, 1)
		}
		b := newConvBlock(r.Split(name), in, out, 3, 1, pad)
		if !norm {
			b.Norm, b.Conv.Bias = nil, nn.Zeros(r, tensor.Dims(out))
			b.Conv.Bias.NoDecay = true
		}
		return b
	}
	return &convPair{First: block("first", in), Second: block("second", out)}
}

// Forward implements nn.Layer.
func (p *convPair) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	return c.In("second", p.Second, c.In("first", p.First, x))
}

// rise is a level on the way up: a transposed convolution to twice the sides and
// half the channels, and two convolutions over it and what it goes beside.
type rise struct {
	Grow *nn.ConvTranspose
	Body *convPair
}

// riseBeside is a rise and what goes before it in the channels.
type riseBeside struct {
	*rise
	skip *graph.Node
}

// Forward implements nn.Layer.
func (l riseBeside) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("grow", l.Grow, x)
	s, from := x.Shape(), l.skip.Shape()
	top, left := (from.Dim(1)-s.Dim(1))/2, (from.Dim(2)-s.Dim(2))/2
	skip := ops.Slice(l.skip, []int{0, top, left, 0}, []int{from.Dim(0), top + s.Dim(1), left + s.Dim(2), from.Dim(3)}, nil)
	return c.In("body", l.Body, ops.Concatenate(3, skip, x))
}

func newUNet(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	width, levels, padded := s.Int("width"), s.Int("levels"), s.Bool("padded")
	if err := cmp.Or(
		between("width", width, 1, 1024), between("levels", levels, 1, 8), between("dropout", s.Float("dropout"), 0, 0.95),
	); err != nil {
		return nil, err
	}
	lowest := float64(width << levels)
	if err := cmp.Or(modest(30*lowest*lowest), unetSides(in.Shape, levels, padded)); err != nil {
		return nil, err
	}
	n := &UNet{Pool: halve(), Dropout: nn.Dropout{Rate: s.Float("dropout")}}
	channels := in.Shape.Dim(2)
	for i := range levels + 1 {
		n.Down = append(n.Down, newConvPair(r.Split("down").At(uint64(i)), channels, width<<i, padded, s.Bool("norm")))
		channels = width << i
	}
	for i := range levels {
		at, half := r.Split("up").At(uint64(i)), channels/2
		n.Up = append(n.Up, &rise{
			Grow: nn.NewConvTranspose(at.Split("grow"), channels, half, nn.ConvTransposeConfig{ConvConfig: nn.ConvConfig{Size: []int{2, 2}, Stride: []int{2, 2}}}),
			Body: newConvPair(at.Split("body"), channels, half, padded, s.Bool("norm")),
		})
		channels = half
	}
	if out > maxWidth {
		return nil, fmt.Errorf("%d outputs for each place, at most %d", out, maxWidth)
	}
	n.Head = nn.NewConv(r.Split("head"), channels, out, nn.ConvConfig{Size: []int{1, 1}, Init: nn.LeCunNormal})
	return n, nil
}

// unetSides asks that every pooling has even sides, and that something is left.
func unetSides(image tensor.Shape, levels int, padded bool) error {
	for _, side := range image.Dims()[:2] {
		n := side
		for range levels {
			if !padded {
				n -= 4
			}
			if n < 2 || n%2 != 0 {
				return fmt.Errorf("an image side of %d, which %d poolings cannot halve; %s", side, levels, unetHint(padded, levels))
			}
			n /= 2
		}
		if !padded {
			n -= 4
			for range levels {
				n = 2*n - 4
			}
		}
		if n < 1 {
			return fmt.Errorf("an image side of %d, of which nothing is left; %s", side, unetHint(padded, levels))
		}
	}
	return nil
}

// unetHint says which sides are right.
func unetHint(padded bool, levels int) string {
	if padded {
		return fmt.Sprintf("take a multiple of %d", 1<<levels)
	}
	return fmt.Sprintf("take 4 less than a larger multiple of %d", 1<<levels)
}

// unetLevels is how many levels the published networks have below the first.
const unetLevels = 4

// milesialRules is the names of milesial's Pytorch-UNet.
func milesialRules() []Rule {
	pair := func(ours, theirs string) []Rule {
		return append(blockRules(ours+".first", theirs+".0", theirs+".1"), blockRules(ours+".second", theirs+".3", theirs+".4")...)
	}
	rules := append(pair("down.0", "inc.double_conv"), turnedRules("head", "outc.conv")...)
	for i := range unetLevels {
		rules = append(rules, pair(fmt.Sprintf("down.%d", i+1), fmt.Sprintf("down%d.maxpool_conv.1.double_conv", i+1))...)
		rules = append(rules, pair(fmt.Sprintf("up.%d.body", i), fmt.Sprintf("up%d.conv.double_conv", i+1))...)
		rules = append(rules, turnedRules(fmt.Sprintf("up.%d.grow", i), fmt.Sprintf("up%d.up", i+1))...)
	}
	return rules
}

// budaRules is the names of Buda's network for brain scans, in which what comes
// from below stands before what goes beside it.
func budaRules() []Rule {
	pair := func(ours, theirs string) []Rule {
		return append(blockRules(ours+".first", theirs+"conv1", theirs+"norm1"), blockRules(ours+".second", theirs+"conv2", theirs+"norm2")...)
	}
	lowest := fmt.Sprintf("down.%d", unetLevels)
	rules := append(pair(lowest, "bottleneck.bottleneck"), turnedRules("head", "conv")...)
	for i := range unetLevels {
		k := unetLevels - i
		up := fmt.Sprintf("up.%d", i)
		first := Rule{Ours: up + ".body.first.conv.weight", Theirs: fmt.Sprintf("decoder%d.dec%dconv1.weight", k, k), Layout: Layout{Turned: true, Swapped: true}}
		rules = append(rules, first)
		rules = append(rules, pair(up+".body", fmt.Sprintf("decoder%d.dec%d", k, k))...)
		rules = append(rules, turnedRules(up+".grow", fmt.Sprintf("upconv%d", k))...)
		rules = append(rules, pair(fmt.Sprintf("down.%d", i), fmt.Sprintf("encoder%d.enc%d", i+1, i+1))...)
	}
	return rules
}

func init() {
	padded := Settings{"padded": true, "norm": true, "dropout": 0.0}
	buda := Settings{"padded": true, "norm": true, "dropout": 0.0, "width": 32}
	Register(Entry{
		Name: "u-net",
		Doc:  "logits for each place of an image, from all sizes of what is around it",
		Cite: "Ronneberger, Fischer and Brox, 2015",
		Settings: Settings{
			"width":   64,    // channels of the first level
			"levels":  4,     // below the first
			"padded":  false, // sides stay as they are
			"norm":    false, // batch normalisation after each 3x3 convolution
			"dropout": 0.5,   // at the lowest level
		},
		Variants: []Variant{
			{Name: "u-net", In: Image(tensor.Dims(572, 572, 1)), Out: 2},
			{Name: "u-net-padded", Settings: padded, In: Image(tensor.Dims(640, 960, 3)), Out: 2},
			{Name: "u-net-brain", Settings: buda, In: Image(tensor.Dims(256, 256, 3)), Out: 1, Cite: "Buda, Saha and Mazurowski, 2019"},
		},
		Weights: []Mapping{
			{Name: "pytorch-unet", From: "milesial's unet_carvana", Of: []string{"u-net-padded"}, Settings: padded, Rules: milesialRules()},
			{Name: "brain-segmentation-pytorch", From: "Buda's unet for brain scans; a sigmoid of its logits is his output", Of: []string{"u-net-brain"}, Settings: buda, Rules: budaRules()},
		},
		Build: newUNet,
	})
}
