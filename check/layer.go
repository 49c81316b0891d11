package check

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Layer checks a layer by its example, in training and in inference: the type
// it promises; the same start from the same seed; every parameter in use, every
// buffer updated; results named as the fields are; gradients of the input and
// of every parameter that agree with finite differences; examples of a batch
// that do not touch one another unless the spec says that they mix; and modes
// that differ exactly if the spec says so.
func Layer(s nn.Spec) error {
	if s.Doc == "" {
		return fmt.Errorf("layer %s: no Doc", s.Name)
	}
	l := layerCheck{spec: s, net: s.New(rng.New(1))}
	errs := []error{l.seeded()}
	for _, train := range []bool{false, true} {
		b, err := l.build(train)
		if err == nil {
			err = errors.Join(l.used(b), l.names(b), l.gradients(b), l.separate(b))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("training %v: %w", train, err))
		}
	}
	if errors.Join(errs...) == nil {
		errs = append(errs, l.modes())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("layer %s: %w", s.Name, err)
	}
	return nil
}

type layerCheck struct {
	spec nn.Spec
	net  nn.Layer
}

// layerGraph is the layer's graph in one mode and what to feed it.
type layerGraph struct {
	c     *nn.Ctx
	x, y  *graph.Node
	feeds map[*graph.Node]tensor.Wide // by leaf
}

func (l layerCheck) build(train bool) (layerGraph, error) {
	c := nn.NewCtx(l.net)
	c.Train = train
	b := layerGraph{c: c, x: c.Graph.Leaf("x", l.spec.In), feeds: map[*graph.Node]tensor.Wide{}}
	b.y = l.net.Forward(c, b.x)
	if err := c.Graph.Err(); err != nil {
		return b, err
	}
	if b.y.Type() != l.spec.Out {
		return b, fmt.Errorf("the output is %v, promised %v", b.y.Type(), l.spec.Out)
	}
	b.feeds[b.x] = layerInput(l.spec.In)
	for _, p := range nn.Params(l.net) {
		b.feeds[c.Graph.Leaf(p.Path, p.Value.Type())] = tensor.Widen(p.Value)
	}
	b.feeds[c.Key()] = tensor.Wide{Type: c.Key().Type(), I: []int64{123, 456}}
	return b, c.Graph.Err()
}

// layerInput is numbers of [-1, 1), or whole ones of [0, layerIDs): a layer whose
// input is numbers of rows must have so many.
func layerInput(t tensor.Type) tensor.Wide {
	if t.DType.Float() {
		return uniform(t, -1, 1, rng.New(2).Split("x"))
	}
	return uniform(t, 0, layerIDs, rng.New(2).Split("x"))
}

const layerIDs = 4

func (l layerCheck) seeded() error {
	again := nn.Params(l.spec.New(rng.New(1)))
	for i, p := range nn.Params(l.net) {
		if i >= len(again) || again[i].Path != p.Path || !slices.Equal(again[i].Value.Bytes(), p.Value.Bytes()) {
			return fmt.Errorf("%s: the same seed gives another start", p.Path)
		}
	}
	return nil
}

func (l layerCheck) used(b layerGraph) error {
	used, updated := map[*nn.Param]bool{}, map[*nn.Param]bool{}
	for _, p := range b.c.Used() {
		used[p.Param] = true
	}
	for _, u := range b.c.Updates() {
		updated[u.Param] = true
		if u.Node.Type() != u.Value.Type() {
			return fmt.Errorf("an update is %v, its buffer %v", u.Node.Type(), u.Value.Type())
		}
	}
	for _, p := range nn.Params(l.net) {
		switch {
		case !used[p.Param]:
			return fmt.Errorf("%s: Forward does not use it", p.Path)
		case p.Buffer && b.c.Train && !updated[p.Param]:
			return fmt.Errorf("%s: training does not update it", p.Path)
		case p.Buffer && !b.c.Train && updated[p.Param]:
			return fmt.Errorf("%s: inference updates it", p.Path)
		}
	}
	return nil
}

// names asks that a parameter first used in a part lies below that part's path.
func (l layerCheck) names(b layerGraph) error {
	for _, call := range b.c.Calls() {
		for _, p := range call.Params(b.c) {
			if !strings.HasPrefix(p.Path, call.Path+".") {
				return fmt.Errorf("parameter %s is used in the part named %s", p.Path, call.Path)
			}
		}
	}
	return nil
}

// eval feeds the graph, with the leaves in moved fed otherwise.
func (b layerGraph) eval(moved map[*graph.Node]tensor.Wide, extra map[*graph.Node]tensor.Wide, out ...*graph.Node) ([]tensor.Wide, error) {
	feeds := maps.Clone(b.feeds)
	maps.Copy(feeds, extra)
	maps.Copy(feeds, moved)
	var leaves []*graph.Node
	var values []tensor.Wide
	for n, w := range feeds {
		leaves, values = append(leaves, n), append(values, w)
	}
	f, err := graph.NewFunc("layer", leaves, out)
	if err != nil {
		return nil, err
	}
	return graph.Eval(f, values), nil
}

// gradients compares the gradient of a random weighting of the output, along
// one random direction, with a central difference.
func (l layerCheck) gradients(b layerGraph) error {
	weights := b.c.Graph.Leaf("weights", b.y.Type())
	extra := map[*graph.Node]tensor.Wide{weights: uniform(b.y.Type(), -1, 1, rng.New(2).Split("weights"))}
	for _, leaf := range l.trained(b) {
		if err := l.gradient(b, leaf, weights, extra); err != nil {
			return err
		}
	}
	return nil
}

// trained is the leaves that gradients are taken for.
func (l layerCheck) trained(b layerGraph) []*graph.Node {
	var leaves []*graph.Node
	if l.spec.In.DType.Float() {
		leaves = append(leaves, b.x)
	}
	for _, p := range nn.Params(l.net) {
		if !p.Buffer {
			leaves = append(leaves, b.c.Graph.Leaf(p.Path, p.Value.Type()))
		}
	}
	return leaves
}

func (l layerCheck) gradient(b layerGraph, leaf, weights *graph.Node, extra map[*graph.Node]tensor.Wide) error {
	const h = 1e-5
	label := leaf.Op().(graph.Leaf).Label
	grad := graph.Backward{Of: []*graph.Node{b.y}, Seeds: []*graph.Node{weights}}.Grad(leaf)
	if err := b.c.Graph.Err(); err != nil {
		return err
	}
	direction := uniform(leaf.Type(), -1, 1, rng.New(3).Split(label))
	loss := func(step float64) (float64, error) {
		moved := tensor.NewWide(leaf.Type())
		for i, v := range b.feeds[leaf].F {
			moved.F[i] = v + step*direction.F[i]
		}
		y, err := b.eval(map[*graph.Node]tensor.Wide{leaf: moved}, extra, b.y)
		if err != nil {
			return 0, err
		}
		return layerDot(y[0].F, extra[weights].F), nil
	}
	low, err1 := loss(-h)
	high, err2 := loss(h)
	g, err3 := b.eval(nil, extra, grad[0])
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	want, got := (high-low)/(2*h), layerDot(g[0].F, direction.F)
	if !near(got, want, 1e-6) {
		return fmt.Errorf("the gradient of %s gives %.9g along a direction, a finite difference %.9g", label, got, want)
	}
	return nil
}

func layerDot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// separate changes the first example and asks that the others stay as they were.
func (l layerCheck) separate(b layerGraph) error {
	if l.spec.Mixes && b.c.Train {
		return nil
	}
	moved := tensor.Wide{Type: l.spec.In, F: slices.Clone(b.feeds[b.x].F), I: slices.Clone(b.feeds[b.x].I)}
	for i := range l.spec.In.Shape.Size() / l.spec.In.Shape.Dim(0) {
		if moved.F != nil {
			moved.F[i] += 10
		} else {
			moved.I[i] = (moved.I[i] + 1) % layerIDs
		}
	}
	before, err1 := b.eval(nil, nil, b.y)
	after, err2 := b.eval(map[*graph.Node]tensor.Wide{b.x: moved}, nil, b.y)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	size := l.spec.Out.Shape.Size() / l.spec.Out.Shape.Dim(0)
	for i := size; i < len(before[0].F); i++ {
		if before[0].F[i] != after[0].F[i] {
			return fmt.Errorf("changing example 0 changes example %d", i/size)
		}
	}
	return nil
}

// modes compares what training and inference compute.
func (l layerCheck) modes() error {
	var y [2]tensor.Wide
	for i, train := range []bool{false, true} {
		b, err := l.build(train)
		if err != nil {
			return err
		}
		out, err := b.eval(nil, nil, b.y)
		if err != nil {
			return err
		}
		y[i] = out[0]
	}
	if differ := !slices.Equal(y[0].F, y[1].F); differ != l.spec.Modes {
		return fmt.Errorf("training and inference differ: %v, the spec says %v", differ, l.spec.Modes)
	}
	return nil
}
