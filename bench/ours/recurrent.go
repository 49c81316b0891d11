package main

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// The recurrent layers that are timed: 32 sequences of 64 steps, 128 features in
// and 256 out, forwards, and with the gradient of all weights and of the input.
const (
	recurrentN, recurrentL = 32, 64
	recurrentC, recurrentH = 128, 256
)

type recurrentNet func(r rng.Stream, in, hidden int, o nn.RecurrentOptions) *nn.Recurrent

func init() {
	for name, net := range map[string]recurrentNet{"lstm": nn.NewLSTM, "gru": nn.NewGRU} {
		add(name+"-forward", func(b *bench) error { return b.recurrent(name+"-forward", net, false) })
		add(name+"-train", func(b *bench) error { return b.recurrent(name+"-train", net, true) })
	}
}

func (b *bench) recurrent(name string, net recurrentNet, train bool) error {
	in, out := recurrentGraph(net, train)
	return b.function(name, in, out, 0)
}

// recurrentGraph is a layer's inputs, and its results or its gradients.
func recurrentGraph(net recurrentNet, train bool) (in, out []*graph.Node) {
	layer := net(rng.New(1), recurrentC, recurrentH, nn.RecurrentOptions{})
	c := nn.NewCtx(layer)
	c.Train = train
	x := c.Graph.Leaf("x", tensor.F32(recurrentN, recurrentL, recurrentC))
	y := layer.Forward(c, x)
	in = []*graph.Node{x}
	for _, p := range c.Used() {
		in = append(in, c.Param(p.Param))
	}
	if !train {
		return in, []*graph.Node{y}
	}
	seed := c.Graph.Leaf("seed", y.Type())
	grads := graph.Backward{Of: []*graph.Node{y}, Seeds: []*graph.Node{seed}}.Grad(in...)
	return append(in, seed), append([]*graph.Node{y}, grads...)
}
