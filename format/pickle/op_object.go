package pickle

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Opcodes of names of Python, calls of them, and persistent ids.
func init() {
	define(map[byte]opcode{
		'c':  {"GLOBAL", global},
		0x93: {"STACK_GLOBAL", stackGlobal},
		'R':  {"REDUCE", reduce},
		0x81: {"NEWOBJ", reduce},
		0x92: {"NEWOBJ_EX", newObjectEx},
		'i':  {"INST", instance},
		'o':  {"OBJ", object},
		'b':  {"BUILD", build},
		'P':  {"PERSID", persistentLine},
		'Q':  {"BINPERSID", persistent},
		0x82: {"EXT1", extension},
		0x83: {"EXT2", extension},
		0x84: {"EXT4", extension},
	})
}

func extension(*machine) error {
	return fmt.Errorf("a name by its number in Python's extension registry, which is not in the file")
}

// renamed is modules of Python 2 that Python 3 calls otherwise.
var renamed = map[string]string{"__builtin__": "builtins", "copy_reg": "copyreg"}

// maxName is the largest length of a module or a name.
const maxName = 1000

func (m *machine) global(module, name []byte) (Global, error) {
	if len(module) > maxName || len(name) > maxName || !utf8.Valid(module) || !utf8.Valid(name) {
		return Global{}, m.fail("a name of %d and %d bytes, at most %d, in UTF-8", len(module), len(name), maxName)
	}
	g := Global{string(module), string(name)}
	if to, ok := renamed[g.Module]; ok {
		g.Module = to
	}
	if _, ok := m.builder(g); m.o.Strict && !ok {
		return g, m.unlisted(g)
	}
	return g, nil
}

func (m *machine) unlisted(g Global) error {
	advice := m.o.Advice
	if advice != "" {
		advice = "; " + advice
	}
	return m.fail("the pickle names %q, which is not allowed here and never run%s", g.String(), advice)
}

// builder looks a name up in the lists of what is allowed.
func (m *machine) builder(g Global) (Build, bool) {
	if b, ok := m.o.Builders[g.key()]; ok {
		return b, true
	}
	if m.o.Other != nil {
		if b, ok := m.o.Other(g); ok {
			return b, true
		}
	}
	b, ok := standard[g.key()]
	if b == nil {
		return nil, ok
	}
	return func(args []any) (any, error) { return b(m, args) }, true
}

func global(m *machine) error {
	module, err := m.line()
	if err != nil {
		return err
	}
	name, err := m.line()
	if err != nil {
		return err
	}
	g, err := m.global(module, name)
	if err != nil {
		return err
	}
	return m.make(g, 2*valueCost+int64(len(module)+len(name)))
}

func stackGlobal(m *machine) error {
	values, err := m.pop(2)
	if err != nil {
		return err
	}
	module, isText := values[0].(string)
	name, both := values[1].(string)
	if !isText || !both {
		return m.fail("a module that is a %s and a name that is a %s, wanted texts", TypeName(values[0]), TypeName(values[1]))
	}
	g, err := m.global([]byte(module), []byte(name))
	if err != nil {
		return err
	}
	return m.make(g, 2*valueCost+int64(len(module)+len(name)))
}

func reduce(m *machine) error {
	values, err := m.pop(2)
	if err != nil {
		return err
	}
	args, ok := values[1].(*Tuple)
	if !ok {
		return m.fail("arguments that are a %s, wanted a tuple", TypeName(values[1]))
	}
	return m.call(values[0], args, nil)
}

func newObjectEx(m *machine) error {
	values, err := m.pop(3)
	if err != nil {
		return err
	}
	args, isTuple := values[1].(*Tuple)
	kwargs, isDict := values[2].(*Dict)
	if !isTuple || !isDict {
		return m.fail("arguments that are a %s and a %s, wanted a tuple and a dict", TypeName(values[1]), TypeName(values[2]))
	}
	return m.call(values[0], args, kwargs)
}

func instance(m *machine) error {
	module, err := m.line()
	if err != nil {
		return err
	}
	name, err := m.line()
	if err != nil {
		return err
	}
	args, err := m.popMark()
	if err != nil {
		return err
	}
	g, err := m.global(module, name)
	if err != nil {
		return err
	}
	return m.call(g, &Tuple{slices.Clone(args)}, nil)
}

func object(m *machine) error {
	values, err := m.popMark()
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return m.fail("no class above the MARK")
	}
	return m.call(values[0], &Tuple{slices.Clone(values[1:])}, nil)
}

// call pushes what stands for a call: the value of an allowed function, or an
// inert object.
func (m *machine) call(callee any, args *Tuple, kwargs *Dict) error {
	if kwargs != nil && kwargs.Len() == 0 {
		kwargs = nil
	}
	g, isName := callee.(Global)
	b, listed := m.builder(g)
	switch {
	case isName && b != nil && kwargs == nil:
		before := m.left
		v, err := b(args.Items)
		if _, placed := err.(*FormatError); placed {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: %w", g, err)
		}
		return m.make(v, valueCost+max(0, cost(v)-(before-m.left)))
	case m.o.Strict && !isName:
		return m.fail("calls %s", TypeName(callee))
	case m.o.Strict && !listed:
		return m.unlisted(g)
	case m.o.Strict:
		return m.fail("calls %q in a way that is not allowed here", g.String())
	}
	o := &Object{Class: g, Args: args, Kwargs: kwargs}
	if !isName {
		o.Callee = callee
	}
	return m.make(o, 4*valueCost)
}

// cost is the memory that a value of a caller's function takes.
func cost(v any) int64 {
	switch v := v.(type) {
	case string:
		return int64(len(v))
	case Bytes:
		return int64(len(v))
	case *List:
		return slotCost * int64(len(v.Items))
	case *Tuple:
		return slotCost * int64(len(v.Items))
	case *Dict:
		return entryCost * int64(v.Len())
	case *Set:
		return entryCost * int64(v.members.Len())
	}
	return 4 * valueCost
}

// build gives the value on the stack its state.
func build(m *machine) error {
	values, err := m.pop(1)
	if err != nil {
		return err
	}
	to, err := m.top()
	if err != nil {
		return err
	}
	switch to := to.(type) {
	case Stateful:
		return to.SetState(values[0])
	case *Object:
		to.State = values[0]
	case *Dict:
		to.State = values[0]
	default:
		return m.fail("sets the state of %s", TypeName(to))
	}
	return nil
}

func persistentLine(m *machine) error {
	b, err := m.line()
	if err != nil {
		return err
	}
	if err := m.charge(int64(len(b))); err != nil {
		return err
	}
	return m.persist(string(b))
}

func persistent(m *machine) error {
	values, err := m.pop(1)
	if err != nil {
		return err
	}
	return m.persist(values[0])
}

func (m *machine) persist(id any) error {
	if m.o.Persistent == nil {
		return m.make(&PersistentID{id}, valueCost)
	}
	v, err := m.o.Persistent(id)
	if err != nil {
		return err
	}
	return m.make(v, valueCost)
}
