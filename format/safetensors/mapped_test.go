package safetensors

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ihae/ihae/tensor"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// TestPeer reads what the format's own library wrote (testdata/peer.py), every
// element type of it, and writes what that library read back.
func TestPeer(t *testing.T) {
	f, err := OpenMapped("testdata/peer.safetensors", Limits{})
	if err != nil || len(f.Entries) != 20 || f.Meta["이름"] != "값" {
		t.Fatal(f, err)
	}
	all, err := f.All()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[tensor.DType]bool{}
	for _, n := range all {
		seen[n.Tensor.DType()] = true
		want := tensor.Dims(2, 3)
		switch n.Name {
		case "empty":
			want = tensor.Dims(0, 3)
		case "float4_e2m1fn_x2":
			want = tensor.Dims(2, 6)
		}
		if n.Tensor.Shape() != want {
			t.Errorf("%s: shape %v, want %v", n.Name, n.Tensor.Shape(), want)
		}
		for k, v := range tensor.Pack(n.Tensor) {
			if int(v) != k%2 {
				t.Errorf("%s: byte %d is %d", n.Name, k, v)
			}
		}
	}
	if len(seen) != len(dtypes) {
		t.Errorf("%d element types of %d", len(seen), len(dtypes))
	}
	var b bytes.Buffer
	if err := Write(&b, all, f.Meta); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/ours.safetensors", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/ours.safetensors")
	if err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%d bytes are not the %d that the library read, %v", b.Len(), len(want), err)
	}
}

// onDisk is a file of bytes.
func onDisk(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMappedTensorsAreNotCopied: 16 MB are opened and looked at without memory
// for them; only what does not lie aligned is copied.
func TestMappedTensorsAreNotCopied(t *testing.T) {
	big := tensor.New(tensor.F32(2048, 2048))
	big.Floats()[5] = 7
	odd := tensor.From(tensor.Dims(3), []float32{1, 2, 3})
	var b bytes.Buffer
	if err := Write(&b, []Named{{"big", big}, {"byte", tensor.Scalar(uint8(9))}, {"odd", odd}}, nil); err != nil {
		t.Fatal(err)
	}
	path := onDisk(t, b.Bytes())
	b = bytes.Buffer{}
	n := allocated(func() {
		f, err := OpenMapped(path, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		x, err := f.Tensor("big")
		if err != nil || x.Floats()[5] != 7 {
			t.Fatal(err)
		}
		y, err := f.Tensor("odd")
		if err != nil || y.Floats()[2] != 3 {
			t.Fatal(y, err)
		}
		dst := make([]byte, 12)
		if err := f.ReadInto("odd", dst); err != nil || !bytes.Equal(dst, odd.Bytes()) {
			t.Fatal(dst, err)
		}
		if err := errors.Join(f.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Tensor("odd"); err == nil {
			t.Error("a tensor of a closed file")
		}
	})
	if n > 1<<20 {
		t.Errorf("%d bytes were allocated for a file of 16 MB", n)
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestMappedFilesSayWhatReadOnesSay: bools and names are checked too, and a file
// that is read may be closed.
func TestMappedFilesSayWhatReadOnesSay(t *testing.T) {
	b := file(`{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, "\x01\x02")
	m, err := OpenMapped(onDisk(t, b), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*File{m, r} {
		for name, want := range map[string]string{"a": "a bool of value 2", "b": `no tensor "b" among 1`} {
			if _, err := f.Tensor(name); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error = %v, want %q in it", err, want)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := OpenMapped(onDisk(t, []byte("1234")), Limits{}); err == nil || !strings.Contains(err.Error(), "w.safetensors: safetensors: byte 0") {
		t.Errorf("error = %v", err)
	}
}

// TestCutFilesAreErrors cuts at every byte.
func TestCutFilesAreErrors(t *testing.T) {
	b, err := os.ReadFile("testdata/peer.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(b) {
		if _, err := open(b[:n]); err == nil || !strings.Contains(err.Error(), "safetensors: byte ") {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(b), err)
		}
	}
}
