package main

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Inference of the networks: with weights that are fed to the program, and with
// weights that are its constants.
func init() {
	for _, n := range networks {
		for _, batch := range []int{1, 64} {
			for _, known := range []bool{false, true} {
				name := fmt.Sprintf("infer-%s-%d", n.name, batch)
				if !known {
					name += "-fed"
				}
				add(name, func(b *bench) error { return n.infer(b, name, batch, known) })
			}
		}
	}
}

func (n network) infer(b *bench, name string, batch int, known bool) error {
	net, err := n.net(rng.New(0))
	if err != nil {
		return err
	}
	c := nn.NewCtx(net)
	c.Known = known
	dims := n.image.Dims()
	dims[0] = batch
	x := c.Graph.Leaf("image", tensor.F32(dims...))
	y := ops.Softmax(c.In("", net, x), -1)
	in := []*graph.Node{x}
	for _, p := range c.Used() {
		in = append(in, c.Param(p.Param))
	}
	return b.function(name, in, []*graph.Node{y}, 0)
}
