package check_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// How far a result or a gradient may be from PyTorch's, as a share of the largest.
const (
	goldenDefined  = 1e-10 // of our definitions, in float64, from PyTorch in float64
	goldenCompiled = 1e-5  // of our programs, in float32
)

// golden is one case of testdata/golden.safetensors, which golden.py writes.
type golden struct {
	In    []string       `json:"in"`   // names of operands
	Out   int            `json:"out"`  // how many results
	Grad  []string       `json:"grad"` // the operands with gradients
	Attrs map[string]any `json:"attrs"`

	g      *graph.Graph
	leaves []*graph.Node
	named  map[string]tensor.Tensor
}

// in is operand i.
func (c *golden) in(i int) *graph.Node { return c.leaves[i] }

// optional is operand i, or nil.
func (c *golden) optional(i int) *graph.Node {
	if i < len(c.leaves) {
		return c.leaves[i]
	}
	return nil
}

func (c *golden) number(name string) float64 { return c.Attrs[name].(float64) }
func (c *golden) int(name string) int        { return int(c.number(name)) }
func (c *golden) flag(name string) bool      { return c.Attrs[name].(bool) }
func (c *golden) ints(name string) []int     { return whole(c.Attrs[name]) }

func whole(list any) []int {
	out := []int{}
	for _, v := range list.([]any) {
		out = append(out, int(v.(float64)))
	}
	return out
}

// layer applies l to operand "x"; the other operands are l's parameters, by their
// paths. The next values of buffers are results too.
func (c *golden) layer(l nn.Layer, train bool) []*graph.Node {
	x := nn.NewCtx(l)
	x.Graph, x.Train = c.g, train
	out := []*graph.Node{l.Forward(x, c.in(0))}
	for _, u := range x.Updates() {
		out = append(out, u.Node)
	}
	return out
}

// TestGolden holds operations and layers to PyTorch: results and gradients of
// the definitions in float64 and of compiled programs in float32.
func TestGolden(t *testing.T) {
	named, meta, err := safetensors.Open("testdata/golden.safetensors", safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]tensor.Tensor{}
	for _, n := range named {
		i := strings.LastIndex(n.Name, "/")
		if all[n.Name[:i]] == nil {
			all[n.Name[:i]] = map[string]tensor.Tensor{}
		}
		all[n.Name[:i]][n.Name[i+1:]] = n.Tensor
	}
	if len(all) < 300 {
		t.Errorf("%d cases", len(all))
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	for name, tensors := range all {
		t.Run(name, func(t *testing.T) {
			c := &golden{named: tensors}
			if err := json.Unmarshal([]byte(meta[name]), c); err != nil {
				t.Fatal(err)
			}
			build := goldenOps[name[:strings.LastIndex(name, "/")]]
			if build == nil {
				t.Fatal("no line in goldenOps")
			}
			if err := c.check(t, build, pool); err != nil {
				t.Error(err)
			}
		})
	}
}

func (c *golden) check(t *testing.T, build func(*golden) []*graph.Node, pool *exec.Pool) error {
	c.g = graph.New()
	for _, name := range c.In {
		c.leaves = append(c.leaves, c.g.Leaf(name, c.named[name].Type()))
	}
	out := build(c)
	labels, weighted := c.results(), graph.Backward{}
	for i := range c.Out {
		w, ok := c.named[fmt.Sprint("weight", i)]
		if ok {
			weighted.Of = append(weighted.Of, out[i])
			weighted.Seeds = append(weighted.Seeds, c.g.Constant(w))
		}
	}
	var wrt []*graph.Node
	for i, name := range c.In {
		if slices.Contains(c.Grad, name) {
			wrt = append(wrt, c.leaves[i])
		}
	}
	if len(wrt) > 0 {
		out = append(out[:c.Out:c.Out], weighted.Grad(wrt...)...)
	}
	f, err := graph.NewFunc("golden", c.leaves, out)
	if err != nil {
		return err
	}
	return c.compare(t, f, labels, pool)
}

// results names what is compared: results, then gradients in order of operands.
func (c *golden) results() []string {
	var labels []string
	for i := range c.Out {
		labels = append(labels, fmt.Sprint("out", i))
	}
	for _, name := range c.In {
		if slices.Contains(c.Grad, name) {
			labels = append(labels, "grad "+name)
		}
	}
	return labels
}

func (c *golden) compare(t *testing.T, f *graph.Func, labels []string, pool *exec.Pool) error {
	var in []tensor.Tensor
	var wide []tensor.Wide
	for _, name := range c.In {
		in, wide = append(in, c.named[name]), append(wide, tensor.Widen(c.named[name]))
	}
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		return err
	}
	ran, err := fn.Call(t.Context(), in...)
	if err != nil {
		return err
	}
	for i, defined := range graph.Eval(f, wide) {
		want := tensor.Widen(c.named[labels[i]])
		if err := goldenNear(defined, want, goldenDefined); err != nil {
			return fmt.Errorf("%s of the definition: %w", labels[i], err)
		}
		if err := goldenNear(tensor.Widen(ran[i]), want, goldenCompiled); err != nil {
			return fmt.Errorf("%s of the program: %w", labels[i], err)
		}
	}
	return nil
}

// goldenNear asks for equal shapes and integers, and for floats that differ by at
// most tol of the largest.
func goldenNear(got, want tensor.Wide, tol float64) error {
	if got.Type.Shape != want.Type.Shape {
		return fmt.Errorf("shape %v, want %v", got.Type.Shape, want.Type.Shape)
	}
	largest := 0.0
	for _, v := range want.F {
		largest = max(largest, math.Abs(v))
	}
	for i, w := range want.F {
		if d := math.Abs(got.F[i] - w); !(d <= tol*largest) {
			return fmt.Errorf("element %d is %v, want %v", i, got.F[i], w)
		}
	}
	for i, w := range want.I {
		if got.I[i] != w {
			return fmt.Errorf("element %d is %v, want %v", i, got.I[i], w)
		}
	}
	return nil
}
