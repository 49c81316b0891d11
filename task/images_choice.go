package task

import (
	"fmt"
	"math"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/ihae/ihae/data"
)

// imageChoice is how a set of images is learned, and why.
type imageChoice struct {
	arch   string
	input  data.Input
	recipe Recipe
	why    []string
}

func (c imageChoice) parts() (data.Input, Recipe, string) { return c.input, c.recipe, c.arch }

// The rules' numbers. A pass over an image of 32 x 32 by the residual network of
// 20 layers costs about 3 ms of one core, forward and backward, and more by the
// number of its samples.
const (
	imageVisits  = 125_000 // of images of 32 x 32 in a training: about 3 minutes on two cores
	imageSmall   = 40      // sides up to this are kept as they are
	imageMany    = 500     // from this many on the residual network learns better than a small one
	imageEnough  = 30      // epochs that a larger size must leave room for
	leastEpochs  = 8
	mostEpochs   = 120
	unbalancedAt = 2.0 // the largest class over the smallest
)

// choose follows the rules, which are in docs/own-images.md in words.
func (f imageFacts) choose() imageChoice {
	c := imageChoice{arch: "resnet"}
	c.size(f)
	c.train(f)
	c.augment(f)
	return c
}

// visits is how many images of that size a training has time for.
func visits(w, h int) float64 { return imageVisits * 32 * 32 / float64(w*h) }

// size chooses the input.
func (c *imageChoice) size(f imageFacts) {
	c.input = data.Input{Name: "image", Kind: data.KindImage, Width: f.width, Height: f.height, Channels: 3}
	if f.grey {
		c.input.Channels = 1
	}
	if f.width <= imageSmall && f.height <= imageSmall {
		c.input.Width, c.input.Height = max(f.width, 8), max(f.height, 8)
		c.say("size %d x %d: small images keep their size", c.input.Width, c.input.Height)
		return
	}
	short := min(f.width, f.height)
	side := 32
	for _, s := range []int{64, 48} {
		if s <= short && visits(s, s)/float64(f.train) >= imageEnough {
			side = s
			break
		}
	}
	c.input.Width, c.input.Height, c.input.Crop = side, side, 1
	if float64(max(f.width, f.height)) > 2*float64(short) {
		c.input.Crop = 0
		c.say("size %d x %d, stretched: the images are more than twice as long as wide", side, side)
		return
	}
	c.say("size %d x %d, cut from the middle: the largest that %d images leave time for", side, side, f.train)
}

// train chooses network and recipe.
func (c *imageChoice) train(f imageFacts) {
	epochs := int(math.Round(visits(c.input.Width, c.input.Height) / float64(f.train)))
	epochs = max(leastEpochs, min(mostEpochs, epochs))
	batch := 64
	for batch > 16 && f.train < 16*batch {
		batch /= 2
	}
	c.recipe = Recipe{
		Epochs: epochs, Batch: batch, LR: 0.1, Optimizer: "sgd", Momentum: 0.9, Decay: 5e-4,
		Schedule: "one-cycle", Smoothing: 0.1,
		Valid: 0.1, Test: 0.2, ValidFrom: 10_000, EdgeFill: true,
	}
	if f.train < imageMany {
		c.arch = "faces-cnn"
		c.recipe.LR, c.recipe.Optimizer, c.recipe.Momentum, c.recipe.Decay = 0.005, "adamw", 0, 0.01
	}
	c.say("network %s for %d images, %d epochs of batches of %d", c.arch, f.train, epochs, batch)
	if float64(f.most) >= unbalancedAt*float64(max(f.least, 1)) {
		c.recipe.Balance = "weights"
		c.say("every class counts alike in the loss, since some have more images (balance=weights)")
	}
}

// augment chooses how images may look otherwise.
func (c *imageChoice) augment(f imageFacts) {
	side := min(c.input.Width, c.input.Height)
	if f.grey {
		c.recipe.Rotate, c.recipe.Shift, c.recipe.Scale, c.recipe.Shear = 10, float64(side)/16, 0.1, 5
		c.say("grey images are turned, moved and scaled a little, and not mirrored")
		return
	}
	c.recipe.Crop, c.recipe.Cutout = side/8, side/4
	if name, ok := sided(f.classes); ok {
		c.say("colour images are moved and partly hidden, but not mirrored, for the sake of class %q", name)
		return
	}
	c.recipe.Flip = true
	c.say("colour images are mirrored, moved and partly hidden")
}

func (c *imageChoice) say(text string, args ...any) {
	c.why = append(c.why, fmt.Sprintf(text, args...))
}

// sideWord is a word that mirroring would make wrong.
var sideWord = regexp.MustCompile(`(?i)(^|[^a-z])(left|right|clockwise|counterclockwise|digit|letter|character|char|number)s?([^a-z]|$)|왼|오른|좌|우회|글자|숫자`)

// sided is a class whose images cannot be mirrored: all classes are single
// letters or numbers, or one names a side.
func sided(classes []string) (string, bool) {
	signs := len(classes) > 0
	for _, name := range classes {
		if sideWord.MatchString(name) {
			return name, true
		}
		signs = signs && sign(name)
	}
	if signs {
		return classes[0], true
	}
	return "", false
}

// sign says whether a name is one letter or a number.
func sign(name string) bool {
	if utf8.RuneCountInString(name) == 1 {
		return true
	}
	for _, r := range name {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return name != ""
}
