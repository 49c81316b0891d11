package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

var badPickles = map[string]struct {
	in     string
	offset int64
	op     string
	want   string
}{
	"empty":                {"", 0, "", "ends without STOP"},
	"no stop":              {"N", 1, "", "ends without STOP"},
	"no opcode":            {"N\xff", 1, "", "0xff is no opcode"},
	"gzip":                 {"\x1f\x8b\x08", 0, "", "gzip"},
	"stop with nothing":    {".", 0, "STOP", "0 values"},
	"stop with two":        {"NN.", 2, "STOP", "2 values"},
	"stop with a mark":     {"N(.", 2, "STOP", "1 marks"},
	"protocol 6":           {"\x80\x06N.", 0, "PROTO", "protocol 6"},
	"frame":                {"\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00N.", 2, "FRAME", "frame of 255 bytes, 2 are left"},
	"frame of 2^63":        {"\x95\x00\x00\x00\x00\x00\x00\x00\x80N.", 0, "FRAME", "2 are left"},
	"pop":                  {"0", 0, "POP", "needs 1 values"},
	"pop below a mark":     {"N(a", 2, "APPEND", "needs 1 values on the stack, there are 0"},
	"no mark":              {"Nt.", 1, "TUPLE", "no MARK"},
	"get":                  {"h\x07.", 0, "BINGET", "nothing was put under 7"},
	"get text":             {"gx\n.", 0, "GET", "invalid syntax"},
	"get negative":         {"g-1\n.", 0, "GET", "index -1"},
	"put nothing":          {"q\x00", 0, "BINPUT", "needs a value"},
	"line":                 {"I12", 0, "INT", "a line without end"},
	"int":                  {"I1x\n.", 0, "INT", "no integer"},
	"int with _":           {"I1_0\n.", 0, "INT", "no integer"},
	"digits":               {"L" + strings.Repeat("9", 700) + "L\n.", 0, "LONG", "700 digits"},
	"long of 2^31":         {"\x8b\xff\xff\xff\x7f.", 0, "LONG4", "an integer of 2147483647 bytes"},
	"float":                {"F1.2.3\n.", 0, "FLOAT", "no number"},
	"short float":          {"G1234", 0, "BINFLOAT", "wants 8 bytes, 4 are left"},
	"bytes of 2^64":        {"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", 0, "BINBYTES8", "1 are left"},
	"text of 2^32":         {"X\xff\xff\xff\xffabc.", 0, "BINUNICODE", "4 are left"},
	"negative string":      {"T\xff\xff\xff\xffabc.", 0, "BINSTRING", "4 are left"},
	"not UTF-8":            {"X\x01\x00\x00\x00\xff.", 0, "BINUNICODE", "UTF-8"},
	"surrogate":            {"V\\ud800\n.", 0, "UNICODE", "no character"},
	"not quoted":           {"Sabc\n.", 0, "STRING", "not quoted"},
	"half quoted":          {"S'\n.", 0, "STRING", "not quoted"},
	"backslash":            {"S'\\'\n.", 0, "STRING", "backslash"},
	"escape":               {"S'\\xg0'\n.", 0, "STRING", "hexadecimal"},
	"list as key":          {"}]Ns.", 3, "SETITEM", "a list as key"},
	"list in a key":        {"}]\x85Ns.", 4, "SETITEM", "a list as key"},
	"odd pairs":            {"}(Nu.", 3, "SETITEMS", "1 values"},
	"append to a dict":     {"}Na.", 2, "APPEND", "appends to dict"},
	"item of a list":       {"]NNs.", 3, "SETITEM", "items of list"},
	"add to a list":        {"](N\x90.", 3, "ADDITEMS", "adds to list"},
	"state of a list":      {"]Nb.", 2, "BUILD", "state of list"},
	"arguments":            {"cm\nf\nNR.", 6, "REDUCE", "arguments that are a None"},
	"OBJ of nothing":       {"(o.", 1, "OBJ", "no class"},
	"stack global":         {"NN\x93.", 2, "STACK_GLOBAL", "wanted texts"},
	"extension":            {"\x82\x01.", 0, "EXT1", "extension registry"},
	"out of band":          {"\x80\x05\x97.", 2, "NEXT_BUFFER", "outside the pickle"},
	"read-only":            {"\x80\x05N\x98.", 3, "READONLY_BUFFER", "outside the pickle"},
	"long name":            {"c" + strings.Repeat("m", 2000) + "\nf\n.", 0, "GLOBAL", "a name of 2000"},
	"encoding":             {"c_codecs\nencode\n(Vx\nVrot13\ntR.", 28, "REDUCE", "rot13"},
	"not Latin-1":          {"c_codecs\nencode\n(V\\u4e00\nVlatin1\ntR.", 34, "REDUCE", "not in Latin-1"},
	"pairs of OrderedDict": {"ccollections\nOrderedDict\n((NltR.", 30, "REDUCE", "no pair"},
	"array state":          {"cnumpy.core.multiarray\n_reconstruct\n(NNNtRNb.", 43, "BUILD", "the state of an array is a None"},
}

// TestBadPicklesAreRefused: the place, the opcode and the reason.
func TestBadPicklesAreRefused(t *testing.T) {
	for name, c := range badPickles {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read([]byte(c.in), Options{Builders: Numpy()})
			var e *FormatError
			if !errors.As(err, &e) {
				t.Fatalf("error = %v", err)
			}
			if e.Offset != c.offset || e.Op != c.op || !strings.Contains(e.Reason, c.want) {
				t.Errorf("%v; want byte %d: %s: %s", e, c.offset, c.op, c.want)
			}
		})
	}
}

// callBombs is pickles whose calls look at much that is there once.
func callBombs() map[string]string {
	pair, pairs := "NN\x86q\x01", "]q\x02("+strings.Repeat("h\x01", 100_000)+"e0"
	ordered, set := "ccollections\nOrderedDict\nq\x00", "cbuiltins\nset\nq\x00"
	calls := "(" + strings.Repeat("h\x00h\x02\x85R", 3_000) + "l."
	long := "X\xa0\x0f\x00\x00" + strings.Repeat("k", 4000) + "q\x01"
	var keyed strings.Builder
	for i := range 50_000 { // ((long, i), None)
		keyed.WriteString("h\x01J" + string(binary.LittleEndian.AppendUint32(nil, uint32(i))) + "\x86N\x86")
	}
	return map[string]string{
		"one pair":  pair + "0" + ordered + pairs + calls,
		"one item":  pair + "0" + set + pairs + calls,
		"long keys": long + "0" + ordered + "](" + keyed.String() + "e\x85R.",
	}
}

// TestBombsAreBounded: pickles that ask for much by little fail, or not, with
// memory in proportion to their size and in short time.
func TestBombsAreBounded(t *testing.T) {
	index := func(op byte, i int) string {
		return string(binary.LittleEndian.AppendUint32([]byte{op}, uint32(i)))
	}
	var puts, laughs, keys, copies strings.Builder
	puts.WriteString("N")
	laughs.WriteString("(]r\x00\x00\x00\x00")
	for i := range 200_000 {
		puts.WriteString(index('r', 1<<31+i*8191))
	}
	for i := range 250 { // each list holds the one before it ten times
		fmt.Fprintf(&laughs, "](%se%s", strings.Repeat(index('j', i), 10), index('r', i+1))
	}
	key := "X\x00\x10\x00\x00" + strings.Repeat("k", 4096)
	keys.WriteString("}" + key + "q\x00Ns" + strings.Repeat("h\x00Ns", 1_000_000))
	copies.WriteString("(c_codecs\nencode\nq\x00X\x00\x00\x10\x00" + strings.Repeat("k", 1<<20) + "Vlatin1\n\x86q\x01" + strings.Repeat("h\x00h\x01R", 100_000))
	bombs := callBombs()
	maps.Copy(bombs, map[string]string{
		"memo":              puts.String() + ".",
		"laughs":            laughs.String() + "l.",
		"lists":             strings.Repeat("]", 3_000_000) + ".",
		"nested lists":      strings.Repeat("]", 500_000) + strings.Repeat("a", 499_999) + ".",
		"marks":             strings.Repeat("(", 3_000_000) + ".",
		"dicts":             strings.Repeat("}", 2_000_000) + ".",
		"dup":               "N" + strings.Repeat("2", 5_000_000) + ".",
		"keys":              keys.String(),
		"copies":            copies.String() + "l.",
		"nested tuples key": "}" + "N" + strings.Repeat("\x85", 1_000_000) + "Ns.",
		"wide tuple key":    "}()" + strings.Repeat("2", 400_000) + "tNs.",
		"persistent ids":    "N" + strings.Repeat("Q", 1_000_000) + ".",
		"states":            "cm\nf\n)R" + strings.Repeat("(Nlb", 500_000) + ".",
	})
	for name, in := range bombs {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			v, _, err := Read([]byte(in), Options{})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			n := after.TotalAlloc - before.TotalAlloc
			if limit := 4*uint64(len(in)) + 64<<20; n > limit {
				t.Errorf("%d bytes allocated for %d, limit %d", n, len(in), limit)
			}
			if took > 2*time.Second {
				t.Errorf("%v", took)
			}
			visits := 0
			Walk(v, func(*Place, any) bool { visits++; return true })
			t.Logf("%d bytes: %v, %d allocated, %d visits, error %.80v", len(in), took, n, visits, err)
		})
	}
}

// TestTruncated cuts each sample at every byte: an error, never a panic.
func TestTruncated(t *testing.T) {
	for p := range 6 {
		data, err := os.ReadFile(fmt.Sprintf("testdata/values.p%d.pkl", p))
		if err != nil {
			t.Fatal(err)
		}
		step := max(1, len(data)/2000)
		for n := 0; n < len(data); n += step {
			if _, _, err := Read(data[:n], Options{Builders: Numpy()}); err == nil {
				t.Fatalf("protocol %d: %d of %d bytes are accepted", p, n, len(data))
			}
		}
	}
}

// FuzzRead: nothing panics, and what is accepted can be walked, strictly read or
// refused, and its arrays made into tensors or refused.
func FuzzRead(f *testing.F) {
	for p := range 6 {
		data, err := os.ReadFile(fmt.Sprintf("testdata/values.p%d.pkl", p))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("cos\nsystem\n(X\x02\x00\x00\x00lstR."))
	f.Add([]byte("(lp0\ng0\na."))
	f.Add([]byte("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R."))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, n, err := Read(data, Options{Builders: Numpy()})
		if err != nil {
			var e *FormatError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > int64(len(data)) {
				t.Fatalf("%v", err)
			}
			return
		}
		if n < 1 || n > len(data) || data[n-1] != '.' {
			t.Fatalf("%d bytes", n)
		}
		Walk(v, func(at *Place, v any) bool {
			if a, ok := v.(*NDArray); ok {
				x, err := a.Tensor()
				if err == nil && len(x.Bytes()) > len(data) {
					t.Fatalf("%v from %d bytes", x.Type(), len(data))
				}
			}
			_ = at.Path()
			return at.Depth < 100
		})
		if _, _, err := Read(data, Options{Strict: true}); err == nil {
			return
		}
	})
}
