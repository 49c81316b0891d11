package torch7

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

var samples = []string{"values.64.t7", "values.32.t7", "values.ascii.t7"}

// TestValues: all kinds of values, in each coding, as the generator wrote them.
func TestValues(t *testing.T) {
	for _, name := range samples {
		f, err := Open("testdata/"+name, Limits{})
		if err != nil {
			t.Error(err)
			continue
		}
		root := f.Root.(*Table)
		for key, want := range map[string]any{
			"number": 3.0, "half": 0.5, "huge": 1e300, "text": "한\n국 text", "empty": "", "yes": true, "no": false, "absent": nil,
		} {
			if got := root.Get(key); got != want {
				t.Errorf("%s: %s is %v, want %v", name, key, got, want)
			}
		}
		if root.Item(1) != "one" || root.get(2.5) != "key" {
			t.Errorf("%s: keys that are no texts: %v", name, root.keys)
		}
		list := root.Get("list").(*Table).List()
		if len(list) != 3 || list[1] != "two" || list[2].(*Table).Item(1) != 3.0 {
			t.Errorf("%s: list %v", name, list)
		}
		m := root.Get("module").(*Module)
		if m.Class != "nn.Linear" || m.Version != "1" || m.Fields.Get("self") != m || root.Get("again") != m {
			t.Errorf("%s: module %v", name, m)
		}
		if old := root.Get("old").(*Module); old.Class != "nn.Tanh" || old.Version != "" || old.Fields.Get("x") != 1.0 {
			t.Errorf("%s: module without version %v", name, old)
		}
		if _, ok := root.Get("function").(*Function); !ok {
			t.Errorf("%s: function %v", name, root.Get("function"))
		}
		if s := root.Get("size").(*Storage); s.Len != 3 || s.DType != tensor.Int64 || s.data[8] != 3 {
			t.Errorf("%s: storage %v", name, s)
		}
		tensors(t, name, f)
	}
}

// tensors holds the tensors of f to what NumPy says of them.
func tensors(t *testing.T, name string, f *File) {
	want, _, err := safetensors.Open("testdata/values.safetensors", safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range want {
		x, err := f.Tensor(n.Name)
		if err != nil || x.Type() != n.Tensor.Type() || !bytes.Equal(x.Bytes(), n.Tensor.Bytes()) {
			t.Errorf("%s: %s: %v %x, %v; want %v %x", name, n.Name, x.Type(), x.Bytes(), err, n.Tensor.Type(), n.Tensor.Bytes())
		}
	}
	all, err := f.All()
	if err != nil || len(all) != len(want) || len(f.Names()) != len(want) {
		t.Errorf("%s: %q, %v", name, f.Names(), err)
	}
}

// shared is a file that Torch7 itself wrote: a network of torch/demos, with the
// results of each layer for its last input.
const shared = "../../../shared/data/models/format-samples-no-licence/torch7_unsupervised.net"

func openShared(t *testing.T) *File {
	t.Helper()
	f, err := Open(shared, Limits{})
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no ../shared/data/models/format-samples-no-licence on this machine")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestFileOfTorch: its layers, and tanh as Torch computed it.
func TestFileOfTorch(t *testing.T) {
	f := openShared(t)
	var classes []string
	for _, m := range f.Root.(*Module).Fields.Get("modules").(*Table).List() {
		classes = append(classes, strings.TrimPrefix(m.(*Module).Class, "nn."))
	}
	if got := strings.Join(classes, " "); got != "SpatialConvolutionMap Tanh SpatialLPPooling SpatialConvolutionMap Tanh SpatialLPPooling" {
		t.Error(got)
	}
	x, errX := f.Tensor("modules.4.output")
	y, errY := f.Tensor("modules.5.output")
	if errX != nil || errY != nil {
		t.Fatal(errX, errY)
	}
	for i, v := range tensor.Of[float64](x) {
		if got := tensor.Of[float64](y)[i]; math.Abs(got-math.Tanh(v)) > 1e-15 {
			t.Errorf("tanh %v = %v", v, got)
		}
	}
}

// TestBadFiles: the place and the reason.
func TestBadFiles(t *testing.T) {
	storage := func(n string) string {
		return "4\n2\n3\nV 1\n19\ntorch.DoubleStorage\n" + n + "\n" + strings.Repeat("1 ", 5) + "1\n"
	}
	view := func(dims, strides, first string) string {
		rank := len(strings.Fields(dims))
		return fmt.Sprintf("4\n1\n3\nV 1\n18\ntorch.DoubleTensor\n%d\n%s\n%s\n%s\n%s", rank, dims, strides, first, storage("6"))
	}
	for name, c := range map[string]struct{ data, want string }{
		"empty":            {"", "byte 0: the file is empty"},
		"zip":              {"PK\x03\x04", "no file of Torch7"},
		"kind":             {"7777\n", "kind 7777"},
		"more behind":      {"0\n0\n", "byte 2: 1 bytes after"},
		"text":             {"2\n-1\nabc", "wants -1 bytes"},
		"long text":        {"2\n99\nabc", "wants 99 bytes, 3 are left"},
		"no number":        {"1\nx\n", `"x" is no number`},
		"long number":      {"1\n" + strings.Repeat("9", 100) + "\n", "at most 64 digits"},
		"entries":          {"3\n1\n-1\n", "a table of -1 entries"},
		"nil key":          {"3\n1\n1\n0\n0\n", "the key <nil>"},
		"place":            {"3\n1\n1\n2\n1\na\n3\n2\n1\n2\n1\nb\n9\n", "byte 24: a.b: a value of kind 9"},
		"contents":         {"4\n1\n3\nV 1\n9\nnn.Linear\n0\n", "contents of an object of class \"nn.Linear\""},
		"own form":         {"4\n1\n3\nV 1\n8\ntds.Hash\n0\n", "tds.Hash"},
		"storage":          {storage("-1"), "-1 elements"},
		"long storage":     {storage("4611686018427387904"), "numbers in"},
		"longer storage":   {storage("7"), "wanted a number"},
		"9 axes":           {view("1 1 1 1 1 1 1 1 1", "1 1 1 1 1 1 1 1 1", "1"), "9 axes"},
		"past the end":     {view("2 3", "3 1", "2"), "reaches element 6 of 6"},
		"negative stride":  {view("2 3", "-3 1", "6"), "stride -3"},
		"negative size":    {view("-2 3", "3 1", "1"), "size -2"},
		"before the start": {view("2 3", "3 1", "-2"), "element -3"},
		"overflow":         {view("4294967296 4294967296", "1 1", "1"), "too many elements"},
		"far stride":       {view("2 3", "9223372036854775807 1", "1"), "too far"},
		"no storage":       {"4\n1\n3\nV 1\n18\ntorch.DoubleTensor\n1\n1\n1\n1\n0\n", "wanted a storage"},
		"another storage":  {"4\n1\n3\nV 1\n17\ntorch.FloatTensor\n1\n1\n1\n1\n" + storage("6"), "over a storage of float64"},
		"tables":           {strings.Repeat("3\n", 1), "wanted a number"},
		"deep":             {deep(3000), "more than 2000 deep"},
		"many tables":      {many(300_000), "memory"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read([]byte(c.data), Limits{})
		runtime.ReadMemStats(&after)
		var e *FormatError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.200v; want %s", name, err, c.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 4*uint64(len(c.data))+64<<20 {
			t.Errorf("%s: %d bytes for %d", name, n, len(c.data))
		}
	}
}

// deep is tables in tables.
func deep(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "3\n%d\n1\n1\n1\n", i+1)
	}
	return b.String() + "0\n"
}

// many is a table of empty tables, with keys.
func many(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "3\n1\n%d\n", n)
	for i := range n {
		fmt.Fprintf(&b, "1\n%d\n3\n%d\n0\n", i, i+2)
	}
	return b.String()
}

// TestBinaryCounts that lie.
func TestBinaryCounts(t *testing.T) {
	ints := func(v ...uint32) []byte {
		var b []byte
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return b
	}
	class := func(name string, rest ...uint32) []byte {
		b := append(ints(4, 1, 3), "V 1"...)
		return append(append(append(b, ints(uint32(len(name)))...), name...), ints(rest...)...)
	}
	for name, data := range map[string][]byte{
		"text of 2^31":    ints(2, 1<<31-1),
		"table of 2^31":   ints(3, 1, 1<<31-1),
		"negative text":   ints(2, 1<<31),
		"storage of 2^62": class("torch.DoubleStorage", 0, 1<<30),
		"storage of 2^61": class("torch.ByteStorage", 1<<31-1, 1<<31-1),
		"tensor":          class("torch.DoubleTensor", 1<<31-1),
		"function":        ints(8, 1, 1<<31-1),
	} {
		if _, err := Read(data, Limits{}); err == nil || !strings.Contains(err.Error(), "byte ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRepeatedElementsAreLimited: a stride of 0 makes much of little.
func TestRepeatedElementsAreLimited(t *testing.T) {
	f, err := Read([]byte("4\n1\n3\nV 1\n18\ntorch.DoubleTensor\n2\n1048576 1048576\n0 0\n1\n4\n2\n3\nV 1\n19\ntorch.DoubleStorage\n1\n1\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Tensor(""); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Error(err)
	}
	if _, err := f.All(); err == nil {
		t.Error("8 TiB were read")
	}
}

// TestTruncated cuts samples at every byte or, the file of Torch, at 2,000.
func TestTruncated(t *testing.T) {
	paths := []string{shared}
	for _, name := range samples {
		paths = append(paths, "testdata/"+name)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // the shared one
		}
		for n := 0; n < len(data)-1; n += max(1, len(data)/2000) { // ascii needs no last newline
			_, err := Read(data[:n], Limits{})
			var e *FormatError
			if !errors.As(err, &e) || e.Offset > int64(n) {
				t.Fatalf("%s: %d of %d bytes: %v", filepath.Base(path), n, len(data), err)
			}
		}
	}
}

// FuzzRead: tensors of what is accepted can be read, or are too large.
func FuzzRead(f *testing.F) {
	for _, name := range samples {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(deep(20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(data, Limits{})
		if err != nil {
			return
		}
		for _, name := range m.Names() {
			if x := m.index[name]; x.Type.Bytes() < 1<<20 {
				if y, err := m.Tensor(name); err != nil || y.Type() != x.Type {
					t.Fatalf("%q: %v, %v", name, y.Type(), err)
				}
			}
		}
	})
}
