// Package pickle reads Python pickles, protocols 0 to 5, without executing
// anything. A pickle is a program for a small stack machine (CPython's
// pickletools describes every opcode); here the machine can only build plain
// values. What would call Python code, REDUCE, BUILD, NEWOBJ, INST and OBJ,
// makes an inert [Object], or calls one of the functions that the caller allowed
// by name. Memory and work are bounded by the size of the pickle.
package pickle

import (
	"fmt"
	"math/big"
	"unicode/utf8"
)

// The values of a pickle are nil, bool, int64, *big.Int (integers that int64
// cannot hold), float64, string, [Bytes], *[List], *[Tuple], *[Dict], *[Set],
// [Global], *[Object], *[PersistentID], and whatever the caller's functions give.
// All are comparable. Lists, dictionaries, sets and objects may contain
// themselves, and one value may stand in many places: who walks them needs a
// limit, or [Walk].

// Bytes is Python's bytes or bytearray, or the str of Python 2.
type Bytes string

// List is Python's list.
type List struct{ Items []any }

// Tuple is Python's tuple.
type Tuple struct{ Items []any }

// Global is the name of a class, function or object of a Python module. It is
// a name and nothing else.
type Global struct{ Module, Name string }

// String writes g as the name is written in Python.
func (g Global) String() string { return g.Module + "." + g.Name }

// key is how the lists of allowed names write g.
func (g Global) key() string { return g.Module + " " + g.Name }

// Object is what the pickle would have made by a call of Class with Args. It is
// a record of the call, which is never made.
type Object struct {
	Class  Global
	Callee any    // what would be called, when it is no Global; nil otherwise
	Args   *Tuple // of the call, never nil
	Kwargs *Dict  // by name; nil when there are none
	State  any    // what BUILD sets: as a rule a *Dict of attributes
	Items  []any  // appended to an object that extends list or set
	Pairs  *Dict  // set in an object that extends dict; nil when there are none
}

// PersistentID stands for a thing that is kept outside the pickle.
type PersistentID struct{ ID any }

// Attr is an attribute of o by its state, which is a *Dict or, for classes with
// slots, a pair of them.
func (o *Object) Attr(name string) (any, bool) {
	for _, d := range o.States() {
		if v, ok := d.Get(name); ok {
			return v, true
		}
	}
	return nil, false
}

// States is the dictionaries of attributes of o, none when its state is
// something else.
func (o *Object) States() []*Dict {
	switch s := o.State.(type) {
	case *Dict:
		return []*Dict{s}
	case *Tuple: // (attributes or nil, slots)
		if len(s.Items) != 2 {
			return nil
		}
		var list []*Dict
		for _, v := range s.Items {
			if d, ok := v.(*Dict); ok {
				list = append(list, d)
			}
		}
		return list
	}
	return nil
}

// Text is v as text: a string, or the str of Python 2 when it is valid UTF-8.
func Text(v any) (string, bool) {
	switch s := v.(type) {
	case string:
		return s, true
	case Bytes:
		return string(s), utf8.ValidString(string(s))
	}
	return "", false
}

// TypeName says in a word what v is, for messages.
func TypeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case Bytes:
		return "bytes"
	case *List:
		return "list"
	case *Tuple:
		return "tuple"
	case *Dict:
		return "dict"
	case *Set:
		return "set"
	case Global:
		return fmt.Sprintf("the name %.100q", v.String())
	case *Object:
		return fmt.Sprintf("an object of %.100q", v.Class.String())
	case *PersistentID:
		return "persistent id"
	}
	return fmt.Sprintf("%T", v)
}

// A FormatError says what is wrong with a pickle, at which byte of it an opcode
// stands and which.
type FormatError struct {
	Offset int64
	Op     string // pickletools' name of the opcode; empty at the end of the data
	Reason string
	Err    error // of a function of the caller's; may be nil
}

// Error names the place, the opcode and the reason.
func (e *FormatError) Error() string {
	if e.Op == "" {
		return fmt.Sprintf("pickle: byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("pickle: byte %d: %s: %s", e.Offset, e.Op, e.Reason)
}

// Unwrap is the error of the caller's function.
func (e *FormatError) Unwrap() error { return e.Err }
