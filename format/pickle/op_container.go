package pickle

import (
	"fmt"
	"slices"
)

// Opcodes of lists, tuples, dictionaries and sets.
func init() {
	define(map[byte]opcode{
		']':  {"EMPTY_LIST", func(m *machine) error { return m.make(&List{}, valueCost) }},
		'l':  {"LIST", list},
		'a':  {"APPEND", appendOne},
		'e':  {"APPENDS", appendMany},
		')':  {"EMPTY_TUPLE", func(m *machine) error { return m.make(&Tuple{}, valueCost) }},
		't':  {"TUPLE", tuple},
		0x85: {"TUPLE1", tupleOf(1)},
		0x86: {"TUPLE2", tupleOf(2)},
		0x87: {"TUPLE3", tupleOf(3)},
		'}':  {"EMPTY_DICT", func(m *machine) error { return m.make(&Dict{}, 3*valueCost) }},
		'd':  {"DICT", dict},
		's':  {"SETITEM", setOne},
		'u':  {"SETITEMS", setMany},
		0x8f: {"EMPTY_SET", func(m *machine) error { return m.make(&Set{}, 3*valueCost) }},
		0x90: {"ADDITEMS", addMany},
		0x91: {"FROZENSET", frozen},
	})
}

func list(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	return m.make(&List{slices.Clone(values)}, valueCost+slotCost*int64(len(values)))
}

func tuple(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	return m.tuple(values)
}

func (m *machine) tuple(values []any) error {
	return m.make(&Tuple{slices.Clone(values)}, valueCost+slotCost*int64(len(values)))
}

func tupleOf(n int) func(m *machine) error {
	return func(m *machine) error {
		values, err := m.pop(n)
		if err != nil {
			return err
		}
		return m.tuple(values)
	}
}

func appendOne(m *machine) error {
	values, err := m.pop(1)
	if err != nil {
		return err
	}
	return m.appendTo(values)
}

func appendMany(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	return m.appendTo(values)
}

// appendTo appends to the list, or the object of a class that extends one, on
// the stack.
func (m *machine) appendTo(values []any) error {
	to, err := m.top()
	if err != nil {
		return err
	}
	if err := m.charge(slotCost * int64(len(values))); err != nil {
		return err
	}
	switch to := to.(type) {
	case *List:
		to.Items = append(to.Items, values...)
	case *Object:
		to.Items = append(to.Items, values...)
	default:
		return m.fail("appends to %s", TypeName(to))
	}
	return nil
}

func dict(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	d := &Dict{}
	if err := m.setIn(d, values); err != nil {
		return err
	}
	return m.make(d, 3*valueCost)
}

func setOne(m *machine) error {
	values, err := m.pop(2)
	if err != nil {
		return err
	}
	return m.setTop(values)
}

func setMany(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	return m.setTop(values)
}

// setTop sets keys and values in the dictionary, or the object of a class that
// extends one, on the stack.
func (m *machine) setTop(values []any) error {
	to, err := m.top()
	if err != nil {
		return err
	}
	switch to := to.(type) {
	case *Dict:
		return m.setIn(to, values)
	case *Object:
		if to.Pairs == nil {
			to.Pairs = &Dict{}
		}
		return m.setIn(to.Pairs, values)
	}
	return m.fail("sets items of %s", TypeName(to))
}

func (m *machine) setIn(d *Dict, values []any) error {
	if len(values)%2 != 0 {
		return m.fail("%d values, wanted pairs of key and value", len(values))
	}
	for p := range slices.Chunk(values, 2) {
		if err := m.key(d, p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

// key sets one item, at the cost of its key.
func (m *machine) key(d *Dict, key, value any) error {
	h, err := hashed(key)
	if err != nil {
		return err
	}
	cost := int64(entryCost)
	switch k := h.(type) {
	case string:
		cost += int64(len(k))
	case Bytes:
		cost += int64(len(k))
	case bigKey:
		cost += int64(len(k))
	case tupleKey:
		cost += int64(len(k))
	}
	if err := m.charge(cost); err != nil {
		return err
	}
	d.set(h, key, value)
	return nil
}

func addMany(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	to, err := m.top()
	if err != nil {
		return err
	}
	s, ok := to.(*Set)
	if !ok {
		return fmt.Errorf("adds to %s", TypeName(to))
	}
	return m.addTo(s, values)
}

func (m *machine) addTo(s *Set, values []any) error {
	for _, v := range values {
		if err := m.key(&s.members, v, nil); err != nil {
			return err
		}
	}
	return nil
}

func frozen(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	s := &Set{}
	if err := m.addTo(s, values); err != nil {
		return err
	}
	return m.make(s, 3*valueCost)
}
