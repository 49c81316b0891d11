package pickle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// describe is a value as testdata/generate.py describes it.
func describe(t *testing.T, v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case int64:
		return strconv.FormatInt(v, 10)
	case *big.Int:
		return v.String()
	case float64:
		return fmt.Sprintf("%016x", math.Float64bits(v))
	case string:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(b.String())
	case Bytes:
		return fmt.Sprintf("x%x", string(v))
	case Global:
		return "<" + v.String() + ">"
	case *List:
		return "[" + join(t, v.Items) + "]"
	case *Tuple:
		return "(" + join(t, v.Items) + ")"
	case *Set:
		return "set(" + join(t, v.Items()) + ")"
	case *Dict:
		return pairs(t, v)
	case *NDArray:
		return array(t, v)
	case *Object:
		return object2text(t, v)
	}
	t.Fatalf("a value of %T", v)
	return ""
}

func join(t *testing.T, items []any) string {
	var parts []string
	for _, v := range items {
		parts = append(parts, describe(t, v))
	}
	return strings.Join(parts, ", ")
}

func pairs(t *testing.T, d *Dict) string {
	var parts []string
	for k, v := range d.All() {
		parts = append(parts, describe(t, k)+": "+describe(t, v))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func array(t *testing.T, a *NDArray) string {
	x, err := a.Tensor()
	if err != nil {
		t.Fatal(err)
	}
	w, parts := tensor.Widen(x), []string{}
	for i := range x.Shape().Size() {
		v := 0.0
		if w.F != nil {
			v = w.F[i]
		} else {
			v = float64(w.I[i])
		}
		parts = append(parts, fmt.Sprintf("%016x", math.Float64bits(v)))
	}
	return fmt.Sprintf("array %v %v %s", x.DType(), a.Shape, strings.Join(parts, " "))
}

func object2text(t *testing.T, o *Object) string {
	var parts []string
	for _, d := range o.States() {
		for k, v := range d.All() {
			name, _ := Text(k)
			parts = append(parts, name+": "+describe(t, v))
		}
	}
	switch o.Class.Name {
	case "Stack":
		return "Stack[" + join(t, o.Items) + "]"
	case "Table":
		return "Table" + pairs(t, o.Pairs)
	case "complex": // by protocols that have no other way
		return "complex" + describe(t, o.Args)
	}
	return o.Class.Name + "{" + strings.Join(parts, ", ") + "}"
}

// TestValuesOfEachProtocol: CPython wrote the same values in protocols 0 to 5,
// and says what they are.
func TestValuesOfEachProtocol(t *testing.T) {
	text, err := os.ReadFile("testdata/values.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	for p := range 6 {
		data, err := os.ReadFile(fmt.Sprintf("testdata/values.p%d.pkl", p))
		if err != nil {
			t.Fatal(err)
		}
		v, n, err := Read(data, Options{Builders: Numpy()})
		if err != nil || n != len(data) {
			t.Fatalf("protocol %d: %d of %d bytes, %v", p, n, len(data), err)
		}
		items := v.(*List).Items
		if min := len(want) - 1; len(items) < min {
			t.Fatalf("protocol %d: %d values, want %d", p, len(items), min)
		}
		for i, v := range items {
			if got := describe(t, v); got != want[i] {
				t.Errorf("protocol %d, value %d: %.200s, want %.200s", p, i, got, want[i])
			}
		}
	}
}

// TestStringsOfPython2 are bytes, with the escapes that Python 2's repr writes.
func TestStringsOfPython2(t *testing.T) {
	for in, want := range map[string]string{
		"S'plain'\n.":                 "plain",
		`S"it's"` + "\n.":             "it's",
		`S'\x00\xff\\\'\n\t'` + "\n.": "\x00\xff\\'\n\t",
		`S'\101\7z\q'` + "\n.":        "A\x07z\\q",
		"U\x03abc.":                   "abc",
		"T\x03\x00\x00\x00abc.":       "abc",
		"S''\n.":                      "",
	} {
		v, _, err := Read([]byte(in), Options{})
		if err != nil || v != Bytes(want) {
			t.Errorf("%q: %q, %v", in, v, err)
		}
	}
}

// TestTextsOfProtocol0 are what CPython reads: of two backslashes the second begins
// no escape.
func TestTextsOfProtocol0(t *testing.T) {
	for in, want := range map[string]string{
		`\\u0041`: `\\u0041`, `\\\u0041`: `\\A`, `\\`: `\\`, `\x`: `\x`, `a\\U00000041b`: `a\\U00000041b`, `\`: `\`, "\xe9\\u00e9": "éé",
	} {
		v, _, err := Read([]byte("V"+in+"\n."), Options{})
		if err != nil || v != want {
			t.Errorf("%q: %q, %v; want %q", in, v, err, want)
		}
	}
}

// TestCyclesAreKept: a list that holds itself, and an object whose attribute is
// the object, can be walked.
func TestCyclesAreKept(t *testing.T) {
	v, _, err := Read([]byte("(lp0\ng0\na."), Options{})
	if l, ok := v.(*List); err != nil || !ok || l.Items[0] != v {
		t.Fatalf("%v, %v", v, err)
	}
	v, _, err = Read([]byte("\x80\x02cm\nC\n)\x81q\x00}X\x04\x00\x00\x00selfh\x00sb."), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if self, ok := v.(*Object).Attr("self"); !ok || self != v {
		t.Errorf("%v", self)
	}
	visits := 0
	Walk(v, func(*Place, any) bool { visits++; return true })
	if visits != 1 { // the object, once
		t.Errorf("%d visits", visits)
	}
}

// TestCallsAreInert: what Python would run becomes a record, in each of the
// ways to call.
func TestCallsAreInert(t *testing.T) {
	for name, in := range map[string]string{
		"REDUCE":     "cos\nsystem\n(X\x02\x00\x00\x00lstR.",
		"STACK":      "\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.",
		"INST":       "(X\x02\x00\x00\x00lsios\nsystem\n.",
		"OBJ":        "(cos\nsystem\nX\x02\x00\x00\x00lso.",
		"NEWOBJ":     "cos\nsystem\n(X\x02\x00\x00\x00lst\x81.",
		"NEWOBJ_EX":  "cos\nsystem\n(X\x02\x00\x00\x00lst}\x92.",
		"__newobj__": "ccopyreg\n__newobj__\n(cos\nsystem\nX\x02\x00\x00\x00lstR.",
	} {
		v, _, err := Read([]byte(in), Options{})
		o, ok := v.(*Object)
		if err != nil || !ok || o.Class != (Global{"os", "system"}) || len(o.Args.Items) != 1 || o.Args.Items[0] != "ls" {
			t.Errorf("%s: %v, %v", name, v, err)
		}
		_, _, err = Read([]byte(in), Options{Strict: true, Advice: "do this instead"})
		if err == nil || !strings.Contains(err.Error(), `"os.system"`) || !strings.Contains(err.Error(), "do this instead") {
			t.Errorf("%s, strict: %v", name, err)
		}
	}
}

// TestAllowedFunctionsAreCalled, with the error of a function kept.
func TestAllowedFunctionsAreCalled(t *testing.T) {
	o := Options{Strict: true, Builders: map[string]Build{
		"m double": func(args []any) (any, error) {
			n, ok := args[0].(int64)
			if !ok {
				return nil, os.ErrInvalid
			}
			return 2 * n, nil
		},
		"m name": nil,
	}, Persistent: func(id any) (any, error) { return &Tuple{[]any{id}}, nil }}
	v, _, err := Read([]byte("cm\ndouble\n(I21\ntR."), o)
	if v != int64(42) || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	_, _, err = Read([]byte("cm\ndouble\n(NtR."), o)
	if err == nil || !strings.Contains(err.Error(), "byte 13: REDUCE: m.double: invalid argument") {
		t.Errorf("%v", err)
	}
	if v, _, err = Read([]byte("cm\nname\n."), o); v != (Global{"m", "name"}) || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	if _, _, err = Read([]byte("cm\nname\n)R."), o); err == nil {
		t.Error("a name that must not be called is called")
	}
	v, _, err = Read([]byte("Pkey\n."), o)
	if got := v.(*Tuple).Items; err != nil || !slices.Equal(got, []any{"key"}) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestKeysAreEqualAsInPython: 1, 1.0 and True are one key, "1" and b"1" are
// others; the first key stays, with the last value.
func TestKeysAreEqualAsInPython(t *testing.T) {
	v, _, err := Read([]byte("}(I1\nI10\nF1.0\nI11\n\x88I12\nX\x01\x00\x00\x001I13\nC\x011I14\n(I1\ntI15\n(F1\ntI16\nNI17\nu."), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := describe(t, v), `{1: 12, "1": 13, x31: 14, (1): 16, None: 17}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	d := v.(*Dict)
	if x, ok := d.Get("1"); !ok || x != int64(13) {
		t.Errorf("%v", x)
	}
}

// TestWalkNamesWhatIsNearest: a value in two places is named by the nearer.
func TestWalkNamesWhatIsNearest(t *testing.T) {
	w := &NDArray{Type: "f4"}
	root := &Dict{}
	deep := &Dict{}
	for _, err := range []error{deep.Set("inner", &List{[]any{w}}), root.Set("a", deep), root.Set(int64(7), w)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	Walk(root, func(at *Place, v any) bool {
		if v == any(w) {
			got = append(got, at.Path())
		}
		return true
	})
	if !slices.Equal(got, []string{"7"}) {
		t.Errorf("%q", got)
	}
}

// scalar is a pickle of a scalar of NumPy of that type and those bytes.
func scalar(code, data string) []byte {
	return []byte("cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(U\x02" + code + "tRU" + string(rune(len(data))) + data + "tR.")
}

// TestNumbersOfScalars: the largest integers of uint64 are no int64, and a byte of 2
// is no bool.
func TestNumbersOfScalars(t *testing.T) {
	for _, c := range []struct {
		code, data string
		want       any // nil where it is no number
		number     bool
	}{
		{"i8", "\xff\xff\xff\xff\xff\xff\xff\xff", int64(-1), true},
		{"u8", "\xff\xff\xff\xff\xff\xff\xff\x7f", int64(math.MaxInt64), true},
		{"u8", "\xff\xff\xff\xff\xff\xff\xff\xff", nil, false},
		{"b1", "\x01", true, true},
		{"b1", "\x02", nil, false},
	} {
		v, _, err := Read(scalar(c.code, c.data), Options{Builders: Numpy()})
		if err != nil {
			t.Fatal(err)
		}
		a := v.(*NDArray)
		if got, ok := a.Number(); ok != c.number || ok && got != c.want {
			t.Errorf("%s %x: %v, %v", c.code, c.data, got, ok)
		}
		if _, err := a.Tensor(); (err != nil) != (c.data == "\x02") {
			t.Errorf("%s %x: %v", c.code, c.data, err)
		}
	}
}

// TestPicklesBehindOneAnother: values in order, errors at their places in all of the
// data, and one bound on memory.
func TestPicklesBehindOneAnother(t *testing.T) {
	list, err := ReadAll([]byte("I1\n.N.I3\n."), Options{})
	if err != nil || !slices.Equal(list, []any{int64(1), nil, int64(3)}) {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := ReadAll(nil, Options{}); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	_, err = ReadAll([]byte("I1\n.N.x."), Options{})
	if err == nil || !strings.Contains(err.Error(), "byte 6: byte 0x78 is no opcode") {
		t.Errorf("%v", err)
	}
	one := strings.Repeat("]", 100) + strings.Repeat("0", 99) + "."
	for n, fits := range map[int]bool{1: true, 20: false} {
		if _, err := ReadAll([]byte(strings.Repeat(one, n)), Options{Memory: 20_000}); (err == nil) != fits {
			t.Errorf("%d pickles: %v", n, err)
		}
	}
}

// TestScalarsOfNumpyAsKeys: equal to the number, as in Python, and named by it;
// arrays are no keys.
func TestScalarsOfNumpyAsKeys(t *testing.T) {
	body := func(code, data string) string { return strings.TrimSuffix(string(scalar(code, data)), ".") }
	seven := body("i8", "\x07\x00\x00\x00\x00\x00\x00\x00")
	v, _, err := Read([]byte("}("+seven+"I1\nI7\nI2\n"+seven+"I3\nu."), Options{Builders: Numpy()})
	if err != nil {
		t.Fatal(err)
	}
	d := v.(*Dict)
	if key, value := d.At(0); d.Len() != 1 || value != int64(3) || KeyName(key, 0) != "7" {
		t.Errorf("%d keys, %v: %v", d.Len(), key, value)
	}
	for _, key := range []string{body("U1", "\x61\x00\x00\x00"), "cnumpy.core.multiarray\n_reconstruct\n(NNNtR"} {
		if _, _, err := Read([]byte("}"+key+"Ns."), Options{Builders: Numpy()}); err == nil || !strings.Contains(err.Error(), "an array of NumPy as key") {
			t.Errorf("%q: %v", key, err)
		}
	}
}
