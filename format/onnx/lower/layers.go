package lower

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Layer is one node of the model's own graph and what it became.
type Layer struct {
	Node  *onnx.Node
	Insts []*graph.Inst // what it added to the graph and the outputs need
	Out   []tensor.Type // of its results; zero where they are no tensors
	// Weights is how many elements the initialisers have that it is the first to
	// use.
	Weights int64
	FLOPs   int64 // a multiply-add is two
	MACs    int64
	first   int
	last    int
}

// layer records what n became: the instructions from first on.
func (l *lowering) layer(f *frame, n *onnx.Node, first int) {
	if l.rec != nil || f.caller != nil {
		return
	}
	x := Layer{Node: n, first: first, last: len(l.root.Insts())}
	for _, name := range n.Out {
		t := tensor.Type{}
		if v := f.env[name]; v != nil && v.kind == KindTensor {
			t = v.typ
		}
		x.Out = append(x.Out, t)
	}
	l.layers = append(l.layers, x)
}

// settleLayers is the recorded layers with what they cost; those that the
// outputs do not need are left out.
func (l *lowering) settleLayers(outputs []*graph.Node) []Layer {
	needed := graph.Reachable(outputs)
	seen := map[string]bool{}
	var kept []Layer
	for _, x := range l.layers {
		at, _ := slices.BinarySearchFunc(needed, x.first, func(n *graph.Inst, id int) int { return n.ID() - id })
		for ; at < len(needed) && needed[at].ID() < x.last; at++ {
			if inst := needed[at]; computes(inst) {
				x.Insts = append(x.Insts, inst)
				x.FLOPs += graph.FLOPs(inst)
				x.MACs += graph.MACs(inst)
			}
		}
		for _, name := range x.Node.In {
			t := l.model.Graph.Init(name)
			if t == nil || seen[name] {
				continue
			}
			seen[name] = true
			n, _ := t.Size()
			x.Weights += n
		}
		if len(x.Insts) > 0 || x.Weights > 0 {
			kept = append(kept, x)
		}
	}
	return kept
}

// computes says whether an instruction does work, unlike leaves and constants.
func computes(n *graph.Inst) bool {
	switch n.Op().(type) {
	case graph.Leaf, *graph.Const, graph.Fill:
		return false
	}
	return true
}
