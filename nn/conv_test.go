package nn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// goldenConv is one case of testdata/convs.json, which testdata/convs.py wrote.
type goldenConv struct {
	Kind                        string
	Size, Stride, Pad, Dilation []int
	Groups                      int
	Extra                       []int
	Include                     bool
	Dims                        [][]int // of x and the parameters
	In, Grads                   [][]float64
	Y                           []int // the result's sizes
	Out, Seed                   []float64
}

// layer is the case's, with parameters of the right shapes.
func (c goldenConv) layer() nn.Layer {
	conv := nn.ConvConfig{Size: c.Size, Stride: c.Stride, Dilation: c.Dilation, Groups: c.Groups, Padding: nn.Pad(c.Pad...)}
	pool := nn.PoolConfig{Size: c.Size, Stride: c.Stride, Dilation: c.Dilation, Padding: nn.Pad(c.Pad...), IncludePad: c.Include}
	in, out := c.Dims[0][len(c.Dims[0])-1], c.Y[len(c.Y)-1]
	switch c.Kind {
	case "conv":
		return nn.NewConv(rng.New(1), in, out, conv)
	case "conv-transpose":
		return nn.NewConvTranspose(rng.New(1), in, out, nn.ConvTransposeConfig{ConvConfig: conv, Extra: c.Extra})
	case "max-pool":
		return nn.MaxPool{PoolConfig: pool}
	case "avg-pool":
		return nn.AvgPool{PoolConfig: pool}
	}
	return nil
}

// TestPyTorchConvolutions compares results and gradients of convolutions,
// transposed ones and pools over one to three axes with PyTorch's in float64.
func TestPyTorchConvolutions(t *testing.T) {
	text, err := os.ReadFile("testdata/convs.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []goldenConv }
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) < 40 {
		t.Fatalf("%d cases", len(golden.Cases))
	}
	for i, c := range golden.Cases {
		t.Run(fmt.Sprint(i, " ", c.Kind, len(c.Size)), func(t *testing.T) { c.compare(t) })
	}
}

func (c goldenConv) compare(t *testing.T) {
	l := c.layer()
	ctx := nn.NewCtx(l)
	x := ctx.Graph.Leaf("x", tensor.F32(c.Dims[0]...))
	y := ctx.In("", l, x)
	seed := ctx.Graph.Leaf("seed", tensor.F32(c.Y...))
	leaves := []*graph.Node{x}
	for _, p := range ctx.Used() {
		leaves = append(leaves, ctx.Param(p.Param))
	}
	if y.Type() != seed.Type() || len(leaves) != len(c.Dims) {
		t.Fatalf("%v with %d parameters, want %v (%v)", y.Type(), len(leaves)-1, seed.Type(), ctx.Graph.Err())
	}
	out := append([]*graph.Node{y}, graph.Grad(ops.ReduceSum(ops.Mul(y, seed)), leaves...)...)
	f, err := graph.NewFunc("golden", append(leaves, seed), out)
	if err != nil {
		t.Fatal(err)
	}
	var feeds []tensor.Wide
	for i, n := range leaves {
		if n.Type() != tensor.F32(c.Dims[i]...) {
			t.Fatalf("operand %d is %v, want %v", i, n.Type(), c.Dims[i])
		}
		feeds = append(feeds, tensor.Wide{Type: n.Type(), F: c.In[i]})
	}
	got := graph.Eval(f, append(feeds, tensor.Wide{Type: seed.Type(), F: c.Seed}))
	for i, want := range append([][]float64{c.Out}, c.Grads...) {
		size := 0.0
		for _, v := range want {
			size = max(size, math.Abs(v))
		}
		for j, v := range want {
			if !(math.Abs(got[i].F[j]-v) <= 1e-10*size) {
				t.Fatalf("output %d, element %d: %v, want %v", i, j, got[i].F[j], v)
			}
		}
	}
}

// TestConvTransposeRefuses extra places that a stride does not leave open.
func TestConvTransposeRefuses(t *testing.T) {
	l := nn.NewConvTranspose(rng.New(1), 2, 3, nn.ConvTransposeConfig{ConvConfig: nn.ConvConfig{Size: []int{3}}, Extra: []int{1}})
	c := nn.NewCtx(l)
	l.Forward(c, c.Graph.Leaf("x", tensor.F32(1, 4, 2)))
	if c.Graph.Err() == nil {
		t.Error("no error")
	}
}

func ExampleNewConvTranspose() {
	l := nn.NewConvTranspose(rng.New(1), 16, 8, nn.ConvTransposeConfig{
		ConvConfig: nn.ConvConfig{Size: []int{4, 4}, Stride: []int{2, 2}, Padding: nn.Padding{Same: true}},
	})
	c := nn.NewCtx(l)
	fmt.Println(l.Forward(c, c.Graph.Leaf("x", tensor.F32(1, 8, 8, 16))).Shape())
	// Output: [1 16 16 8]
}
