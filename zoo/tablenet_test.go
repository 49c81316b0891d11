package zoo_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// rows is rows of 5 places, of which the last ones hold numbers of categories.
func rows(vocab ...int) zoo.In { return zoo.In{Type: tensor.F32(5), Vocab: vocab} }

// TestTableNet holds the network to the kit of layers, with categories and
// without. The parts that start as zero are drawn, so that gradients flow.
func TestTableNet(t *testing.T) {
	for name, c := range map[string]struct {
		in     zoo.In
		blocks int
	}{"numbers": {rows(), 2}, "categories": {rows(3, 40), 1}, "linear": {rows(), 0}} {
		t.Run(name, func(t *testing.T) {
			err := check.Layer(nn.Spec{
				Name: "table-net", Doc: "rows", Modes: c.blocks > 0,
				In: tensor.F32(3, 5), Out: tensor.F32(3, 2),
				New: func(r rng.Stream) nn.Layer {
					net, err := zoo.New("table-net", r, c.in, 2, map[string]any{"width": 4, "blocks": c.blocks, "dropout": 0.3})
					if err != nil {
						panic(err)
					}
					for i, p := range nn.Params(net) {
						u := r.At(uint64(i)).Rand()
						for k, v := range p.Value.Floats() {
							if v == 0 {
								p.Value.Floats()[k] = float32(u.NormFloat64()) / 2
							}
						}
					}
					return net
				},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTableNetStartsLinear: before training the answer is the bias, whatever
// the row.
func TestTableNetStartsLinear(t *testing.T) {
	net, err := zoo.New("table-net", rng.New(1), rows(30), 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := net.(*zoo.TableNet)
	for _, v := range append(n.Wide.Weight.Value.Floats(), n.Head.Weight.Value.Floats()...) {
		if v != 0 {
			t.Fatal("a map to the output does not start as zero")
		}
	}
	for _, v := range n.Embed[0].Weight.Value.Floats()[:2] {
		if v != 0 {
			t.Fatal("other values do not start as zero")
		}
	}
}

// TestTableNetRefuses sizes that a damaged model.toml may have.
func TestTableNetRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in  zoo.In
		set map[string]any
	}{
		"width 0":          {rows(), map[string]any{"width": 0}},
		"huge width":       {rows(), map[string]any{"width": 1 << 30}},
		"blocks":           {rows(), map[string]any{"blocks": -1}},
		"dropout":          {rows(), map[string]any{"dropout": 1.0}},
		"vocabulary of 0":  {rows(0), nil},
		"huge vocabulary":  {rows(1 << 30), nil},
		"more ids than 5":  {rows(2, 2, 2, 2, 2, 2), nil},
		"an image":         {zoo.Image(tensor.Dims(4, 4, 1)), nil},
		"a row of nothing": {zoo.In{Type: tensor.F32(0)}, nil},
	} {
		if _, err := zoo.New("table-net", rng.New(1), c.in, 2, c.set); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTheFirstMistakeIsTold: of several settings out of bounds it is the same one
// each time.
func TestTheFirstMistakeIsTold(t *testing.T) {
	for range 20 {
		_, err := zoo.New("table-net", rng.New(1), zoo.In{Type: tensor.F32(3)}, 2, map[string]any{"width": 0, "blocks": -1, "embed": 0})
		if err == nil || !strings.Contains(err.Error(), "setting width is 0") {
			t.Fatalf("error %v", err)
		}
	}
}
