package torch7

import (
	"errors"
	"fmt"
	"strings"
)

// reader is the state of reading one file.
type reader struct {
	data    []byte
	at      int
	coding  coding
	limits  Limits
	left    int64 // memory that values may still take
	depth   int
	names   []string    // that lead to the value being read
	objects map[int]any // by the numbers that the file gives them
}

// The kinds of values by their number (File.lua).
const (
	kindNil = iota
	kindNumber
	kindString
	kindTable
	kindTorch
	kindBool
	kindFunction
	kindOldClosure
	kindClosure
)

// The memory that things take, in bytes.
const (
	valueCost  = 48
	entryCost  = 120
	objectCost = 160
)

func (r *reader) charge(n int64) error {
	if r.left -= n; r.left < 0 {
		return errors.New("the values take more memory than a file of this size may")
	}
	return nil
}

// take is the next n bytes.
func (r *reader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.data)-r.at {
		return nil, fmt.Errorf("wants %d bytes, %d are left", n, len(r.data)-r.at)
	}
	b := r.data[r.at : r.at+n]
	r.at += n
	return b, nil
}

// elementsOf is the next n elements of size bytes.
func (r *reader) elementsOf(n, size int) ([]byte, error) {
	if n < 0 || n > (len(r.data)-r.at)/size {
		return nil, fmt.Errorf("wants %d elements of %d bytes, %d bytes are left", n, size, len(r.data)-r.at)
	}
	return r.take(n * size)
}

// text is the length of a text, and it.
func (r *reader) text() (string, error) {
	n, err := r.coding.integer(r)
	if err != nil {
		return "", err
	}
	b, err := r.coding.text(r, n)
	if err != nil {
		return "", err
	}
	return string(b), r.charge(int64(n))
}

// value reads a value, of any kind. Its errors are *[FormatError].
func (r *reader) value() (any, error) {
	start := r.at
	if r.depth++; r.depth > r.limits.Depth {
		return nil, r.fail(start, fmt.Errorf("values more than %d deep", r.limits.Depth))
	}
	v, err := r.anyKind()
	r.depth--
	if err != nil {
		return nil, r.fail(start, err)
	}
	return v, nil
}

// fail adds the place to an error that has none.
func (r *reader) fail(start int, err error) error {
	if e, ok := err.(*FormatError); ok {
		return e
	}
	path := strings.Join(r.names, ".")
	if len(path) > 300 {
		path = "…" + path[len(path)-300:]
	}
	return &FormatError{int64(start), path, err.Error()}
}

func (r *reader) anyKind() (any, error) {
	kind, err := r.coding.integer(r)
	if err != nil {
		return nil, err
	}
	if err := r.charge(valueCost); err != nil {
		return nil, err
	}
	switch kind {
	case kindNil:
		return nil, nil
	case kindNumber:
		return r.coding.double(r)
	case kindString:
		return r.text()
	case kindBool:
		v, err := r.coding.integer(r)
		return v == 1, err
	case kindFunction:
		return r.function(0)
	case kindTable, kindTorch, kindOldClosure, kindClosure:
		return r.object(kind)
	}
	return nil, fmt.Errorf("a value of kind %d, of which there are 0 to 8", kind)
}

// object reads what has a number, by which it is meant when it comes again.
func (r *reader) object(kind int) (any, error) {
	number, err := r.coding.integer(r)
	if err != nil {
		return nil, err
	}
	if v, ok := r.objects[number]; ok {
		return v, nil
	}
	if err := r.charge(objectCost); err != nil {
		return nil, err
	}
	switch kind {
	case kindTable:
		t := &Table{}
		r.objects[number] = t
		return t, r.table(t)
	case kindTorch:
		return r.torch(number)
	}
	return r.function(number)
}

// function skips a function: its bytecode and its upvalues. Those of number 0
// have none.
func (r *reader) function(number int) (any, error) {
	f := &Function{}
	if number != 0 {
		r.objects[number] = f
	}
	n, err := r.coding.integer(r)
	if err != nil {
		return nil, err
	}
	if _, err := r.coding.text(r, n); err != nil {
		return nil, err
	}
	_, err = r.value()
	return f, err
}

// table reads the number of entries, and keys and values.
func (r *reader) table(t *Table) error {
	n, err := r.coding.integer(r)
	if err != nil {
		return err
	}
	if n < 0 {
		return fmt.Errorf("a table of %d entries", n)
	}
	for i := range n {
		k, err := r.value()
		if err != nil {
			return err
		}
		if k == nil || k != k {
			return fmt.Errorf("entry %d of a table has the key %v", i+1, k)
		}
		if s, ok := k.(string); ok && len(s) > maxKey {
			return fmt.Errorf("a key of %d bytes, at most %d", len(s), maxKey)
		}
		if err := r.charge(entryCost); err != nil {
			return err
		}
		r.names = append(r.names, keyName(k, i))
		v, err := r.value()
		if err != nil {
			return err
		}
		r.names = r.names[:len(r.names)-1]
		t.set(k, v)
	}
	return nil
}

// maxKey is the largest length of a key.
const maxKey = 4096

// torch reads an object: the version of its class (the oldest files have none),
// the name of its class, and its contents.
func (r *reader) torch(number int) (any, error) {
	class, err := r.text()
	if err != nil {
		return nil, err
	}
	version, ok := strings.CutPrefix(class, "V ")
	if ok {
		if class, err = r.text(); err != nil {
			return nil, err
		}
	} else {
		version = ""
	}
	if len(class) > maxKey {
		return nil, fmt.Errorf("a class with a name of %d bytes", len(class))
	}
	if d, isTensor, ok := numeric(class); ok {
		if isTensor {
			return r.tensor(d, number)
		}
		return r.storage(d, number)
	}
	if strings.HasPrefix(class, "tds.") {
		return nil, fmt.Errorf("class %q has a form of its own, which is not read; save plain tables", class)
	}
	m := &Module{Class: class, Version: version, Fields: &Table{}}
	r.objects[number] = m
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	fields, ok := v.(*Table)
	if !ok {
		return nil, fmt.Errorf("the contents of an object of class %.100q are no table", class)
	}
	m.Fields = fields
	return m, nil
}
