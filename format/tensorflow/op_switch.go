package tensorflow

import "fmt"

// A condition of TensorFlow 1 is Switch, which sends a value into one of two
// branches, and Merge, which takes the one that was there. Where the condition
// is known the other branch is left out; else both are computed and Where
// chooses.
func init() {
	register((*call).switched, "Switch", "RefSwitch")
	register((*call).merged, "Merge", "RefMerge")
}

func (k *call) switched() error {
	if err := k.takes(2); err != nil {
		return err
	}
	v, pred := k.in[0], k.in[1]
	if n := pred.numbers(); n.all() && len(n.list) == 1 {
		branches := []*value{{dead: true}, {dead: true}}
		branches[n.list[0]&1] = v
		k.out = branches
		return nil
	}
	for _, taken := range []bool{false, true} {
		w := *v
		if v.known() {
			w.name = k.use(v)
			w.konst = nil
		}
		w.guard = &guard{pred, taken, k.guard, k.guard.levels() + 1}
		k.out = append(k.out, &w)
	}
	return nil
}

func (k *call) merged() error {
	var alive []*value
	which := 0
	for i, v := range k.in {
		if !v.dead {
			alive, which = append(alive, v), i
		}
	}
	switch {
	case len(alive) == 0:
		k.out = []*value{{dead: true}}
		return nil
	case len(alive) == 1 && (alive[0].guard == nil || len(k.in) > 1):
		k.out = []*value{alive[0], constant(k.n.Name+":1", scalarInt32(which))}
		return nil
	case len(alive) != 2 || alive[0].guard == nil || alive[1].guard == nil:
		return fmt.Errorf("%d values, of which it is not known which is there", len(alive))
	}
	a, b := alive[0], alive[1]
	if a.guard.pred != b.guard.pred || a.guard.taken == b.guard.taken || a.typ != b.typ {
		return fmt.Errorf("two values that do not come from the branches of one condition")
	}
	if b.guard.taken {
		a, b = b, a
	}
	if !a.shape.mayBe(b.shape) {
		return fmt.Errorf("branches of shapes %v and %v, of which the one that is not taken would be computed, too", a.shape.dims, b.shape.dims)
	}
	in := []string{k.use(a.guard.pred), k.use(a), k.use(b)}
	s := meet(a.shape, b.shape)
	if err := k.give(a.typ, s, "Where", in); err != nil {
		return err
	}
	k.out[0].guard = a.guard.outer
	k.out = append(k.out, &value{typ: int32Type, shape: dimsOf()})
	return nil
}
