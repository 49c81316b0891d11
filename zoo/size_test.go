package zoo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// TestNetworksAreBounded asks each architecture for the largest sizes that its
// settings take: an error, and at once.
func TestNetworksAreBounded(t *testing.T) {
	image := zoo.Image(tensor.Dims(500, 500, 3))
	row := zoo.In{Type: tensor.F32(10000), Vocab: slices.Repeat([]int{1 << 24}, 64)}
	text := zoo.In{Type: tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(8192)}, Vocab: []int{100}}
	wide := slices.Repeat([]int{8192}, 6)
	for name, c := range map[string]struct {
		in  zoo.In
		set map[string]any
	}{
		"mlp":        {zoo.In{Type: tensor.F32(100)}, map[string]any{"hidden": slices.Repeat([]int{8192}, 64)}},
		"digits-cnn": {image, map[string]any{"widths": wide}},
		"faces-cnn":  {image, map[string]any{"widths": wide}},
		"resnet":     {image, map[string]any{"depth": 1202, "width": 1024}},
		"table-net":  {row, map[string]any{"embed": 1}},
		"text-cnn":   {text, map[string]any{"width": 8192, "channels": 8192, "sizes": []int{8192}}},
		"char-lstm":  {text, map[string]any{"width": 8192, "hidden": 8192, "layers": 100}},
		"gpt":        {text, map[string]any{"width": 8192, "layers": 1000, "heads": 8}},

		"alexnet":      {image, map[string]any{"widths": wide[:5], "hidden": 8192}},
		"bert":         {text, map[string]any{"width": 8192, "layers": 1000, "heads": 8}},
		"lenet-5":      {image, map[string]any{"hidden": "8192,8192"}},
		"llama":        {text, map[string]any{"width": 8192, "layers": 1000, "heads": 8, "kv-heads": 8}},
		"mobilenet-v2": {image, map[string]any{"widths": wide, "expand": "16,16,16,16,16,16", "repeats": "64,64,64,64,64,64", "strides": "1,1,1,1,1,1", "width": 8}},
		"resnet-photo": {image, map[string]any{"depth": 152, "width": 1024}},
		"squeezenet":   {image, map[string]any{"squeeze": 1024}},
		"u-net":        {zoo.Image(tensor.Dims(512, 512, 1)), map[string]any{"width": 1024, "levels": 8, "padded": true}},
		"vgg":          {image, map[string]any{"width": 1024, "hidden": 8192}},
	} {
		out := 10
		if name == "gpt" || name == "llama" {
			out = 100
		}
		if _, err := zoo.New(name, rng.New(0), c.in, out, c.set); err == nil || !strings.Contains(err.Error(), "weights") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
