package ops

import (
	"crypto/sha256"
	bytes "encoding/binary"
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Forest is decision trees whose leaves vote for targets. It must not change once
// it is used.
type Forest struct {
	Nodes   []TreeNode
	Roots   []int32 // where each tree begins
	Votes   []Vote  // of the leaves
	Members []float64
	Targets int
	How     Tally
}

// TreeNode is a question about a feature, or a leaf.
type TreeNode struct {
	Ask      Question
	Feature  int32
	Value    float64 // that the feature is compared with
	NaN      bool    // the answer where the feature is NaN
	Yes, No  int32   // the nodes that the answers lead to
	From, To int32   // of a leaf its votes, of AskMember the members
}

// Vote is a weight that a leaf gives to a target.
type Vote struct {
	Target int32
	Weight float64
}

// Question is what a node of a tree asks about a feature.
type Question uint8

// The questions; a leaf asks none.
const (
	AskLe Question = iota
	AskLt
	AskGe
	AskGt
	AskEq
	AskNe
	AskMember // whether the feature is one of some numbers
	Leaf
)

// Tally is how the votes for a target become one number.
type Tally uint8

// The tallies: the sum, the sum divided by the number of trees, the least, the
// largest. A target without votes has 0.
const (
	TallySum Tally = iota
	TallyMean
	TallyMin
	TallyMax
)

// Trees is the tally of a forest for each row of features x [N F]: [N targets],
// of element type d. It is constant in pieces, so that it has no gradient.
func Trees(x *graph.Node, f *Forest, d tensor.DType) *graph.Node {
	h := sha256.New()
	for _, part := range []any{f.Nodes, f.Roots, f.Votes, f.Members, int64(f.Targets), f.How} {
		_ = bytes.Write(h, bytes.LittleEndian, part) // a hash takes everything
	}
	return graph.Apply1(trees{f, d, string(h.Sum(nil))}, x)
}

type trees struct {
	*Forest
	Of  tensor.DType
	sum string // of the forest
}

func (trees) Name() string { return "trees" }

// Key implements graph.Keyed.
func (op trees) Key() string { return op.sum + op.Of.Name() }

func (op trees) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, floats); err != nil {
		return nil, err
	}
	if in[0].Shape.Rank() != 2 || !op.Of.Float() {
		return nil, fmt.Errorf("want features [N F], and a floating-point type for the result")
	}
	if err := op.check(in[0].Shape.Dim(1)); err != nil {
		return nil, err
	}
	return []tensor.Type{{DType: op.Of, Shape: tensor.Dims(in[0].Shape.Dim(0), op.Targets)}}, nil
}

// check asks that trees end, on n features, and that votes are for targets.
func (f *Forest) check(n int) error {
	if f.Targets < 0 || f.How > TallyMax || len(f.Roots) == 0 {
		return fmt.Errorf("%d trees, %d targets, tally %d", len(f.Roots), f.Targets, f.How)
	}
	for i, v := range f.Votes {
		if v.Target < 0 || int(v.Target) >= f.Targets {
			return fmt.Errorf("vote %d is for target %d of %d", i, v.Target, f.Targets)
		}
	}
	for i, t := range f.Nodes {
		if err := f.checkNode(t, n); err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
	}
	return f.checkPaths()
}

func (f *Forest) checkNode(t TreeNode, features int) error {
	limit := 0
	switch t.Ask {
	case Leaf:
		limit = len(f.Votes)
	case AskMember:
		limit = len(f.Members)
	}
	switch {
	case t.Ask > Leaf:
		return fmt.Errorf("no such question")
	case t.From < 0 || t.From > t.To || int(t.To) > limit:
		return fmt.Errorf("votes or members %d to %d of %d", t.From, t.To, limit)
	case t.Ask != Leaf && (t.Feature < 0 || int(t.Feature) >= features):
		return fmt.Errorf("feature %d of %d", t.Feature, features)
	}
	return nil
}

// checkPaths walks down from the roots: no path leads out of the nodes or comes
// to a node twice.
func (f *Forest) checkPaths() error {
	const onPath, done = 1, 2
	state := make([]uint8, len(f.Nodes))
	var path []int32
	for _, root := range f.Roots {
		path = append(path[:0], root)
		for len(path) > 0 {
			at := path[len(path)-1]
			if at < 0 || int(at) >= len(f.Nodes) {
				return fmt.Errorf("a path leads to node %d of %d", at, len(f.Nodes))
			}
			t := f.Nodes[at]
			if state[at] != 0 || t.Ask == Leaf {
				path, state[at] = path[:len(path)-1], done
				continue
			}
			state[at] = onPath
			for _, to := range []int32{t.Yes, t.No} {
				switch {
				case to >= 0 && int(to) < len(f.Nodes) && state[to] == onPath:
					return fmt.Errorf("a path comes to node %d twice", to)
				case to < 0 || int(to) >= len(f.Nodes) || state[to] == 0:
					path = append(path, to)
				}
			}
		}
	}
	return nil
}

func (op trees) Ref(out, in []tensor.Wide) {
	n := in[0].Type.Shape.Dim(1)
	for r := range in[0].Type.Shape.Dim(0) {
		tally(op.Forest, in[0].F[r*n:(r+1)*n], out[0].F[r*op.Targets:(r+1)*op.Targets])
	}
}

// tally writes the tally for the features x to y. Which targets have votes shows
// in the votes alone, so that a least or largest one begins with a NaN.
func tally[T float32 | float64](f *Forest, x, y []T) {
	first := T(0)
	if f.How >= TallyMin {
		first /= first
	}
	for i := range y {
		y[i] = first
	}
	for _, root := range f.Roots {
		leaf := find(f, root, x)
		for _, v := range f.Votes[leaf.From:leaf.To] {
			w, at := T(v.Weight), &y[v.Target]
			switch {
			case f.How < TallyMin:
				*at += w
			case *at != *at, f.How == TallyMin && w < *at, f.How == TallyMax && w > *at:
				*at = w
			}
		}
	}
	for i, v := range y {
		switch {
		case v != v && f.How >= TallyMin:
			y[i] = 0
		case f.How == TallyMean:
			y[i] = v / T(len(f.Roots))
		}
	}
}

// find is the leaf that the features x lead to.
func find[T float32 | float64](f *Forest, at int32, x []T) *TreeNode {
	for {
		t := &f.Nodes[at]
		if t.Ask == Leaf {
			return t
		}
		v := float64(x[t.Feature])
		if at = t.No; t.NaN && v != v || f.says(t, v) {
			at = t.Yes
		}
	}
}

// says is the answer of a node where its feature is v.
func (f *Forest) says(t *TreeNode, v float64) bool {
	switch t.Ask {
	case AskLe:
		return v <= t.Value
	case AskLt:
		return v < t.Value
	case AskGe:
		return v >= t.Value
	case AskGt:
		return v > t.Value
	case AskEq:
		return v == t.Value
	case AskNe:
		return v != t.Value
	}
	for _, m := range f.Members[t.From:t.To] {
		if v == m {
			return true
		}
	}
	return false
}

// VJP: none, since the result is constant in pieces.
func (trees) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{nil} }

// FLOPs implements graph.Costed: comparisons and votes.
func (op trees) FLOPs(in, _ []tensor.Type) int64 {
	return int64(in[0].Shape.Dim(0)) * int64(len(op.Roots))
}

// Kernel implements graph.Kerneled.
func (op trees) Kernel(in, out []tensor.Type) *kernel.Code {
	if in[0].DType != tensor.Float32 || op.Of != tensor.Float32 {
		return nil
	}
	const per = 16 // rows in a piece
	rows, features := in[0].Shape.Dim(0), in[0].Shape.Dim(1)
	f := op.Forest
	return &kernel.Code{Phases: []kernel.Phase{{
		Pieces: (rows + per - 1) / per,
		Work:   rows * (out[0].Shape.Dim(1) + 20*len(f.Roots)),
		Run: func(a *kernel.Args, piece int, _ kernel.Memory) {
			x, y := a.In[0].F32(), a.Out[0].F32()
			for r := piece * per; r < min(rows, (piece+1)*per); r++ {
				tally(f, x[r*features:(r+1)*features], y[r*f.Targets:(r+1)*f.Targets])
			}
		},
	}}}
}

func init() {
	of := func(how Tally, d tensor.DType) trees {
		f := &Forest{How: how, Targets: 3, Roots: []int32{0, 4}, Members: []float64{-1, 2}}
		f.Nodes = []TreeNode{
			{Ask: AskLe, Feature: 1, Value: 0.5, Yes: 1, No: 2}, {Ask: Leaf, From: 0, To: 2},
			{Ask: AskGt, Feature: 0, Value: -1, Yes: 1, No: 3}, {Ask: Leaf, From: 2, To: 3},
			{Ask: AskMember, Feature: 2, To: 2, NaN: true, Yes: 1, No: 5}, {Ask: Leaf, From: 3, To: 4},
		}
		f.Votes = []Vote{{0, 0.25}, {2, -1}, {0, 2}, {2, 3}}
		return trees{f, d, fmt.Sprint(how)}
	}
	x := tensor.F32(33, 3)
	graph.Register(graph.Entry{
		Op:  of(TallySum, tensor.Float32),
		Doc: "the votes of decision trees for targets",
		Samples: []graph.Sample{
			{In: []tensor.Type{x}, Low: -3, High: 3, Rough: true},
			{Of: of(TallyMean, tensor.Float32), In: []tensor.Type{x}, Low: -3, High: 3, Rough: true},
			{Of: of(TallyMin, tensor.Float32), In: []tensor.Type{x}, Low: -3, High: 3, Rough: true},
			{Of: of(TallyMax, tensor.Float64), In: []tensor.Type{{DType: tensor.Float64, Shape: x.Shape}}, Low: -3, High: 3, Rough: true},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3, Rough: true},
		},
	})
}
