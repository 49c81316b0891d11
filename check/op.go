package check

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Op checks an operation on each of its samples: it can be compared; its type
// rule refuses what does not fit and panics on nothing; the definition writes
// all of its results and nothing else; kernels, lane and in-place runs agree
// with the definition; the gradient agrees with finite differences to the second
// order; simpler and permuted forms are equal.
func Op(e graph.Entry) error {
	if e.Doc == "" || len(e.Samples) == 0 {
		return fmt.Errorf("%s: no Doc or no Samples", e.Op.Name())
	}
	var errs []error
	for i, s := range e.Samples {
		op := s.Of
		if op == nil {
			op = e.Op
		}
		if err := opSample(op, s, rng.New(uint64(i))); err != nil {
			errs = append(errs, fmt.Errorf("%s%+v sample %d %v: %w", op.Name(), op, i, s.In, err))
		}
	}
	return errors.Join(errs...)
}

// opSample runs all checks on one sample; each reports its first finding.
func opSample(op graph.Op, s graph.Sample, r rng.Stream) error {
	if err := comparable(op); err != nil {
		return err
	}
	out, err := op.Infer(s.In)
	if err != nil {
		return fmt.Errorf("the sample does not fit: %w", err)
	}
	in := Draw(s, r.Split("draw"))
	want, err := defines(op, out, in, s.NaN)
	if err != nil {
		return err
	}
	errs := []error{
		refuses(op, s.In),
		survives(op, s.In, r.Split("survives")),
		costs(op, s.In, out),
		aliases(op, in, want),
		codes(op, in, want, s, r.Split("code")),
		simplifies(op, in, r.Split("simplify")),
		permutes(op, in, r.Split("permute")),
	}
	if _, ok := op.(graph.Differentiable); ok && !s.Rough {
		errs = append(errs, gradients(op, in, r.Split("gradient")))
	}
	return errors.Join(errs...)
}

// comparable asks that equal operations are one in a graph: == must work and
// must compare attributes, not addresses.
func comparable(op graph.Op) error {
	if _, ok := op.(graph.Keyed); ok {
		return nil
	}
	v := reflect.ValueOf(op)
	if !v.Comparable() {
		return fmt.Errorf("an attribute cannot be compared with ==")
	}
	if v.Kind() == reflect.Pointer {
		return fmt.Errorf("a pointer compares by address: use a struct, or implement Key")
	}
	return nil
}

// defines runs the definition over two different markings: an element that
// still differs was not written.
func defines(op graph.Op, types []tensor.Type, in []tensor.Wide, nan bool) ([]tensor.Wide, error) {
	a, b := make([]tensor.Wide, len(types)), make([]tensor.Wide, len(types))
	for i, t := range types {
		a[i], b[i] = marked(t, 0x35), marked(t, 0x5a)
	}
	before := clone(in)
	op.Ref(a, in)
	op.Ref(b, in)
	for i := range in {
		if j := firstChange(in[i], before[i]); j >= 0 {
			return nil, fmt.Errorf("the definition changes element %d of operand %d", j, i)
		}
	}
	for i := range a {
		if j := firstChange(a[i], b[i]); j >= 0 {
			return nil, fmt.Errorf("the definition leaves element %d of result %d unwritten", j, i)
		}
		for j, v := range a[i].F {
			if v != v && !nan {
				return nil, fmt.Errorf("the definition gives NaN at element %d of result %d", j, i)
			}
		}
		a[i].Wrap()
	}
	return a, nil
}

// costs asks for a count of operations that can be true: not negative, and not
// above what any product of the operands takes.
func costs(op graph.Op, in, out []tensor.Type) error {
	c, ok := op.(graph.Costed)
	if !ok {
		return nil
	}
	most := int64(1)
	for _, t := range in {
		most += int64(t.Shape.Size())
	}
	for _, t := range out {
		most += int64(t.Shape.Size())
	}
	if n := c.FLOPs(in, out); n < 0 || n > 64*most*most {
		return fmt.Errorf("FLOPs says %d", n)
	}
	return nil
}

// aliases asks that an operation which computes nothing has its operand's bytes
// for a result.
func aliases(op graph.Op, in, want []tensor.Wide) error {
	a, ok := op.(graph.Aliasing)
	if !ok || !a.Aliases() {
		return nil
	}
	if len(want) != 1 || string(want[0].Narrow().Bytes()) != string(in[0].Narrow().Bytes()) {
		return fmt.Errorf("the result is not the memory of the operand")
	}
	return nil
}
