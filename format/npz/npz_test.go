package npz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/tensor"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// counting is the array [2 3 4] whose element [i j k] is 100i + 10j + k, of
// bools whether that is odd.
func counting(d tensor.DType) tensor.Tensor {
	w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(2, 3, 4)})
	for n := range 24 {
		v := 100*(n/12) + 10*(n/4%3) + n%4
		switch {
		case w.F != nil:
			w.F[n] = float64(v)
		case d == tensor.Bool:
			w.I[n] = int64(v % 2)
		default:
			w.I[n] = int64(v)
		}
	}
	return w.Narrow()
}

var types = map[string]tensor.DType{
	"b1": tensor.Bool, "i1": tensor.Int8, "i2": tensor.Int16, "i4": tensor.Int32, "i8": tensor.Int64,
	"u1": tensor.Uint8, "u2": tensor.Uint16, "u4": tensor.Uint32, "u8": tensor.Uint64,
	"f2": tensor.Float16, "f4": tensor.Float32, "f8": tensor.Float64,
}

func same(a, b tensor.Tensor) error {
	if a.Type() != b.Type() || !bytes.Equal(a.Bytes(), b.Bytes()) {
		return fmt.Errorf("%v is not %v", a.Type(), b.Type())
	}
	return nil
}

// TestFilesOfNumPy reads archives that NumPy wrote (testdata/numpy_files.py):
// every element type, both byte orders, C and Fortran order, stored and deflated.
func TestFilesOfNumPy(t *testing.T) {
	for _, file := range []string{"stored.npz", "deflated.npz"} {
		all, err := Open("testdata/"+file, Limits{})
		if err != nil || len(all) != 44 {
			t.Fatal(len(all), err)
		}
		for _, a := range all {
			_, name, _ := strings.Cut(a.Name, "/")
			switch d, counts := types[strings.TrimRight(name, "CF")]; {
			case counts:
				if err := same(a.Tensor, counting(d)); err != nil {
					t.Errorf("%s: %s: %v", file, a.Name, err)
				}
			case a.Name == "conv/kernel:0":
				if err := same(a.Tensor, tensor.Scalar(float32(0.5))); err != nil {
					t.Error(err)
				}
			case a.Name != "빈 배열" || a.Tensor.Type() != (tensor.Type{DType: tensor.Int16, Shape: tensor.Dims(3, 0, 2)}):
				t.Errorf("%s: %q is %v", file, a.Name, a.Tensor.Type())
			}
		}
	}
	for _, file := range []string{"v2.npy", "v3.npy"} {
		x, err := OpenArray("testdata/"+file, Limits{})
		if err != nil || same(x, counting(tensor.Float32)) != nil {
			t.Errorf("%s: %v, %v", file, x.Type(), err)
		}
	}
}

// TestWrittenIsWhatNumPyRead: the golden file was read back by NumPy, which
// testdata/numpy_files.py asks it to do.
func TestWrittenIsWhatNumPyRead(t *testing.T) {
	var all []Named
	for _, name := range strings.Fields("b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8") {
		all = append(all, Named{name, counting(types[name])})
	}
	all = append(all, Named{"a/scalar", tensor.Scalar(math.Pi)}, Named{"empty", tensor.New(tensor.F32(3, 0, 2))})
	var b bytes.Buffer
	if err := Write(&b, all); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/written.npz", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/written.npz")
	if err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%d bytes are not the %d of the golden file, %v", b.Len(), len(want), err)
	}
}

// TestWhatIsWrittenIsRead with random arrays and names.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfDistinct(rapid.StringMatching(`[a-z0-9_.]{1,4}[a-z](/[a-z:]{2,5})?`), rapid.ID).Draw(t, "names")
		var in []Named
		for _, name := range names {
			d := types[rapid.SampledFrom(strings.Fields("b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8")).Draw(t, "type")]
			dims := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 4).Draw(t, "dims")
			x := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
			for k := range x.Bytes() {
				x.Bytes()[k] = rapid.Byte().Draw(t, "byte") & 1
			}
			in = append(in, Named{name, x})
		}
		var b bytes.Buffer
		if err := Write(&b, in); err != nil {
			t.Fatal(err)
		}
		out, err := Read(bytes.NewReader(b.Bytes()), int64(b.Len()), Limits{})
		if err != nil || len(out) != len(in) {
			t.Fatal(len(out), err)
		}
		for i, a := range out {
			if err := same(a.Tensor, in[i].Tensor); err != nil || a.Name != in[i].Name {
				t.Fatalf("%q comes back as %q: %v", in[i].Name, a.Name, err)
			}
			b.Reset()
			if err := WriteArray(&b, a.Tensor); err != nil {
				t.Fatal(err)
			}
			x, err := ReadArray(bytes.NewReader(b.Bytes()), int64(b.Len()), Limits{})
			if err != nil || same(x, a.Tensor) != nil {
				t.Fatal(x.Type(), err)
			}
		}
	})
}

// npy is a version 1 file with that descr and shape and n zero bytes.
func npy(descr, shape string, n int) string {
	h := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }", descr, shape)
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(h)))) + h + strings.Repeat("\x00", n)
}

// TestLyingArraysAreRefused: case 3 of the shapes that overflow, and elements
// that are no numbers. Nothing is allocated for what is not there.
func TestLyingArraysAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"2^32 squared": {npy("'|i1'", "(4294967296, 4294967296)", 0), "too many"},
		"wraps to 16":  {npy("'<f4'", "(4194305, 4194305, 211106198978564)", 16), "too many"},
		"negative":     {npy("'<f4'", "(-1,)", 4), "size of the shape"},
		"17 axes":      {npy("'<f4'", "("+strings.Repeat("1,", 17)+")", 4), "more than 8 axes"},
		"1 TiB":        {npy("'<f4'", "(274877906944,)", 4), "takes 1099511627776 bytes, the file has 4"},
		"cut":          {npy("'<f4'", "(2,)", 7), "takes 8 bytes, the file has 7"},
		"too much":     {npy("'<f4'", "(2,)", 9), "1 bytes after the last element"},
		"texts":        {npy("'<U5'", "(1,)", 20), `texts ("<U5")`},
		"bytes":        {npy("'|S5'", "(1,)", 5), `texts ("|S5")`},
		"objects":      {npy("'|O'", "(1,)", 5), "Python objects"},
		"structures":   {npy("[('a', '<f4')]", "(1,)", 4), "structured type"},
		"times":        {npy("'<M8[ns]'", "(1,)", 8), `element type "<M8[ns]" is not read`},
		"bool of 2":    {npy("'|b1'", "(1,)", 0) + "\x02", "a bool of value 2"},
		"nothing":      {"", "the data ends after 0"},
		"an archive":   {"PK\x03\x04aaaaaaaaaa", "no npy file"},
	} {
		t.Run(name, func(t *testing.T) {
			n := allocated(func() {
				_, err := ReadArray(strings.NewReader(c.file), int64(len(c.file)), Limits{})
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "npy: byte ") {
					t.Errorf("error = %v, want %q in it", err, c.want)
				}
			})
			if n > 1<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// archive is a zip file of name and body in turn; names that begin with "=" are
// stored, the others deflated.
func archive(t testing.TB, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		name, stored := strings.CutPrefix(entries[i], "=")
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if stored {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// directory changes a field of width bytes, at an offset of the first entry of
// the archive's directory.
func directory(b []byte, offset, width int, v uint64) []byte {
	b = bytes.Clone(b)
	at := bytes.Index(b, []byte("PK\x01\x02")) + offset
	for i := range width {
		b[at+i] = byte(v >> (8 * i))
	}
	return b
}

// TestHostileArchivesAreRefusedWhole: case 8, as far as an archive of arrays can
// have it. package media has the same tests for archives in general.
func TestHostileArchivesAreRefusedWhole(t *testing.T) {
	one := npy("'<f4'", "(1,)", 4)
	good := archive(t, "=good.npy", one)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"up":             {archive(t, "good.npy", one, "../x.npy", one), "leads outside"},
		"absolute":       {archive(t, "good.npy", one, "/x.npy", one), "leads outside"},
		"drive":          {archive(t, "good.npy", one, `C:\x.npy`, one), "leads outside"},
		"drive alone":    {archive(t, "good.npy", one, `C:x.npy`, one), "leads outside"},
		"case twins":     {archive(t, "good.npy", one, "GOOD.npy", one), "up to case"},
		"twins":          {archive(t, "good.npy", one, "good.npy", one), "up to case"},
		"no array":       {archive(t, "good.npy", one, "code.py", "import os"), `"code.py" is no .npy file`},
		"a folder":       {archive(t, "a/", ""), "no .npy file"},
		"zeros":          {archive(t, "zeros.npy", npy("'|u1'", "(8388608,)", 8<<20)), "more than 200 to 1"},
		"objects inside": {archive(t, "o.npy", npy("'|O'", "(1,)", 9)), "npz: o.npy: npy: byte 24: the elements are Python objects"},
		"not what it is": {archive(t, "a.npy", "GIF89a..."), "no npy file"},
		"too long":       {archive(t, "a.npy", one+"x"), "1 bytes after the last element"},
		"too short":      {archive(t, "a.npy", npy("'<f4'", "(9,)", 4)), "takes 36 bytes, the file has 4"},
		"stored, larger": {directory(good, 24, 4, 900_000), "is stored, but has"},
		"claims 4 GiB":   {directory(archive(t, "good.npy", one), 24, 4, 0xfffffffe), "more than 200 to 1"},
		"claims 1 MB":    {directory(archive(t, "good.npy", npy("'|u1'", "(999900,)", 4)), 24, 4, 999_900), "npz: good.npy"},
		"encrypted":      {directory(good, 8, 2, 1), "is encrypted"},
		"unknown method": {directory(good, 10, 2, 99), "unsupported compression"},
		"wrong checksum": {directory(good, 16, 4, 12345), "checksum"},
		"no archive":     {[]byte(one), "no zip file"},
		"nothing":        {nil, "no zip file"},
	} {
		t.Run(name, func(t *testing.T) {
			n := allocated(func() {
				_, err := Read(bytes.NewReader(c.file), int64(len(c.file)), Limits{})
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error = %v, want %q in it", err, c.want)
				}
			})
			if n > 4<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
	if all, err := Read(bytes.NewReader(good), int64(len(good)), Limits{Bytes: 1 << 10}); err != nil || len(all) != 1 {
		t.Error(len(all), err)
	}
	for _, l := range []Limits{{Bytes: 100}, {Entries: 1}} {
		b := archive(t, "a.npy", one, "b.npy", one)
		if _, err := Read(bytes.NewReader(b), int64(len(b)), l); err == nil || !strings.Contains(err.Error(), "limit of") {
			t.Errorf("%+v: error = %v", l, err)
		}
	}
}

// TestCutFilesAreErrors cuts archives and arrays at every byte.
func TestCutFilesAreErrors(t *testing.T) {
	for _, file := range []string{"stored.npz", "deflated.npz", "v2.npy"} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(b); n += max(1, len(b)/2000) {
			if filepath.Ext(file) == ".npy" {
				_, err = ReadArray(bytes.NewReader(b), int64(n), Limits{})
			} else {
				_, err = Read(bytes.NewReader(b[:n]), int64(n), Limits{})
			}
			if err == nil || !strings.Contains(err.Error(), "byte ") {
				t.Fatalf("%s: cut to %d of %d bytes: %v", file, n, len(b), err)
			}
		}
	}
}

// TestWriteRefuses names that no archive may have, and types that NumPy lacks.
func TestWriteRefuses(t *testing.T) {
	x := tensor.Scalar(int32(1))
	for name, all := range map[string][]Named{
		"cannot stand": {{"/model/out", x}}, "up to case": {{"a", x}, {"A", x}}, "has no bfloat16": {{"b", tensor.New(tensor.Type{DType: tensor.BFloat16})}},
	} {
		if err := Write(new(bytes.Buffer), all); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error = %v, want %q in it", err, name)
		}
	}
}

// TestOpenNamesTheFile so that a person knows which.
func TestOpenNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.npz")
	if err := os.WriteFile(path, []byte("1234"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path, Limits{})
	_, array := OpenArray(path, Limits{})
	for _, err := range []error{err, array} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error = %v", err)
		}
	}
}

// FuzzRead: what is accepted can be written and comes back.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"written.npz", "deflated.npz"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(archive(f, "=a.npy", npy("'<f4'", "(1,)", 4), "b/c.npy", npy("'>i2'", "(2, 1)", 4)))
	l := Limits{Bytes: 16 << 20, Entries: 1000}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := Read(bytes.NewReader(b), int64(len(b)), l)
		if err != nil {
			return
		}
		var w bytes.Buffer
		if err := Write(&w, all); err != nil {
			t.Fatal(err)
		}
		again, err := Read(bytes.NewReader(w.Bytes()), int64(w.Len()), l)
		if err != nil || len(again) != len(all) {
			t.Fatal(len(again), err)
		}
		for i := range all {
			if err := same(all[i].Tensor, again[i].Tensor); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzReadArray is FuzzRead for single arrays.
func FuzzReadArray(f *testing.F) {
	b, err := os.ReadFile("testdata/v2.npy")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(npy("'>i2'", "(2, 1)", 4)))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ReadArray(bytes.NewReader(b), int64(len(b)), Limits{})
		if err != nil {
			return
		}
		var w bytes.Buffer
		if err := WriteArray(&w, x); err != nil {
			t.Fatal(err)
		}
		y, err := ReadArray(bytes.NewReader(w.Bytes()), int64(w.Len()), Limits{})
		if err != nil || same(x, y) != nil {
			t.Fatal(y.Type(), err)
		}
	})
}
