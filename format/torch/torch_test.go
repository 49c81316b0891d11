package torch

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

// TestResNet20EqualsItsTwin: the public file, in the form before zip, has the
// bits of the safetensors file made of it, under the names with module. before.
func TestResNet20EqualsItsTwin(t *testing.T) {
	dir := "../../../shared/data/models/cifar10-resnet20-pytorch"
	twin, _, err := safetensors.Open(filepath.Join(dir, "resnet20_cifar10.safetensors"), safetensors.Limits{})
	if err != nil {
		t.Skip("no ../shared/data/models/cifar10-resnet20-pytorch on this machine:", err)
	}
	f, err := Open(filepath.Join(dir, "resnet20-12fca82f.th"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, n := range twin {
		x, err := f.Tensor("state_dict.module." + n.Name)
		if err != nil || x.Type() != n.Tensor.Type() || !bytes.Equal(x.Bytes(), n.Tensor.Bytes()) {
			t.Errorf("%s: %v, %v; want %v", n.Name, x.Type(), err, n.Tensor.Type())
		}
	}
	for _, name := range f.Names() {
		if !strings.HasPrefix(name, "state_dict.module.") {
			t.Errorf("tensor %q", name)
		}
	}
	if v, ok := f.Meta["best_prec1"].(float64); !ok || v < 91.7 || v > 91.8 {
		t.Errorf("best_prec1 = %v", f.Meta["best_prec1"])
	}
	t.Logf("%d tensors, %d in the twin, metadata %v", len(f.Entries), len(twin), f.Meta)
}

// same asks that f has the tensors of a safetensors file, bit for bit, and no
// others but those named.
func same(t *testing.T, f *File, twin string, others ...string) {
	t.Helper()
	want, _, err := safetensors.Open("testdata/"+twin, safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range want {
		x, err := f.Tensor(n.Name)
		if err != nil || x.Type() != n.Tensor.Type() || !bytes.Equal(x.Bytes(), n.Tensor.Bytes()) {
			t.Errorf("%s: %v %x, %v; want %v %x", n.Name, x.Type(), x.Bytes(), err, n.Tensor.Type(), n.Tensor.Bytes())
		}
	}
	if len(f.Entries) != len(want)+len(others) {
		t.Errorf("tensors %q, want %d and %q", f.Names(), len(want), others)
	}
	for _, name := range others {
		if _, err := f.Tensor(name); err != nil {
			t.Error(err)
		}
	}
}

func open(t *testing.T, name string) *File {
	t.Helper()
	f, err := Open("testdata/"+name, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestCheckpoints: views of all sorts, the usual types, tied weights, an
// optimizer and plain values, as PyTorch writes them in each form.
func TestCheckpoints(t *testing.T) {
	for _, name := range []string{"checkpoint_zip.pt", "checkpoint_legacy.pt", "checkpoint_protocol4.pt"} {
		f := open(t, name)
		same(t, f, "checkpoint.safetensors")
		for key, want := range map[string]any{
			"epoch": int64(3), "name": "net 이해", "best": 0.75, "done": true, "none": nil, "loss": 0.5, "big": "1180591620717411303424",
			"size.0": int64(2), "size.1": int64(3), "device": "cpu", "dtype": "torch.float16",
			"optimizer.param_groups.0.lr": 0.01, "optimizer.param_groups.0.params.6": int64(6),
		} {
			if got, ok := f.Meta[key]; !ok || got != want {
				t.Errorf("%s: %s is %v, want %v", name, key, got, want)
			}
		}
		all, err := f.All()
		if err != nil || len(all) != len(f.Entries) || all[3].Name != f.Entries[3].Name || all[3].Tensor.Type() != f.Entries[3].Type {
			t.Errorf("%s: %d tensors, %v", name, len(all), err)
		}
	}
}

// TestNewTypes: what has no kind of storage of its own, tensors with attributes,
// and arrays of NumPy.
func TestNewTypes(t *testing.T) {
	for _, name := range []string{"new_types.pt", "new_types_legacy.pt"} {
		f := open(t, name)
		twin, _, err := safetensors.Open("testdata/new_types.safetensors", safetensors.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range twin {
			x, err := f.Tensor(n.Name)
			d := dtypes[n.Name]
			if n.Name == "tagged" {
				d = tensor.Float32
			}
			if err != nil || x.DType() != d || !bytes.Equal(x.Bytes(), n.Tensor.Bytes()) {
				t.Errorf("%s: %s: %v %x, %v; want %x", name, n.Name, x.Type(), x.Bytes(), err, n.Tensor.Bytes())
			}
		}
		x, err := f.Tensor("array")
		if err != nil || x.Type() != (tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(3, 2)}) || !slices.Equal(tensor.Of[int32](x), []int32{0, 3, 1, 4, 2, 5}) {
			t.Errorf("%s: array: %v, %v", name, x.Type(), err)
		}
		if f.Meta["number"] != int64(-7) {
			t.Errorf("%s: number: %v", name, f.Meta["number"])
		}
	}
}

// TestTorchScript: the weights of scripted and traced models.
func TestTorchScript(t *testing.T) {
	same(t, open(t, "script.pt"), "script.safetensors")
	trace := open(t, "trace.pt")
	same(t, trace, "script.safetensors", "constants.0")
	if x, err := trace.Tensor("constants.0"); err != nil || !slices.Equal(x.Floats(), []float32{0, 1, 2, 3}) {
		t.Error(err)
	}
}

// TestOneTensor is called tensor.
func TestOneTensor(t *testing.T) {
	x, err := open(t, "alone.pt").Tensor("tensor")
	if err != nil || !slices.Equal(tensor.Of[int64](x), []int64{0, 1, 2}) {
		t.Error(err)
	}
}

// TestOrderOfBytes: a file as a big-endian machine writes it.
func TestOrderOfBytes(t *testing.T) {
	f := open(t, "big_endian.pt")
	a, err := f.Tensor("a")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range a.Floats() {
		if v != float32(i)/7 {
			t.Errorf("a[%d] = %v", i, v)
		}
	}
	b, err := f.Tensor("b")
	if err != nil || !slices.Equal(tensor.Of[int16](b), []int16{0, 1, 2}) {
		t.Errorf("b: %v", err)
	}
}

// TestDamageIsFound by the checksum of a storage, where the file has any.
func TestDamageIsFound(t *testing.T) {
	for name, want := range map[string]bool{"big_endian.pt": true, "no_checksum.pt": false} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		clean, err := Read(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		data[clean.Entries[0].from.(*view).of.at+5] ^= 1
		f, err := Read(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = f.Tensor("a"); (err != nil && strings.Contains(err.Error(), "checksum")) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPartsOfStorages: in the form before zip a storage may be part of another:
// here of elements 3 to 6 of 12, and the tensor is its second and third
// (torch.load agrees).
func TestPartsOfStorages(t *testing.T) {
	head := "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}."
	object := func(from, n string) string {
		return "ctorch._utils\n_rebuild_tensor\n((Vstorage\nctorch\nFloatStorage\nV7\nVcpu\nI12\n(V9\nI" + from + "\nI" + n + "\nttQI1\n(I2\nt(I1\nttR."
	}
	tail := binary.LittleEndian.AppendUint64([]byte("(lp0\nV7\na."), 12)
	for i := range 12 {
		tail = binary.LittleEndian.AppendUint32(tail, math.Float32bits(float32(i)))
	}
	f, err := Read([]byte(head+object("3", "4")+string(tail)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if x, err := f.Tensor("tensor"); err != nil || !slices.Equal(x.Floats(), []float32{4, 5}) {
		t.Errorf("%v, %v", x, err)
	}
	for _, c := range [][2]string{{"3", "2"}, {"9", "4"}, {"-1", "4"}, {"3", "-4"}, {"9223372036854775807", "4"}} {
		if _, err := Read([]byte(head+object(c[0], c[1])+string(tail)), Limits{}); err == nil {
			t.Errorf("part %v is accepted", c)
		}
	}
}
