// Package ops is the operations. Each file is one: its formula, what it takes
// and gives, its definition, its gradient, and its registration. Functions take
// and return nodes; a mistake in their use is reported once, by the graph.
package ops

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// kinds is a set of what elements may be.
type kinds uint8

const (
	bools    kinds = 1 << tensor.KindBool
	ints     kinds = 1<<tensor.KindInt | 1<<tensor.KindUint
	floats   kinds = 1 << tensor.KindFloat
	numbers        = ints | floats
	anything       = bools | numbers
)

func (k kinds) has(d tensor.DType) bool { return d.Kind() != 0 && k>>d.Kind()&1 != 0 }

func (k kinds) String() string {
	var names []string
	for _, c := range []struct {
		k    kinds
		name string
	}{{bools, "bool"}, {ints, "integer"}, {floats, "floating-point"}} {
		if k&c.k != 0 {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, " or ")
}

// count asks for n operands.
func count(in []tensor.Type, n int) error {
	if len(in) != n {
		return fmt.Errorf("want %d operands, got %d", n, len(in))
	}
	return nil
}

// of asks for n operands whose elements are of k. Their types may differ.
func of(in []tensor.Type, n int, k kinds) error {
	if err := count(in, n); err != nil {
		return err
	}
	for i, t := range in {
		if !k.has(t.DType) {
			return fmt.Errorf("operand %d has %v elements, want %v", i, t.DType, k)
		}
	}
	return nil
}

// same is the type rule of most elementwise operations: n operands of one type
// whose elements are of k, and a result of that type.
func same(in []tensor.Type, n int, k kinds) ([]tensor.Type, error) {
	if err := alike(in, n, k); err != nil {
		return nil, err
	}
	return []tensor.Type{in[0]}, nil
}

// alike asks for n operands of one type whose elements are of k.
func alike(in []tensor.Type, n int, k kinds) error {
	if err := of(in, n, k); err != nil {
		return err
	}
	for i, t := range in {
		switch {
		case t.DType != in[0].DType:
			return fmt.Errorf("operands 0 and %d have %v and %v elements; convert one", i, in[0].DType, t.DType)
		case t.Shape != in[0].Shape:
			return fmt.Errorf("operands 0 and %d have shapes %v and %v, which do not broadcast", i, in[0].Shape, t.Shape)
		}
	}
	return nil
}

// Like is a constant of x's type: every element is value.
func Like(x *graph.Node, value float64) *graph.Node { return x.Graph().Fill(value, x.Type()) }

// Scale is x·factor.
func Scale(x *graph.Node, factor float64) *graph.Node { return Mul(x, Like(x, factor)) }

// large is operands as large as networks have, for what is measured.
func large(of graph.Op, in ...tensor.Type) *graph.Sample {
	return &graph.Sample{Of: of, In: in, Low: 0, High: 1}
}
