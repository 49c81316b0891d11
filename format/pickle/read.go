package pickle

// A Build makes a value in place of a call of a Python class or function: one
// of the values of this package or a pointer of the caller's. It must not
// allocate more than in proportion to its arguments, which it may keep but not
// change.
type Build func(args []any) (any, error)

// Stateful is a value of a [Build] that BUILD may give a state.
type Stateful interface{ SetState(state any) error }

// Options says what a pickle may name and how much it may make.
type Options struct {
	// Builders is the functions that stand for classes and functions of Python,
	// by "module name". A nil function allows the name but no call of it in a
	// strict reading. Those of Python itself that only make plain values are always
	// there.
	Builders map[string]Build
	// Other is asked for names that Builders has not; it may be nil.
	Other func(g Global) (Build, bool)
	// Strict makes every other name an error. Otherwise names are kept, and
	// calls of them become inert objects.
	Strict bool
	// Advice is said with that error: the way out.
	Advice string
	// Persistent makes the value of a persistent id; nil keeps a *[PersistentID].
	Persistent func(id any) (any, error)
	// Memory bounds what the values may take, in bytes: 16 MiB and twice the
	// length of the data when 0.
	Memory int64
}

// Read reads one pickle at the start of data, which is not kept, and says how
// many bytes it has.
func Read(data []byte, o Options) (value any, n int, err error) {
	value, n, _, err = read(data, o, o.memory(len(data)))
	return value, n, err
}

// ReadAll reads pickles one behind another to the end of data, which is not kept.
// The bound on memory is one for all of them.
func ReadAll(data []byte, o Options) ([]any, error) {
	var list []any
	left := o.memory(len(data))
	for at := 0; at < len(data); {
		v, n, rest, err := read(data[at:], o, left-entryCost)
		if e, ok := err.(*FormatError); ok {
			e.Offset += int64(at)
		}
		if err != nil {
			return nil, err
		}
		list, at, left = append(list, v), at+n, rest
	}
	return list, nil
}

// memory is the bound for size bytes of data.
func (o Options) memory(size int) int64 {
	if o.Memory > 0 {
		return o.Memory
	}
	return 16<<20 + 2*int64(size)
}

// read is [Read] in so many bytes of memory, and how many are left.
func read(data []byte, o Options, memory int64) (value any, n int, left int64, err error) {
	m := &machine{data: data, o: o, left: memory, memo: map[int64]any{}}
	for !m.done {
		if err := m.step(); err != nil {
			return nil, 0, 0, err
		}
	}
	return m.stack[0], m.at, m.left, nil
}
