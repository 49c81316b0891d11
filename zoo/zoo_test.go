package zoo_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// small is settings with which an architecture can be held to the layer kit,
// and the input it then takes.
var small = map[string]struct {
	in  tensor.Shape
	set map[string]any
}{
	"digits-cnn": {tensor.Dims(7, 6, 1), map[string]any{"widths": []int{3}, "hidden": 5}},
	"faces-cnn":  {tensor.Dims(5, 4, 1), map[string]any{"widths": []int{2, 3}}},
	"mlp":        {tensor.Dims(2, 3, 1), map[string]any{"hidden": []int{5, 4}, "dropout": 0.2, "activation": "gelu"}},
	"resnet":     {tensor.Dims(6, 5, 3), map[string]any{"depth": 8, "width": 2, "shortcut": "project"}},

	"alexnet":      {tensor.Dims(67, 67, 1), map[string]any{"widths": []int{2, 2, 4, 2, 2}, "hidden": 3, "groups": 2, "pad": 0, "norm.alpha": 0.3}},
	"lenet-5":      {tensor.Dims(16, 17, 1), map[string]any{"hidden": []int{5, 4}, "table": true, "pool": "weighted", "activation": "squash"}},
	"mobilenet-v2": {tensor.Dims(7, 6, 2), map[string]any{"width": 0.2, "expand": "1,2", "widths": "8,8", "repeats": "1,2", "strides": "1,2"}},
	"resnet-photo": {tensor.Dims(33, 36, 1), map[string]any{"depth": 14, "width": 2}},
	"squeezenet":   {tensor.Dims(14, 13, 2), map[string]any{"squeeze": 1}},
	"u-net":        {tensor.Dims(4, 6, 2), map[string]any{"width": 2, "levels": 1, "padded": true, "norm": true}},
	"vgg":          {tensor.Dims(32, 33, 1), map[string]any{"depth": 11, "width": 2, "hidden": 4}},
}

// smallOut is what the small example of that name gives for 3 outputs and a batch.
func smallOut(name string, batch int) tensor.Type {
	if name == "u-net" {
		return tensor.F32(batch, small[name].in.Dim(0), small[name].in.Dim(1), 3)
	}
	return tensor.F32(batch, 3)
}

// imageNets lists the architectures that are programs and take images; others
// have tests of their own.
func imageNets() []string {
	return slices.DeleteFunc(zoo.Names(), func(name string) bool {
		e, err := zoo.Lookup(name)
		return err != nil || e.FromFile != nil || e.Takes != nil && !slices.Contains(e.Takes, 3)
	})
}

// TestNetworksAreLayers holds every architecture to the kit of layers.
func TestNetworksAreLayers(t *testing.T) {
	check.Each(t, imageNets(), zoo.Lookup, func(e zoo.Entry) error {
		s, ok := small[e.Name]
		if !ok || e.Doc == "" || e.Cite == "" {
			return fmt.Errorf("%s has no small example, no Doc or no Cite", e.Name)
		}
		if _, err := zoo.New(e.Name, rng.New(1), zoo.Image(s.in), 3, s.set); err != nil {
			return err
		}
		return check.Layer(nn.Spec{
			Name: e.Name, Doc: e.Doc, Mixes: e.Name != "mlp", Modes: e.Name != "lenet-5",
			In: tensor.F32(append([]int{3}, s.in.Dims()...)...), Out: smallOut(e.Name, 3),
			New: func(r rng.Stream) nn.Layer {
				net, err := zoo.New(e.Name, r, zoo.Image(s.in), 3, s.set)
				if err != nil {
					panic(err)
				}
				wake(net, r)
				return net
			},
		})
	})
}

// wake gives biases values above 0: few channels and biases of 0 would put whole
// layers where ReLU has no derivative.
func wake(net nn.Layer, r rng.Stream) {
	for _, p := range nn.Params(net) {
		if strings.HasSuffix(p.Path, "bias") {
			r.Split(p.Path).Uniform(p.Value.Floats(), 0.2, 0.8)
		}
	}
}

// TestParameterCounts compares with the numbers of He et al., table 6 (0.27M to
// 1.7M), worked out by hand. For ResNet-20: 432 + 6·2304 + 4608 + 5·9216 +
// 18432 + 5·36864 weights of filters, 2·(16 + 6·(16+32+64)) scales and biases
// of norms, 64·10 + 10 of the last layer; a projection adds 16·32 + 32·64
// weights and 2·(32+64) of norms.
func TestParameterCounts(t *testing.T) {
	for _, c := range []struct {
		arch string
		in   tensor.Shape
		k    int
		set  map[string]any
		want int
	}{
		{"resnet", tensor.Dims(32, 32, 3), 10, nil, 269_722},
		{"resnet", tensor.Dims(32, 32, 3), 10, map[string]any{"shortcut": "project"}, 272_474},
		{"resnet", tensor.Dims(32, 32, 3), 10, map[string]any{"depth": 32}, 464_154},
		{"resnet", tensor.Dims(32, 32, 3), 10, map[string]any{"depth": 110}, 1_727_962},
		{"digits-cnn", tensor.Dims(28, 28, 1), 10, nil, 288 + 9216 + 18432 + 36864 + 2*(64+128) + 1024*128 + 256 + 1290},
		{"faces-cnn", tensor.Dims(25, 25, 1), 2, nil, 400 + 4608 + 18432 + 2*112 + 64*2 + 2},
		{"mlp", tensor.Dims(28, 28, 1), 10, nil, 784*256 + 256 + 256*128 + 128 + 1290},
	} {
		net, err := zoo.New(c.arch, rng.New(1), zoo.Image(c.in), c.k, c.set)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := nn.Summary(net, tensor.F32(append([]int{1}, c.in.Dims()...)...))
		if err != nil {
			t.Fatal(err)
		}
		whole := rows[len(rows)-1]
		if whole.Params != c.want || whole.Out != tensor.F32(1, c.k) {
			t.Errorf("%s %v: %d parameters, want %d; output %v", c.arch, c.set, whole.Params, c.want, whole.Out)
		}
		t.Logf("%s %v: %d parameters, %.2f MFLOP per image", c.arch, c.set, whole.Params, float64(whole.FLOPs)/1e6)
	}
}

// TestParameterNames holds the names that checkpoints depend on.
func TestParameterNames(t *testing.T) {
	for _, name := range imageNets() {
		for _, set := range []map[string]any{nil, {"shortcut": "project"}} {
			side := map[string]int{"alexnet": 64, "u-net": 188}[name]
			if side == 0 {
				side = 32
			}
			net, err := zoo.New(name, rng.None(), zoo.Image(tensor.Dims(side, side, 3)), 10, set)
			if set != nil && name != "resnet" {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, p := range nn.Params(net) {
				fmt.Fprintf(&b, "%s %v\n", p.Path, p.Value.Type())
			}
			file := filepath.Join("testdata", name+".params")
			if set != nil {
				file = filepath.Join("testdata", name+"-project.params")
			}
			golden(t, file, b.String())
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); got:\n%s", file, err, got)
	}
}

// TestSizesAdapt builds for sides around the powers of two.
func TestSizesAdapt(t *testing.T) {
	for side := 1; side <= 40; side += 3 {
		for _, name := range []string{"faces-cnn", "resnet", "mlp", "digits-cnn"} {
			net, err := zoo.New(name, rng.New(1), zoo.Image(tensor.Dims(side, side+1, 1)), 2, nil)
			if name == "digits-cnn" && side < 16 {
				if err == nil || !strings.Contains(err.Error(), "nothing left") {
					t.Errorf("%s for side %d: %v", name, side, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(name, side, err)
			}
			if _, err := nn.Summary(net, tensor.F32(2, side, side+1, 1)); err != nil {
				t.Errorf("%s for side %d: %v", name, side, err)
			}
		}
	}
}

// TestZeroInit: each block of a network with zero-init begins as its shortcut.
func TestZeroInit(t *testing.T) {
	net, err := zoo.New("resnet", rng.New(1), zoo.Image(tensor.Dims(8, 8, 3)), 10, map[string]any{"zero-init": true})
	if err != nil {
		t.Fatal(err)
	}
	zeros := 0
	for _, p := range nn.Params(net) {
		if strings.HasSuffix(p.Path, "second.norm.scale") && p.Value.Floats()[0] == 0 {
			zeros++
		}
	}
	if zeros != 9 {
		t.Errorf("%d of 9 blocks begin with zero", zeros)
	}
}

func ExampleNew() {
	net, err := zoo.New("resnet", rng.New(1), zoo.Image(tensor.Dims(32, 32, 3)), 10, map[string]any{"depth": 32})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(nn.Params(net)), "parameters and buffers")
	_, err = zoo.New("resnet", rng.New(1), zoo.Image(tensor.Dims(32, 32, 3)), 10, map[string]any{"depth": 21})
	fmt.Println(err)
	// Output:
	// 157 parameters and buffers
	// architecture resnet: setting depth is 21, want 6n+2 from 8 to 1202
}
