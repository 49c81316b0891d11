package protobuf

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// all is the fields of a file.
func all(t *testing.T, file []byte) []Field {
	t.Helper()
	var list []Field
	err := File(file, 10).Fields(func(f Field) error {
		list = append(list, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestSpecification reads the examples of the protocol buffers' documentation
// ("Encoding"): a = 150; b = "testing"; c = {a = 150}; f packed.
func TestSpecification(t *testing.T) {
	list := all(t, []byte("\x08\x96\x01"+"\x12\x07testing"+"\x1a\x03\x08\x96\x01"+"\x32\x06\x03\x8e\x02\x9e\xa7\x05"))
	if len(list) != 4 {
		t.Fatalf("%d fields", len(list))
	}
	for i, want := range []struct {
		number int32
		at     int64
	}{{1, 0}, {2, 3}, {3, 12}, {6, 17}} {
		if list[i].Number != want.number || list[i].At != want.at {
			t.Errorf("field %d at %d, want %d at %d", list[i].Number, list[i].At, want.number, want.at)
		}
	}
	var a int64
	if err := list[0].Int(&a); err != nil || a != 150 {
		t.Errorf("%d, %v", a, err)
	}
	var b string
	if err := list[1].Text(&b); err != nil || b != "testing" {
		t.Errorf("%q, %v", b, err)
	}
	m, err := list[2].Message()
	if err != nil || m.At != 14 {
		t.Errorf("a message at %d, %v", m.At, err)
	}
	a = 0
	if err := m.Fields(func(f Field) error { return f.Int(&a) }); err != nil || a != 150 {
		t.Errorf("within: %d, %v", a, err)
	}
	var numbers []uint64
	add := func(v uint64) error {
		numbers = append(numbers, v)
		return nil
	}
	if err := list[3].Each(Varint, add); err != nil || !slices.Equal(numbers, []uint64{3, 270, 86942}) {
		t.Errorf("%v, %v", numbers, err)
	}
}

// TestNumbers reads numbers of each kind, one by one and packed.
func TestNumbers(t *testing.T) {
	one := []byte("\x0d\x00\x00\x20\x40" + "\x11\x00\x00\x00\x00\x00\x00\x04\x40" + "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	list := all(t, one)
	var f float32
	var i int64
	if err := list[0].Float(&f); err != nil || f != 2.5 {
		t.Errorf("%v, %v", f, err)
	}
	if v := math.Float64frombits(list[1].Value); v != 2.5 {
		t.Errorf("%v", v)
	}
	if err := list[2].Int(&i); err != nil || i != -1 {
		t.Errorf("%v, %v", i, err)
	}
	for j, wire := range []Wire{Fixed32, Fixed64, Varint} {
		tag := protowire.SizeTag(1)
		value := [][]byte{one[:5], one[5:14], one[14:]}[j][tag:]
		packed := protowire.AppendBytes(protowire.AppendTag(nil, 1, Bytes), bytes.Repeat(value, 3))
		var got []uint64
		err := all(t, packed)[0].Each(wire, func(v uint64) error {
			got = append(got, v)
			return nil
		})
		if v := list[j].Value; err != nil || !slices.Equal(got, []uint64{v, v, v}) {
			t.Errorf("wire type %d packed: %x, %v, want %x", wire, got, err, v)
		}
	}
}

// TestFloats reads floats one by one and packed into one list.
func TestFloats(t *testing.T) {
	var got []float32
	for _, f := range all(t, []byte("\x0d\x00\x00\x20\x40"+"\x0a\x08\x00\x00\x80\x3f\x00\x00\x00\xc0"+"\x0a\x00"+"\x0d\x00\x00\x80\x7f")) {
		if err := f.Floats(&got); err != nil {
			t.Error(err)
		}
	}
	if want := []float32{2.5, 1, -2, float32(math.Inf(1))}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestShared asks that bytes stay where they are.
func TestShared(t *testing.T) {
	file := []byte("\x0a\x04\x12\x02ab")
	var data []byte
	err := all(t, file)[0].Fields(func(f Field) error { return f.Data(&data) })
	if err != nil || string(data) != "ab" || &data[0] != &file[4] {
		t.Errorf("%q, %v", data, err)
	}
}

// TestGroup passes over groups, which may lie in each other.
func TestGroup(t *testing.T) {
	list := all(t, []byte("\x0b\x10\x01\x1b\x22\x01x\x1c\x0c"+"\x28\x07"))
	if len(list) != 2 || list[0].Wire != Group || list[0].Number != 1 || list[1].At != 9 || list[1].Value != 7 {
		t.Errorf("%+v", list)
	}
}

func TestRefused(t *testing.T) {
	deep := []byte{}
	for range 11 {
		deep = protowire.AppendBytes(protowire.AppendTag(nil, 1, Bytes), deep)
	}
	var into func(Field) error
	into = func(f Field) error { return f.Fields(into) }
	skip := func(Field) error { return nil }
	var i int64
	var x float32
	var s string
	var b []byte
	for name, c := range map[string]struct {
		file string
		f    func(Field) error
		at   int64
		want string
	}{
		"no tag":               {"\x08\x01\x80", skip, 2, "cut off"},
		"field 0":              {"\x08\x01\x00\x01", skip, 2, "no protobuf"},
		"a varint cut off":     {"\x08\x01\x08\x80", skip, 2, "field 1 is cut off"},
		"11 bytes of varint":   {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", skip, 0, "field 1 is cut off"},
		"bytes cut off":        {"\x12\x03ab", skip, 0, "field 2 is cut off"},
		"2^63 bytes":           {"\x12\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01ab", skip, 0, "field 2 is cut off"},
		"four bytes cut off":   {"\x0d\x01\x02\x03", skip, 0, "field 1 is cut off"},
		"eight bytes cut off":  {"\x09\x01\x02\x03\x04\x05\x06\x07", skip, 0, "field 1 is cut off"},
		"a group without end":  {"\x0b\x10\x01", skip, 0, "field 1 is cut off"},
		"an end without group": {"\x0c", skip, 0, "field 1 is cut off"},
		"wire type 6":          {"\x0e", skip, 0, "field 1 is cut off"},
		"11 deep":              {string(deep), into, 20, "more than 10 deep"},
		"packed, cut off":      {"\x0a\x03\x01\x02\x80", func(f Field) error { return f.Each(Varint, func(uint64) error { return nil }) }, 4, "field 1 holds numbers"},
		"floats cut off":       {"\x0a\x05\x01\x02\x03\x04\x05", func(f Field) error { return f.Floats(new([]float32)) }, 6, "field 1 holds numbers"},
		"not an integer":       {"\x0a\x00", func(f Field) error { return f.Int(&i) }, 0, "an integer"},
		"not a float":          {"\x08\x00", func(f Field) error { return f.Float(&x) }, 0, "a float"},
		"not bytes":            {"\x08\x00", func(f Field) error { return f.Data(&b) }, 0, "bytes"},
		"not a text":           {"\x08\x00", func(f Field) error { return f.Text(&s) }, 0, "a text"},
		"not a message":        {"\x08\x00", into, 0, "a message"},
		"not floats":           {"\x08\x00", func(f Field) error { return f.Each(Fixed32, nil) }, 0, "numbers"},
	} {
		err := File([]byte(c.file), 10).Fields(c.f)
		var e *Error
		if !errors.As(err, &e) || e.At != c.at || !strings.Contains(e.Reason, c.want) {
			t.Errorf("%s: %v, want byte %d: …%s…", name, err, c.at, c.want)
		}
	}
	if err := File(deep, 11).Fields(into); err != nil {
		t.Errorf("11 deep where as many are allowed: %v", err)
	}
	stop := errors.New("stop")
	n := 0
	err := File([]byte("\x08\x01\x08\x02"), 1).Fields(func(Field) error { n++; return stop })
	if n != 1 || err != stop {
		t.Errorf("%d fields after an error, %v", n, err)
	}
}

// FuzzFields reads any file as messages within messages: each field lies where it
// says, and a file is refused where protowire refuses it.
func FuzzFields(f *testing.F) {
	f.Add([]byte("\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01\x32\x06\x03\x8e\x02\x9e\xa7\x05"))
	f.Add([]byte("\x0b\x10\x01\x1b\x22\x01x\x1c\x0c\x28\x07\x0d\x00\x00\x20\x40"))
	f.Fuzz(func(t *testing.T, file []byte) {
		end := int64(0)
		err := File(file, 3).Fields(func(x Field) error {
			num, wire, n := protowire.ConsumeField(file[x.At:])
			if x.At != end || int32(num) != x.Number || wire != x.Wire {
				t.Fatalf("field %d of wire type %d at %d, want %d of %d at %d", x.Number, x.Wire, x.At, num, wire, end)
			}
			end += int64(n)
			for _, wire := range []Wire{Varint, Fixed32, Fixed64} {
				_ = x.Each(wire, func(uint64) error { return nil })
			}
			_ = x.Fields(func(y Field) error {
				if y.At < x.At || int64(len(y.Bytes)) >= end-y.At || !bytes.HasPrefix(file[end-int64(len(x.Bytes)):end], x.Bytes) {
					t.Fatalf("a field of %d bytes at %d within one from %d to %d", len(y.Bytes), y.At, x.At, end)
				}
				return nil
			})
			return nil
		})
		if _, _, n := protowire.ConsumeField(file[end:]); (err == nil) != (end == int64(len(file))) || err != nil && n >= 0 {
			t.Fatalf("%v at %d of %d, where protowire reads %d", err, end, len(file), n)
		}
	})
}
