package media

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/tensor"
)

// anyTensor draws a small tensor of one of the types, its bytes at random.
func anyTensor(t *rapid.T, types map[string]tensor.DType) tensor.Tensor {
	var names []string
	for _, d := range types {
		names = append(names, d.Name())
	}
	d, err := tensor.ParseDType(rapid.SampledFrom(tensor.DTypes()).Filter(func(n string) bool {
		return strings.Contains(strings.Join(names, " ")+" ", n+" ")
	}).Draw(t, "type"))
	if err != nil {
		t.Fatal(err)
	}
	dims := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "dims")
	x := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
	for i := range x.Bytes() {
		x.Bytes()[i] = rapid.Byte().Draw(t, "byte")
		if d == tensor.Bool {
			x.Bytes()[i] &= 1
		}
	}
	return x
}

func same(a, b tensor.Tensor) error {
	if a.Type() != b.Type() || !bytes.Equal(a.Bytes(), b.Bytes()) {
		return fmt.Errorf("%v is not %v", a.Type(), b.Type())
	}
	return nil
}

// TestArraysComeBack writes and reads random tensors in each format.
func TestArraysComeBack(t *testing.T) {
	idx := map[string]tensor.DType{}
	for code, d := range idxTypes {
		idx[fmt.Sprint(code)] = d
	}
	rapid.Check(t, func(t *rapid.T) {
		x := anyTensor(t, idx)
		var b, z bytes.Buffer
		if err := EncodeIDX(&b, x); err != nil {
			t.Fatal(err)
		}
		w := gzip.NewWriter(&z)
		w.Write(b.Bytes())
		w.Close()
		for _, file := range [][]byte{b.Bytes(), z.Bytes()} {
			y, err := DecodeIDX(bytes.NewReader(file), Limits{})
			if err != nil || same(x, y) != nil {
				t.Fatal(err, same(x, y))
			}
		}
		x = anyTensor(t, npyTypes)
		b.Reset()
		if err := EncodeNPY(&b, x); err != nil {
			t.Fatal(err)
		}
		y, err := DecodeNPY(bytes.NewReader(b.Bytes()), Limits{})
		if err != nil || same(x, y) != nil {
			t.Fatal(err, same(x, y))
		}
	})
}

// TestNumPyFiles reads what NumPy wrote: Fortran order, big-endian, versions 2
// and 3, no axes. Element [i j k] is 100i + 10j + k.
func TestNumPyFiles(t *testing.T) {
	files, err := os.ReadDir("testdata/npy")
	if err != nil || len(files) < 6 {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		t.Run(f.Name(), func(t *testing.T) {
			x, err := ReadNPY("testdata/npy/"+f.Name(), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if f.Name() == "scalar.npy" {
				if v := tensor.Of[float64](x); x.Shape().Rank() != 0 || v[0] != math.Pi {
					t.Errorf("%v %v", x.Type(), v)
				}
				return
			}
			w := tensor.Widen(x)
			for n := range x.Shape().Size() {
				want := 100*(n/12) + 10*(n/4%3) + n%4
				if w.F != nil && w.F[n] != float64(want) || w.I != nil && w.I[n] != int64(want) {
					t.Fatalf("element %d of %v is wrong", n, x.Type())
				}
			}
		})
	}
}

// npyWith is a version 1 file with that header and 64 zero bytes.
func npyWith(header string) string {
	return npyMagic + "\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header + strings.Repeat("\x00", 64)
}

// TestLyingArraysAreRefused: sizes that overflow, data that is missing, types
// that can run code.
func TestLyingArraysAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"objects":      {npyWith("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), "Python objects"},
		"texts":        {npyWith("{'descr': '<U7', 'fortran_order': False, 'shape': (1,), }"), "are texts (\"<U7\")"},
		"bytes":        {npyWith("{'descr': '|S3', 'fortran_order': False, 'shape': (1,), }"), "are texts"},
		"complex":      {npyWith("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }"), "complex"},
		"bfloat16":     {npyWith("{'descr': '|V2', 'fortran_order': False, 'shape': (1,), }"), "2 bytes without a meaning"},
		"structure":    {npyWith("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), "structured"},
		"negative":     {npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"), "size of the shape"},
		"2^32 squared": {npyWith("{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"), "too many"},
		"2^64":         {npyWith("{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551616,), }"), "out of range"},
		"wraps to 4":   {npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (4194305, 4194305, 211106198978564), }"), "too many"},
		"17 axes":      {npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (" + strings.Repeat("1,", 17) + "), }"), "more than 8 axes"},
		"key twice":    {npyWith("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"), "twice"},
		"no shape":     {npyWith("{'descr': '<f4', 'fortran_order': False, }"), "wanted descr"},
		"missing data": {npyWith("{'descr': '<f4', 'fortran_order': False, 'shape': (1000,), }"), "the data ends"},
		"above limit":  {npyWith("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }"), "more than the limit"},
		"no magic":     {"NUMPYNUMPY", "no npy file"},
	} {
		t.Run("npy "+name, func(t *testing.T) {
			_, err := DecodeNPY(strings.NewReader(c.file), Limits{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
		})
	}
	for name, c := range map[string]struct{ file, want string }{
		"nothing":       {"", "the data ends after 0"},
		"cut in sizes":  {"\x00\x00\x08\x03\x00\x00\x00\x01\x00", "the data ends"},
		"unknown type":  {"\x00\x00\x0a\x01\x00\x00\x00\x01\x00", "no idx file"},
		"4 GiB cubed":   {"\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "too many"},
		"2 GiB":         {"\x00\x00\x08\x01\x80\x00\x00\x00", "more than the limit"},
		"missing":       {"\x00\x00\x08\x01\x3f\x00\x00\x00abc", "the data ends after 3"},
		"too much":      {"\x00\x00\x08\x01\x00\x00\x00\x01ab", "after the last element"},
		"200 axes":      {"\x00\x00\x08\xc8", "200 axes"},
		"broken gzip":   {"\x1f\x8bxx", "gzip"},
		"another magic": {"PK\x03\x04", "no idx file"},
	} {
		t.Run("idx "+name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, err = DecodeIDX(strings.NewReader(c.file), Limits{}) })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
			if n > 16<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}
