package theano

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/npz"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// weights is what the samples hold, as NumPy wrote it.
func weights(t *testing.T) map[string]tensor.Tensor {
	t.Helper()
	all, err := npz.Open("testdata/weights.npz", npz.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]tensor.Tensor{}
	for _, n := range all {
		m[n.Name] = n.Tensor
	}
	return m
}

func same(t *testing.T, f *File, name string, want tensor.Tensor) {
	t.Helper()
	x, err := f.Tensor(name)
	if err != nil || x.Type() != want.Type() || !bytes.Equal(x.Bytes(), want.Bytes()) {
		t.Errorf("%s: %v, %v; want %v", name, x.Type(), err, want.Type())
	}
}

// TestModels: shared variables of all sorts in an object, named by its
// attributes, or, when only an expression has them, by themselves; constants and
// random states are left out. In all protocols, and by pkl_utils.
func TestModels(t *testing.T) {
	for _, name := range []string{"model.p0.pkl", "model.p1.pkl", "model.p2.pkl", "model.p3.pkl", "model.p4.pkl", "dump.zip"} {
		f, err := Open("testdata/"+name, Limits{})
		if err != nil {
			t.Error(err)
			continue
		}
		want := weights(t)
		for key, x := range want {
			same(t, f, key, x)
		}
		if len(f.Entries) != len(want) || f.Entries[0].Name != "W" {
			t.Errorf("%s: arrays %q", name, f.Names())
		}
		if f.Class != "__main__.Model" || f.Meta["rate"] != 0.5 || f.Meta["title"] != "한" {
			t.Errorf("%s: class %q, values %v", name, f.Class, f.Meta)
		}
	}
}

// TestPlainArrays: lists, tuples and dictionaries of arrays, and arrays of
// arrays.
func TestPlainArrays(t *testing.T) {
	f, err := Open("testdata/list.pkl", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := weights(t)
	for name, key := range map[string]string{"0": "W", "1.0": "params.1", "2.0": "hidden", "2.1": "layers.conv.counts"} {
		same(t, f, name, want[key])
	}
	if x, err := f.Tensor("1.1.extra"); err != nil || x.Type() != (tensor.Type{DType: tensor.Float16, Shape: tensor.Dims(2)}) {
		t.Errorf("1.1.extra: %v, %v", x.Type(), err)
	}
	if len(f.Entries) != 5 {
		t.Errorf("%q", f.Names())
	}
}

// TestSeveralPicklesInAFile, as Theano's tutorials save parameters.
func TestSeveralPicklesInAFile(t *testing.T) {
	f, err := Open("testdata/several.pkl", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := weights(t)
	same(t, f, "0", want["W"])
	same(t, f, "1", want["params.1"])
	if all, err := f.All(); err != nil || len(all) != 3 || all[1].Name != "1" {
		t.Errorf("%v, %v", f.Names(), err)
	}
}

// TestSoftmaxRegressionKnowsDigits: the weights that Theano trained and Python 2
// pickled, in y = argmax(x·W + b), have the accuracy of softmax regression on
// the test digits of MNIST: the tutorial of Theano on it (deeplearning.net,
// Classifying MNIST digits using Logistic Regression) states an error of 7.49 %.
func TestSoftmaxRegressionKnowsDigits(t *testing.T) {
	const file, digits = "../../../shared/data/models/format-samples-no-licence/theano_softmax_mnist_best_model.pkl", "../../../shared/data/vision/mnist"
	if _, err := os.Stat(file); err != nil {
		t.Skip("no ../shared/data/models/format-samples-no-licence on this machine")
	}
	f, err := Open(file, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Names(), []string{"b", "W"}) || f.Class != "__main__.SoftmaxRegression" {
		t.Fatalf("arrays %q of %s", f.Names(), f.Class)
	}
	w, errW := f.Tensor("W")
	b, errB := f.Tensor("b")
	if errW != nil || errB != nil || w.Type() != tensor.F32(784, 10) || b.Type() != tensor.F32(10) {
		t.Fatalf("W %v, b %v: %v, %v", w.Type(), b.Type(), errW, errB)
	}
	images, labels := idx(t, digits+"/t10k-images-idx3-ubyte.gz"), idx(t, digits+"/t10k-labels-idx1-ubyte.gz")
	right := 0
	for i, label := range labels {
		if argmax(images[784*i:784*(i+1)], w.Floats(), b.Floats()) == int(label) {
			right++
		}
	}
	accuracy := float64(right) / float64(len(labels))
	t.Logf("accuracy %.4f on %d digits", accuracy, len(labels))
	if math.Abs(accuracy-0.9251) > 0.01 {
		t.Errorf("accuracy %.4f", accuracy)
	}
}

func idx(t *testing.T, name string) []uint8 {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Skip("no ../shared/data/vision/mnist on this machine")
	}
	defer f.Close()
	x, err := media.DecodeIDX(f, media.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return tensor.Of[uint8](x)
}

// argmax is the largest of x/255·W + b.
func argmax(x []uint8, w, b []float32) int {
	best, at := math.Inf(-1), 0
	for k := range b {
		sum := float64(b[k])
		for i, v := range x {
			sum += float64(v) / 255 * float64(w[i*len(b)+k])
		}
		if sum > best {
			best, at = sum, k
		}
	}
	return at
}

// TestBadFiles: the place and the reason, in little memory.
func TestBadFiles(t *testing.T) {
	array := func(dims, data string) string {
		return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(" + dims + "tcnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'" + data + "'\ntb"
	}
	copies := "(ccollections\nOrderedDict\nq\x00]("
	for i := range 100 {
		copies += "K" + string([]byte{byte(i)}) + "N\x86"
	}
	copies += "eq\x01" + strings.Repeat("h\x00h\x01\x85R", 150) + "l."
	for name, c := range map[string]struct{ data, want string }{
		"many copies":    {strings.Repeat(copies, 300), "memory"},
		"empty":          {"", "byte 0: the file is empty"},
		"no arrays":      {"(dp0\n.", "holds no arrays"},
		"an object":      {"cm\nC\n)R.", `an object of "m.C" holds no arrays`},
		"text":           {"hello\n.", "byte 0: "},
		"second":         {"(dp0\n.\xff", "byte 6: byte 0xff is no opcode"},
		"gzip":           {"\x1f\x8b\x08", "gzip; unpack it first"},
		"short array":    {array("I2\n", "1234") + ".", "has 4 bytes, wanted 8"},
		"long array":     {array("", "12345678") + ".", "has 8 bytes, wanted 4"},
		"huge shape":     {array("L4294967296L\nL4294967296L\n", "1234") + ".", "too many elements"},
		"negative shape": {array("I-1\n", "1234") + ".", "size out of range"},
		"big memo":       {"N" + strings.Repeat("r\xff\xff\xff\x7f", 200_000) + strings.Repeat("]", 400_000), "memory"},
		"deep names":     {strings.Repeat("]", 100_000) + strings.Repeat("a", 99_999) + ".", "memory"},
		"deep dicts":     {strings.Repeat("}K\x01", 60_000) + "N" + strings.Repeat("s", 60_000) + ".", "memory"},
		"other zip":      {"PK\x03\x04", "zip"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read([]byte(c.data), Limits{})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.200v; want %s", name, err, c.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 4*uint64(len(c.data))+64<<20 {
			t.Errorf("%s: %d bytes for %d", name, n, len(c.data))
		}
	}
}

// TestSharedElementsAreNotMultiplied: many arrays over one string of bytes can
// be read one by one, not all at once.
func TestSharedElementsAreNotMultiplied(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "(cnumpy\ndtype\n(S'u1'\nI0\nI1\ntRp1\n0S'%s'\np2\n0", strings.Repeat("x", 1<<20))
	for range 100 {
		b.WriteString("cnumpy.core.multiarray\n_reconstruct\n(NNNtR(I1\n(I1048576\ntg1\nI00\ng2\ntb")
	}
	b.WriteString("l.")
	f, err := Read([]byte(b.String()), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if x, err := f.Tensor("99"); err != nil || x.Bytes()[1<<20-1] != 'x' {
		t.Error(err)
	}
	if _, err := f.All(); err == nil || !strings.Contains(err.Error(), "one by one") {
		t.Errorf("%v", err)
	}
}

// TestTruncated cuts each sample at every byte, or at 2,000 places.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"model.p0.pkl", "model.p2.pkl", "model.p4.pkl", "list.pkl", "dump.zip"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(data); n += max(1, len(data)/2000) {
			_, err := Read(data[:n], Limits{})
			var e *FormatError
			if err == nil || !errors.As(err, &e) && !strings.HasPrefix(err.Error(), "theano: ") {
				t.Fatalf("%s: %d of %d bytes: %v", name, n, len(data), err)
			}
		}
	}
}

// FuzzRead: what is accepted has arrays of the types it says.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.[pz][ki][lp]")
	if err != nil || len(files) < 7 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(data, Limits{})
		if err != nil {
			return
		}
		for _, e := range m.Entries {
			x, err := m.Tensor(e.Name)
			if err != nil && e.Type.DType == tensor.Bool {
				continue // a byte that is none
			}
			if err != nil || x.Type() != e.Type {
				t.Fatalf("%s: %v and %v, %v", e.Name, x.Type(), e.Type, err)
			}
		}
	})
}
