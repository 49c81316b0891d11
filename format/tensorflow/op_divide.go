package tensorflow

import "github.com/ihae/ihae/format/onnx"

// Quotients and remainders that round in their own ways.
func init() {
	register((*call).floorDiv, "FloorDiv")
	register((*call).floorMod, "FloorMod")
	register((*call).divNoNaN, "DivNoNan")
	register(func(k *call) error { return k.binary("Div") }, "TruncateDiv")
	register((*call).truncateMod, "TruncateMod", "Mod")
	register((*call).xlogy, "Xlogy")
}

// floorDiv rounds the quotient down. Division of whole numbers rounds to zero,
// so that one is taken off where the remainder and the divisor have different
// signs.
func (k *call) floorDiv() error {
	if err := k.takes(2); err != nil {
		return err
	}
	a, b := k.in[0], k.in[1]
	s := broadcast(a.shape, b.shape)
	return k.giveInts(arithmetic(k.n.Op, a, b), a.typ, func() error {
		x, y := k.use(a), k.use(b)
		q := k.node("Div", []string{x, y})
		if a.typ.floats() {
			return k.give(a.typ, s, "Floor", []string{q})
		}
		rest := k.node("Sub", []string{x, k.node("Mul", []string{q, y})})
		zero := k.scalar(0, a.typ)
		signs := k.node("Xor", []string{k.node("Less", []string{rest, zero}), k.node("Less", []string{y, zero})})
		some := k.node("Not", []string{k.node("Equal", []string{rest, zero})})
		less := k.cast(k.node("And", []string{signs, some}), a.typ)
		return k.give(a.typ, s, "Sub", []string{q, less})
	})
}

// floorMod is the remainder with the sign of the divisor.
func (k *call) floorMod() error {
	if err := k.takes(2); err != nil {
		return err
	}
	a, b := k.in[0], k.in[1]
	s := broadcast(a.shape, b.shape)
	return k.giveInts(arithmetic(k.n.Op, a, b), a.typ, func() error {
		x, y := k.use(a), k.use(b)
		if !a.typ.floats() {
			return k.give(a.typ, s, "Mod", []string{x, y})
		}
		q := k.node("Floor", []string{k.node("Div", []string{x, y})})
		return k.give(a.typ, s, "Sub", []string{x, k.node("Mul", []string{q, y})})
	})
}

// truncateMod is the remainder with the sign of the dividend.
func (k *call) truncateMod() error {
	if err := k.takes(2); err != nil {
		return err
	}
	s := broadcast(k.in[0].shape, k.in[1].shape)
	return k.give(k.in[0].typ, s, "Mod", k.names()[:2], onnx.Int("fmod", 1))
}

// divNoNaN is a quotient that is 0 where the divisor is.
func (k *call) divNoNaN() error {
	if err := k.takes(2); err != nil {
		return err
	}
	a, b, zero := k.use(k.in[0]), k.use(k.in[1]), k.scalar(0, k.in[0].typ)
	none := k.node("Equal", []string{b, zero})
	q := k.node("Div", []string{a, k.node("Where", []string{none, k.scalar(1, k.in[0].typ), b})})
	return k.give(k.in[0].typ, broadcast(k.in[0].shape, k.in[1].shape), "Where", []string{none, zero, q})
}

// xlogy is x log y, and 0 where x is.
func (k *call) xlogy() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x, y, zero := k.use(k.in[0]), k.use(k.in[1]), k.scalar(0, k.in[0].typ)
	none := k.node("Equal", []string{x, zero})
	log := k.node("Log", []string{k.node("Where", []string{none, k.scalar(1, k.in[0].typ), y})})
	return k.give(k.in[0].typ, broadcast(k.in[0].shape, k.in[1].shape), "Mul", []string{x, log})
}
