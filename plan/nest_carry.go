package plan

import (
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Carry is where a carry of a scan lies.
type Carry struct {
	Kind CarryKind
	Y    int // the result over time that it lies in, counted from the first
}

// CarryKind is a way to keep a carry from step to step.
type CarryKind uint8

// The kinds.
const (
	// CarryOwn lies in the memory of the step's result; programs update it in
	// place.
	CarryOwn CarryKind = iota
	// CarryResult is, as every step leaves it, an element of a result over time:
	// the next step reads it there.
	CarryResult
	// CarryKept is, as every step finds it, an element of a result over time:
	// the step before writes it there.
	CarryKept
)

// carries decides where the carries of a scan with body f lie, and returns the
// function to compile: f without results that are carries as they were.
func (n *Nest) carries(f *graph.Func) (*graph.Func, error) {
	ys := f.Out[n.Flow.Carry:]
	taken := make([]bool, len(ys))
	find := func(y *graph.Node) int {
		for j := range ys {
			if ys[j] == y && !taken[j] && y.Type().Bytes()%tensor.Align == 0 {
				taken[j] = true
				return j
			}
		}
		return -1
	}
	n.Carries = make([]Carry, n.Flow.Carry)
	for k := range n.Carries {
		if j := find(f.Out[k]); j >= 0 {
			n.Carries[k] = Carry{CarryResult, j}
		} else if j := find(f.In[k]); j >= 0 {
			n.Carries[k] = Carry{CarryKept, j}
		}
	}
	out := slices.Clone(f.Out[:n.Flow.Carry])
	n.Results = make([]int, len(ys))
	for j, y := range ys {
		if slices.Contains(n.Carries, Carry{CarryKept, j}) {
			n.Results[j] = -1
			continue
		}
		n.Results[j] = len(out)
		out = append(out, y)
	}
	if len(out) == len(f.Out) {
		return f, nil
	}
	return graph.NewFunc(f.Name, f.In, out)
}
