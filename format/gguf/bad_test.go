package gguf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
)

// file builds a file of version v by hand: counts, then pieces as they are.
func file(v uint32, tensors, keys uint64, pieces ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("GGUF"), v)
	b = binary.LittleEndian.AppendUint64(b, tensors)
	b = binary.LittleEndian.AppendUint64(b, keys)
	for _, p := range pieces {
		b = append(b, p...)
	}
	return b
}

func text(s string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(s))), s...)
}

// value is a key of the metadata with a value of that type.
func value(key string, code uint32, v ...byte) []byte {
	return append(binary.LittleEndian.AppendUint32(text(key), code), v...)
}

// list is the body of an array of n values of that type.
func list(code uint32, n uint64, v ...byte) []byte {
	return append(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, code), n), v...)
}

// entry is what stands in the header of one tensor, dims innermost first.
func entry(name string, code uint32, at uint64, dims ...uint64) []byte {
	b := binary.LittleEndian.AppendUint32(text(name), uint32(len(dims)))
	for _, d := range dims {
		b = binary.LittleEndian.AppendUint64(b, d)
	}
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(b, code), at)
}

// zeros is the elements of a file: padding and all.
func zeros(n int) []byte { return make([]byte, n+32) }

// deep is the body of an array of arrays, so many levels.
func deep(n int) []byte {
	b := list(0, 1, 7)
	for range n - 1 {
		b = list(codeArray, 1, b...)
	}
	return b
}

// badFile is a file, and the rule and the key or tensor that its error names.
type badFile struct {
	file       []byte
	name, want string
}

// refused asks for the errors of bad files, and that they cost nothing.
func refused(t *testing.T, files map[string]badFile) {
	for name, c := range files {
		t.Run(name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, err = Parse(c.file, Limits{}) })
			var format *FormatError
			if !errors.As(err, &format) {
				t.Fatalf("error = %v", err)
			}
			if format.Name != c.name || !strings.Contains(format.Reason, c.want) || !strings.HasPrefix(err.Error(), "gguf: byte ") {
				t.Errorf("%q: %s; want %q: %s", format.Name, format.Reason, c.name, c.want)
			}
			if n > 4*uint64(len(c.file))+1<<20 {
				t.Errorf("%d bytes were allocated for a file of %d", n, len(c.file))
			}
		})
	}
}

// TestBadMetadataIsRefusedByName: each rule that a header can break before the
// first tensor.
func TestBadMetadataIsRefusedByName(t *testing.T) {
	refused(t, map[string]badFile{
		"nothing":            {nil, "", "4 bytes wanted here, the file has 0 left"},
		"another magic":      {append([]byte("GGLA"), zeros(9)...), "", "no GGUF file"},
		"version 1":          {file(1, 0, 0), "", "version 1; 2 and 3"},
		"version 4":          {file(4, 0, 0), "", "version 4; 2 and 3"},
		"big-endian":         {file(3<<24, 0, 0), "", "big-endian"},
		"2^63 tensors":       {file(3, 1<<63, 0), "", "9223372036854775808 tensors, at most"},
		"2^64-1 keys":        {file(3, 0, 1<<64-1), "", "18446744073709551615 keys, at most"},
		"no key":             {file(3, 0, 1), "", "8 bytes wanted"},
		"long key":           {file(3, 0, 1, binary.LittleEndian.AppendUint64(nil, 1<<40)), "", "a name of 1099511627776 bytes"},
		"key of no UTF-8":    {file(3, 0, 1, value("\xff", 0, 1)), "", "not valid UTF-8"},
		"key twice":          {file(3, 0, 2, value("a", 0, 1), value("a", 0, 1)), "a", "stands twice"},
		"unknown type":       {file(3, 0, 1, value("a", 13)), "a", "a value of type 13"},
		"unknown array":      {file(3, 0, 1, value("a", 9, list(13, 0)...)), "a", "an array of type 13"},
		"bool of 2":          {file(3, 0, 1, value("a", 7, 2)), "a", "a bool of value 2"},
		"bool of 3 in array": {file(3, 0, 1, value("a", 9, list(7, 2, 1, 3)...)), "a", "a bool of value 3"},
		"long text":          {file(3, 0, 1, value("a", 8, 255, 255, 255, 255, 255, 255, 255, 255)), "a", "18446744073709551615 bytes wanted"},
		"2^61 numbers":       {file(3, 0, 1, value("a", 9, list(10, 1<<61)...)), "a", "an array of 2305843009213693952 values"},
		"2^62 texts":         {file(3, 0, 1, value("a", 9, list(8, 1<<62)...)), "a", "an array of 4611686018427387904 values"},
		"2^60 arrays":        {file(3, 0, 1, value("a", 9, list(9, 1<<60)...)), "a", "an array of 1152921504606846976 values"},
		"9 deep":             {file(3, 0, 1, value("a", 9, deep(9)...)), "a", "arrays 9 deep, at most 8"},
		"10,000 deep":        {file(3, 0, 1, value("a", 9, deep(3000)...)), "a", "arrays 9 deep, at most 8"},
		"many arrays":        {file(3, 0, 1, value("a", 9, list(9, 100_001, make([]byte, 12*100_001)...)...)), "a", "more than 100000 arrays"},
		"no alignment":       {file(3, 0, 1, value(alignmentKey, 4, 0, 0, 0, 0)), alignmentKey, "no power of two"},
		"alignment of 48":    {file(3, 0, 1, value(alignmentKey, 4, 48, 0, 0, 0)), alignmentKey, "48 is no power of two"},
		"alignment as text":  {file(3, 0, 1, value(alignmentKey, 8, text("32")...)), alignmentKey, "no power of two"},
	})
}

// TestBadTensorsAreRefusedByName: each rule that the list of tensors can break.
// Shapes whose size overflows are among them.
func TestBadTensorsAreRefusedByName(t *testing.T) {
	refused(t, map[string]badFile{
		"no tensor":           {file(3, 1, 0), "", "8 bytes wanted"},
		"tensor twice":        {file(3, 2, 0, entry("a", 0, 0, 1), entry("a", 0, 32, 1), zeros(64)), "a", "two tensors of that name"},
		"9 axes":              {file(3, 1, 0, entry("a", 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1), zeros(64)), "a", "9 axes, at most 8"},
		"2^32 squared":        {file(3, 1, 0, entry("a", 24, 0, 1<<32, 1<<32), zeros(64)), "a", "too many elements"},
		"wraps to 4":          {file(3, 1, 0, entry("a", 0, 0, 4194305, 4194305, 211106198978564), zeros(64)), "a", "too many elements"},
		"2^63 elements":       {file(3, 1, 0, entry("a", 0, 0, 1<<63), zeros(64)), "a", "has size 9223372036854775808"},
		"unknown kind":        {file(3, 1, 0, entry("a", 5, 0, 32), zeros(64)), "a", "elements of type 5"},
		"half a block":        {file(3, 1, 0, entry("a", 8, 0, 16, 2), zeros(64)), "a", "rows of 16 elements, Q8_0 keeps blocks of 32"},
		"past the end":        {file(3, 1, 0, entry("a", 0, 0, 100), zeros(64)), "a", "ends after"},
		"just past the end":   {file(3, 1, 0, entry("a", 0, 32, 25), zeros(64)), "a", "ends at"},
		"offset past the end": {file(3, 1, 0, entry("a", 0, 1<<40, 1), zeros(64)), "a", "ends after"},
		"offset wraps":        {file(3, 1, 0, entry("a", 0, 1<<64-32, 16), zeros(64)), "a", "ends after"},
		"not aligned":         {file(3, 1, 0, entry("a", 0, 4, 1), zeros(64)), "a", "begins at 4, no multiple of 32"},
		"overlap":             {file(2, 2, 0, entry("a", 0, 0, 16), entry("b", 0, 32, 1), zeros(64)), "b", `inside tensor "a"`},
		"the same place":      {file(2, 2, 0, entry("a", 0, 32, 1), entry("b", 0, 32, 1), zeros(64)), "b", `inside tensor "a"`},
		"empty inside":        {file(2, 2, 0, entry("a", 0, 0, 16), entry("b", 0, 32, 0), zeros(64)), "b", `inside tensor "a"`},
	})
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestOddFilesThatAreFine: version 2, arrays within arrays, nothing at all, and
// a tensor without elements.
func TestOddFilesThatAreFine(t *testing.T) {
	f, err := Parse(file(2, 2, 2,
		value("nested", 9, list(9, 2, append(list(0, 2, 1, 2), list(8, 1, text("x")...)...)...)...),
		value("split.count", 2, 3, 0), entry("empty", 0, 0, 0, 7), entry("one", 0, 0), zeros(4)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	nested, _ := f.Meta["nested"].([]any)
	if len(nested) != 2 || string(nested[0].([]uint8)) != "\x01\x02" || nested[1].([]string)[0] != "x" {
		t.Errorf("%#v", f.Meta["nested"])
	}
	for name, want := range map[string]string{"empty": "float32[7 0]", "one": "float32[]"} {
		if x, err := f.Tensor(name); err != nil || x.Type().String() != want {
			t.Errorf("%s: %v, %v", name, x.Type(), err)
		}
	}
	if _, err := f.Tensor("other"); err == nil || !strings.Contains(err.Error(), "one of 3 parts") {
		t.Errorf("error = %v", err)
	}
	if _, err := Parse(file(3, 0, 0), Limits{}); err != nil {
		t.Error(err)
	}
}

// TestCutFilesAreErrors cuts a file of others at 2,000 places: all of its header.
func TestCutFilesAreErrors(t *testing.T) {
	b, err := os.ReadFile("testdata/blocks.gguf")
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	f, err := Parse(b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.Tensors {
		last = max(last, e.End)
	}
	header := int(f.Tensors[0].Begin)
	for n := 0; n < int(last); n++ {
		if n > header && n%16 != 0 {
			continue
		}
		if _, err := Parse(b[:n], Limits{}); err == nil || !strings.Contains(err.Error(), "gguf: byte ") {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(b), err)
		}
	}
}

// FuzzParse: of what is accepted every tensor can be read, or is refused by the
// name of its kind.
func FuzzParse(f *testing.F) {
	b, err := os.ReadFile("testdata/blocks.gguf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(file(2, 2, 1, value("nested", 9, list(9, 1, list(8, 1, text("x")...)...)...), entry("a", 12, 0, 256), entry("b", 1, 160, 2, 2), zeros(192)))
	f.Add(file(3, 1, 1, value(alignmentKey, 4, 8, 0, 0, 0), entry("a", 28, 8, 1), zeros(16)))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		file, err := Parse(b, Limits{})
		if err != nil {
			return
		}
		for _, e := range file.Tensors {
			x, err := file.Floats(e.Name)
			if err != nil && !strings.Contains(err.Error(), "which is not read") {
				t.Fatal(err)
			}
			if err == nil && x.Shape() != e.Shape {
				t.Fatalf("%v is not %v", x.Shape(), e.Shape)
			}
		}
		if !bytes.Equal(b, before) {
			t.Fatal("reading changes the file")
		}
	})
}
