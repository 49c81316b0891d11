package hdf5

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// samples is the files of testdata, written by testdata/make.py.
var samples = []string{"earliest", "v108", "v110", "latest"}

func unpack(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// golden is what h5py reads from an object.
type golden struct {
	Attrs map[string]goldenArray
	Links []string
	Data  *goldenArray
}

type goldenArray struct {
	Null   bool
	Dims   []uint64
	Text   []string
	Type   string
	Sha256 string
	Values []float64
}

// TestGolden compares whole files with what h5py 3.16 reads from them.
func TestGolden(t *testing.T) {
	var want map[string]map[string]golden
	if err := json.Unmarshal(unpack(t, "golden.json"), &want); err != nil {
		t.Fatal(err)
	}
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			f, err := Parse(unpack(t, name+".h5"), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			root, err := f.Root()
			if err != nil {
				t.Fatal(err)
			}
			if len(want[name]) < 60 {
				t.Fatalf("%d objects in the golden file", len(want[name]))
			}
			for path, g := range want[name] {
				checkObject(t, root, path, g)
			}
		})
	}
}

func checkObject(t *testing.T, root *Group, path string, want golden) {
	t.Helper()
	if want.Links != nil {
		g, err := root.Group(path)
		if err != nil {
			t.Error(err)
			return
		}
		if !slices.Equal(g.Links(), want.Links) {
			t.Errorf("%s: links %q, want %q", path, g.Links(), want.Links)
		}
		checkAttrs(t, &g.object, want.Attrs)
		return
	}
	d, err := root.Dataset(path)
	if err != nil {
		t.Error(err)
		return
	}
	checkAttrs(t, &d.object, want.Attrs)
	if want.Data != nil {
		checkArray(t, path, &d.array, d.Tensor, d.Strings, *want.Data)
	}
}

func checkAttrs(t *testing.T, o *object, want map[string]goldenArray) {
	t.Helper()
	names, err := o.Attrs()
	if err != nil || len(names) != len(want) {
		t.Errorf("%s: attributes %q, %v; want %d", o.path, names, err, len(want))
		return
	}
	for _, name := range names {
		a, err := o.Attr(name)
		if err != nil {
			t.Error(err)
			continue
		}
		checkArray(t, o.path+" "+name, &a.array, a.Tensor, a.Strings, want[name])
	}
}

func checkArray(t *testing.T, path string, a *array, numbers func() (tensor.Tensor, error), text func() ([]string, error), want goldenArray) {
	t.Helper()
	switch {
	case want.Text != nil:
		s, err := text()
		if err != nil || !slices.Equal(s, want.Text) || !slices.Equal(a.Dims(), want.Dims) || !a.IsText() {
			t.Errorf("%s: %v %q, %v; want %v %q", path, a.Dims(), s, err, want.Dims, want.Text)
		}
	default:
		x, err := numbers()
		if err != nil {
			t.Error(err)
			return
		}
		if want.Null {
			if x.Shape() != tensor.Dims(0) {
				t.Errorf("%s: %v", path, x.Type())
			}
			return
		}
		w := tensor.Widen(x)
		for i, v := range want.Values {
			if w.F != nil && w.F[i] != v || w.I != nil && float64(w.I[i]) != v {
				t.Errorf("%s: element %d is not %v: %v%v", path, i, v, w.F, w.I)
				return
			}
		}
		sum := sha256.Sum256(x.Bytes())
		if x.DType().Name() != want.Type || hex.EncodeToString(sum[:]) != want.Sha256 || !slices.Equal(a.Dims(), want.Dims) {
			t.Errorf("%s: %v with other elements, want %s%v", path, x.Type(), want.Type, want.Dims)
		}
	}
}

// TestWhatIsNotReadIsNamed by its class, filter or kind of link.
func TestWhatIsNotReadIsNamed(t *testing.T) {
	for _, name := range samples {
		f, err := Parse(unpack(t, name+".h5"), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		root, err := f.Root()
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{
			"refused/compound": "class compound", "refused/vector": "class variable-length", "refused/lzf": "filter 32000 lzf",
			"deep/soft": "is a soft link", "deep/out": "is a ", "strings/one": "class string", "deep": "is a group, not a dataset",
		} {
			d, err := root.Dataset(path)
			if err == nil {
				_, err = d.Tensor()
			}
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "/"+path[:4]) {
				t.Errorf("%s: %s: %v, want %q", name, path, err, want)
			}
		}
		if _, err := root.Group("numbers/f4"); err == nil || !strings.Contains(err.Error(), "is a dataset") {
			t.Error(err)
		}
		for _, path := range []string{"absent", "deep/absent/x"} {
			if _, err := root.Group(path); !errors.Is(err, ErrAbsent) {
				t.Errorf("%s: %v", path, err)
			}
		}
		if _, err := root.Attr("absent"); !errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	}
}

// TestElementsInOtherFilesAreRefused: the message on fill values of an
// old dataset becomes one that lists such files.
func TestElementsInOtherFilesAreRefused(t *testing.T) {
	b := unpack(t, "earliest.h5")
	read := func(b []byte) (*Dataset, error) {
		f, err := Parse(b, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		root, err := f.Root()
		if err != nil {
			t.Fatal(err)
		}
		return root.Dataset("numbers/f4")
	}
	d, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.head.find(msgFill)
	if c == nil || err != nil {
		t.Fatal("no fill value", err)
	}
	b[c.place-8] = msgExternal
	if _, err := read(b); err == nil || !strings.Contains(err.Error(), "/numbers/f4: elements in other files are not read") {
		t.Error(err)
	}
}

// TestNamesOfOldEntriesHaveTheSizeOfLengths, also that of the root group, where
// addresses have 4 bytes and lengths 8.
func TestNamesOfOldEntriesHaveTheSizeOfLengths(t *testing.T) {
	b := []byte(signature + "\x00\x00\x00\x00\x00\x04\x08\x00" + "\x04\x00\x10\x00" + "\x00\x00\x00\x00")
	for _, v := range []uint32{0, 1<<32 - 1, 200, 1<<32 - 1} { // base, free space, end, driver
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = binary.LittleEndian.AppendUint64(b, 8) // name
	b = binary.LittleEndian.AppendUint32(b, 96)
	b = append(b, make([]byte, 200-len(b))...)
	f, err := Parse(b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if f.root != 96 {
		t.Errorf("the root group is at %d, want 96", f.root)
	}
}

// TestFloatsOfOtherLayoutsAreRefused: bytes of the message for IEEE single
// precision (IV.A.2.d of the specification), and one of them changed.
func TestFloatsOfOtherLayoutsAreRefused(t *testing.T) {
	single := []byte{0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0}
	for name, c := range map[string]struct {
		at    int
		v     byte
		other string
	}{
		"as it is":           {0, 0x11, ""},
		"big-endian":         {1, 0x21, ""},
		"a leading one":      {1, 0x10, "float of unusual layout"},
		"no leading one":     {1, 0x00, "float of unusual layout"},
		"another order":      {1, 0x61, "float of unusual layout"},
		"a sign elsewhere":   {2, 30, "float of unusual layout"},
		"another bias":       {16, 126, "float of unusual layout"},
		"a shorter fraction": {15, 22, "float of unusual layout"},
	} {
		b := append([]byte(nil), single...)
		b[c.at] = c.v
		m := &cursor{f: &File{so: 8, sl: 8}, b: b}
		if d := m.datatype(); d.other != c.other || m.err != nil || (c.other == "") != (d.dtype == tensor.Float32) {
			t.Errorf("%s: %+v, %v", name, d, m.err)
		}
	}
}

// TestGroupsInACircleCanBeFollowed, as far as one goes.
func TestGroupsInACircleCanBeFollowed(t *testing.T) {
	f, err := Parse(unpack(t, "latest.h5"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	g, err := root.Group("deep" + strings.Repeat("/loop", 50) + "/er/and/deeper")
	if err != nil || !strings.HasSuffix(g.Path(), "loop/loop/er/and/deeper") {
		t.Error(g, err)
	}
}

// TestOpen maps a file that is larger than what is read whole, and names the
// file that it refuses.
func TestOpen(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.h5")
	b := unpack(t, "latest.h5")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(name, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := attrText(&root.object, "text"); err != nil || text != "값" {
		t.Errorf("%q, %v", text, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(name, bytes.Replace(b, []byte("HDF"), []byte("HDG"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(name, Limits{}); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "no HDF5 file") {
		t.Error(err)
	}
}

func attrText(o *object, name string) (string, error) {
	a, err := o.Attr(name)
	if err != nil {
		return "", err
	}
	return a.Text()
}
