package check

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// simplifies asks that what Simplify gives is equal to the node, for the
// operands as they are and for those that invite it: constants, transposed,
// reshaped and repeated ones, and the operation's own result.
func simplifies(op graph.Op, in []tensor.Wide, r rng.Stream) error {
	s, ok := op.(graph.Simplifier)
	if !ok {
		return nil
	}
	for name, invite := range invitations {
		for only := range len(in) + 1 { // len(in) is all of them
			f := &field{g: graph.New(), r: r}
			args := make([]*graph.Node, len(in))
			for i, v := range in {
				if i == only || only == len(in) {
					args[i] = invite(f, op, v)
				} else {
					args[i] = f.leaf(v)
				}
			}
			if f.g.Err() != nil {
				break // the operation has no such operand
			}
			if err := simpler(f, s, args); err != nil {
				return fmt.Errorf("rule Simplify with %s for operand %d: %w", name, only, err)
			}
		}
	}
	return nil
}

func simpler(f *field, op graph.Simplifier, args []*graph.Node) error {
	if len(args) == 0 {
		return nil
	}
	n := graph.Apply(op, args...)[0].Inst()
	if f.g.Err() != nil {
		return f.g.Err()
	}
	easy := n.Op().(graph.Simplifier).Simplify(n)
	if easy == nil {
		return nil
	}
	return f.equal(n.Out(), easy)
}

// equal asks that two lists of nodes have the same types and values.
func (f *field) equal(a, b []*graph.Node) error {
	if f.g.Err() != nil {
		return f.g.Err()
	}
	if len(a) != len(b) {
		return fmt.Errorf("%d results for %d", len(b), len(a))
	}
	fn, err := graph.NewFunc("both", f.leaves, append(append([]*graph.Node{}, a...), b...))
	if err != nil {
		return err
	}
	v := graph.Eval(fn, f.feeds)
	for i := range a {
		x, y := v[i], v[len(a)+i]
		if x.Type != y.Type {
			return fmt.Errorf("result %d is %v in place of %v", i, y.Type, x.Type)
		}
		if j := firstFar(y, x, 1e-12); j >= 0 {
			return fmt.Errorf("result %d is %s at %d in place of %s", i, at(y, j), j, at(x, j))
		}
	}
	return nil
}

// invitations makes operands of v's type that rewrites look for.
var invitations = map[string]func(f *field, op graph.Op, v tensor.Wide) *graph.Node{
	"itself": func(f *field, _ graph.Op, v tensor.Wide) *graph.Node { return f.leaf(v) },
	"one leaf": func(f *field, _ graph.Op, v tensor.Wide) *graph.Node {
		for i, t := range f.feeds {
			if t.Type == v.Type {
				return f.leaves[i]
			}
		}
		return f.leaf(v)
	},
	"0":        filled(0),
	"1":        filled(1),
	"2":        filled(2),
	"-1":       filled(-1),
	"0.5":      filled(0.5),
	"constant": func(f *field, _ graph.Op, v tensor.Wide) *graph.Node { return f.g.Constant(v.Narrow()) },
	"repeated": func(f *field, _ graph.Op, v tensor.Wide) *graph.Node {
		one := tensor.NewWide(tensor.Type{DType: v.Type.DType})
		copy(one.F, v.F)
		copy(one.I, v.I)
		if v.Type.Shape.Size() == 0 {
			return f.leaf(v)
		}
		return ops.BroadcastInDim(f.leaf(one), v.Type.Shape)
	},
	"reshaped": func(f *field, _ graph.Op, v tensor.Wide) *graph.Node {
		shape := v.Type.Shape
		v.Type.Shape = tensor.Dims(shape.Size(), 1)
		return ops.Reshape(f.leaf(v), shape)
	},
	"transposed": func(f *field, _ graph.Op, v tensor.Wide) *graph.Node {
		d := v.Type.Shape.Dims()
		for i, j := 0, len(d)-1; i < j; i, j = i+1, j-1 {
			d[i], d[j] = d[j], d[i]
		}
		v.Type.Shape = tensor.Dims(d...)
		return ops.Transpose(f.leaf(v))
	},
	"its own result": func(f *field, op graph.Op, v tensor.Wide) *graph.Node {
		args := []*graph.Node{f.leaf(v)}
		if _, err := op.Infer([]tensor.Type{v.Type}); err != nil {
			args = append(args, f.leaf(v))
		}
		if out, err := op.Infer([]tensor.Type{v.Type, v.Type}[:len(args)]); err != nil || out[0] != v.Type {
			return args[0]
		}
		return graph.Apply(op, args...)[0]
	},
}

func filled(x float64) func(*field, graph.Op, tensor.Wide) *graph.Node {
	return func(f *field, _ graph.Op, v tensor.Wide) *graph.Node {
		switch {
		case v.Type.DType.Kind() == tensor.KindBool && x != 0 && x != 1:
			return f.leaf(v)
		case v.F == nil && (x != float64(int64(x)) || x < 0 && v.Type.DType.Kind() == tensor.KindUint):
			return f.leaf(v)
		}
		return f.g.Fill(x, v.Type)
	}
}

// permutes asks that the operation which Permute gives trades places with a
// transposition.
func permutes(op graph.Op, in []tensor.Wide, r rng.Stream) error {
	p, ok := op.(graph.Permuter)
	if !ok || len(in) == 0 || in[0].Type.Shape.Rank() < 2 {
		return nil
	}
	rand := r.Rand()
	for range 4 {
		perm := rand.Perm(in[0].Type.Shape.Rank())
		q, ok := p.Permute(perm, typesOf(in))
		if !ok {
			continue
		}
		f := &field{g: graph.New(), r: r}
		plain, before := make([]*graph.Node, len(in)), make([]*graph.Node, len(in))
		for i, v := range in {
			plain[i] = f.leaf(v)
			before[i] = turned(plain[i], inverse(perm))
		}
		want, got := graph.Apply(op, plain...), []*graph.Node{}
		for _, n := range graph.Apply(q, before...) {
			got = append(got, turned(n, perm))
		}
		if err := f.equal(want, got); err != nil {
			return fmt.Errorf("rule Permute by %v: %w", perm, err)
		}
	}
	return nil
}

// turned is n transposed by perm if it has that many axes.
func turned(n *graph.Node, perm []int) *graph.Node {
	if n.Shape().Rank() != len(perm) {
		return n
	}
	return ops.Transpose(n, perm...)
}

func inverse(perm []int) []int {
	inv := make([]int, len(perm))
	for i, a := range perm {
		inv[a] = i
	}
	return inv
}
