package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// sum decides, for each constant, how its cotangents of all steps are added up:
// as a carry of the backward scan, or outside of it.
func (s *scanGrad) sum() {
	for i := s.op.xs(); i < len(s.in); i++ {
		if d := s.grads[i]; d != nil && !isFill(d, 0) {
			s.give(d)
		}
	}
	s.sums = make([]func() *graph.Node, s.op.Consts)
	rest := make([]int, 0, s.op.Consts)
	for j := range s.op.Consts {
		d := s.grads[s.op.Carry+j]
		if d == nil || isFill(d, 0) {
			continue
		}
		if s.sums[j] = s.total(d); s.sums[j] == nil {
			rest = append(rest, j)
		}
	}
	for _, j := range rest { // again: what others need is given now
		if s.sums[j] = s.total(s.grads[s.op.Carry+j]); s.sums[j] == nil {
			s.adding = append(s.adding, j)
		}
	}
}

// give makes n a result over time of the backward scan.
func (s *scanGrad) give(n *graph.Node) {
	if index(s.given, n) < 0 {
		s.given = append(s.given, n)
	}
}

// total builds the sum over all steps of n outside of the scan, when it has run,
// or is nil where that is no gain. The sum of products aₜ·bₜ is one contraction
// over time too.
func (s *scanGrad) total(n *graph.Node) func() *graph.Node {
	switch op := n.Op().(type) {
	case dotGeneral:
		return s.totalDot(op, n)
	case reduceSum:
		return s.totalReduce(op, n)
	case transpose:
		return s.then(n, func(x *graph.Node) *graph.Node { return graph.Apply1(op, x) })
	case reshape:
		return s.then(n, func(x *graph.Node) *graph.Node { return graph.Apply1(op, x) })
	}
	if name := n.Op().Name(); name != "sum" && name != "add" {
		return nil
	}
	given := len(s.given)
	a := s.total(n.In()[0])
	b := s.total(n.In()[1])
	if a == nil || b == nil {
		s.given = s.given[:given]
		return nil
	}
	return func() *graph.Node { return Add(a(), b()) }
}

// then is the total of n's operand with something linear done to it.
func (s *scanGrad) then(n *graph.Node, f func(x *graph.Node) *graph.Node) func() *graph.Node {
	x := s.total(n.In()[0])
	if x == nil {
		return nil
	}
	return func() *graph.Node { return f(x()) }
}

func (s *scanGrad) totalDot(op dotGeneral, n *graph.Node) func() *graph.Node {
	a, b := n.In()[0], n.In()[1]
	if op.BatchA.Len() > 0 || !s.varies(a) || !s.varies(b) {
		return nil
	}
	later := func(l Ints) Ints {
		axes := []int{0}
		for _, x := range l.Slice() {
			axes = append(axes, x+1)
		}
		return List(axes...)
	}
	if n.Type().Shape.Rank() == 0 || a.Shape().Rank() == tensor.MaxRank || b.Shape().Rank() == tensor.MaxRank {
		return nil
	}
	d := DotDims{ContractA: later(op.ContractA), ContractB: later(op.ContractB)}
	x, y := s.series(a), s.series(b)
	return func() *graph.Node { return DotGeneral(x(), y(), d) }
}

// totalReduce adds up over time as well if what is summed is there anyway.
func (s *scanGrad) totalReduce(op reduceSum, n *graph.Node) func() *graph.Node {
	x := n.In()[0]
	if x.Shape().Rank() == tensor.MaxRank || index(s.given, x) < 0 && s.known(x) == nil {
		return nil
	}
	axes := []int{0}
	for _, a := range op.Axes.Slice() {
		axes = append(axes, a+1)
	}
	all := s.series(x)
	return func() *graph.Node { return ReduceSum(all(), axes...) }
}

// varies says whether n may differ from step to step.
func (s *scanGrad) varies(n *graph.Node) bool {
	for _, i := range graph.Reachable([]*graph.Node{n}) {
		for _, y := range i.Out() {
			if _, leaf := i.Op().(graph.Leaf); leaf {
				if at := index(s.in, y); at < s.op.Carry || at >= s.op.xs() {
					return true
				}
			}
		}
	}
	return false
}

// series is n at all times: an operand of the scan, what the forward scan stores,
// or a new result of the backward scan.
func (s *scanGrad) series(n *graph.Node) func() *graph.Node {
	if s.known(n) == nil {
		s.give(n)
	}
	return func() *graph.Node {
		if k := s.known(n); k != nil {
			return k
		}
		return s.over[index(s.given, n)]
	}
}

// known is n at all times if it need not be computed, or nil.
func (s *scanGrad) known(n *graph.Node) *graph.Node {
	if at := index(s.kept, n); at >= 0 {
		return s.stack[at]
	}
	if at := index(s.in, n); at >= s.op.xs() {
		return s.n.In()[at]
	}
	if at := index(s.seeds, n); at >= s.op.Carry {
		return s.ct[at]
	}
	return nil
}
