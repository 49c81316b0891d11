package lower

import (
	"github.com/ihae/ihae/tensor"
)

// Sequences and optionals are lists of values during the lowering: what they hold
// may be nodes, facts of the model, or contents of slots, each by itself.

// sequence is the values that operand i, a sequence, holds.
func (c *Call) sequence(i int) []*value {
	v := c.value(i)
	if v.kind != KindSequence {
		c.Fail("operand %d is no sequence", i)
	}
	return v.items
}

// returnSequence gives result i, a sequence of items.
func (c *Call) returnSequence(i int, items []*value) {
	for _, v := range items {
		if c.folding && !v.isKnown() {
			panic(stop{errNoFold}) // folding is for tensors alone
		}
	}
	c.set(i, &value{kind: KindSequence, items: items})
}

// position is operand i, a place in a sequence of n values, negative ones counted
// from the end; or is taken if it is not given.
func (c *Call) position(i, n, or int) int {
	if !c.Has(i) {
		return or
	}
	at := c.Int(i)
	if at < -n || at >= n {
		c.Fail("position %d in a sequence where there are %d", at, n)
	}
	if at < 0 {
		at += n
	}
	return at
}

// returnInt gives result i, a known whole number.
func (c *Call) returnInt(i, v int) { c.ReturnTensor(i, tensor.Scalar(int64(v))) }

// hostValues is the results of f of the operands at the places in, computed on the
// host: what [Call.Host] returns.
func (c *Call) hostValues(f HostFunc, in ...int) []*value {
	operands := make([]*value, len(in))
	for i, at := range in {
		if c.Has(at) {
			operands[i] = c.in[at]
		}
	}
	out, err := c.l.hostCall(c, f, operands)
	c.check(err)
	return out
}
