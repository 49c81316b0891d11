package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// file is a file with that header, not padded, and elements.
func file(header, elements string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), elements...)
}

func open(b []byte) (*File, error) { return Read(bytes.NewReader(b), int64(len(b)), Limits{}) }

// TestWhatIsWrittenIsRead with random names, types, shapes and metadata.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfDistinct(rapid.String(), rapid.ID).Draw(t, "names")
		var in []Named
		for i, name := range names {
			if name == metadataKey {
				continue
			}
			d, err := tensor.ParseDType(rapid.SampledFrom(written()).Draw(t, "type"))
			if err != nil {
				t.Fatal(err)
			}
			dims := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 4).Draw(t, "dims")
			if d.Bits() < 8 {
				dims = append(dims, 8/d.Bits())
			}
			x := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
			for k := range x.Bytes() {
				x.Bytes()[k] = byte(k+i) & 1
			}
			in = append(in, Named{name, x})
		}
		meta := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "meta")
		var b, again bytes.Buffer
		if err := errors.Join(Write(&b, in, meta), Write(&again, in, meta)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Fatal("two files of the same tensors differ")
		}
		f, err := open(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Entries) != len(in) || len(f.Meta) != len(meta) || b.Len() > 8 && binary.LittleEndian.Uint64(b.Bytes())%8 != 0 {
			t.Fatalf("%d tensors, %d metadata", len(f.Entries), len(f.Meta))
		}
		for _, n := range in {
			x, err := f.Tensor(n.Name)
			if err != nil || x.Type() != n.Tensor.Type() || !bytes.Equal(x.Bytes(), n.Tensor.Bytes()) {
				t.Fatalf("%q comes back as %v, %v", n.Name, x.Type(), err)
			}
		}
		for k, v := range meta {
			if f.Meta[k] != v {
				t.Fatalf("metadata %q is %q, not %q", k, f.Meta[k], v)
			}
		}
	})
}

// written is the names of the element types that the format has.
func written() []string {
	return slices.DeleteFunc(tensor.DTypes(), func(name string) bool {
		d, err := tensor.ParseDType(name)
		if err == nil {
			_, err = nameOf(d)
		}
		return err != nil
	})
}

const four = `{"dtype":"F32","shape":[1],"data_offsets":[`

// TestBadFilesAreRefusedByName: each rule that a file can break, and the tensor
// that breaks it.
func TestBadFilesAreRefusedByName(t *testing.T) {
	for name, c := range map[string]struct {
		header, elements string
		tensor, want     string
	}{
		"not an object":        {`[1]`, "", "", "begins with"},
		"invalid UTF-8":        {"{\"a\xff\":1}", "", "", "UTF-8"},
		"text behind":          {`{}{}`, "", "", "after the end"},
		"no end":               {`{"a":`, "", "a", "wanted"},
		"reversed offsets":     {`{"a":` + four + `4,0]}}`, "1234", "a", "the offsets 4 and 0"},
		"overlap":              {`{"a":` + four + `0,4]},"b":` + four + `2,6]}}`, "123456", "b", "inside tensor \"a\""},
		"the same place":       {`{"a":` + four + `0,4]},"b":` + four + `0,4]}}`, "1234", "b", "inside tensor \"a\""},
		"hole":                 {`{"a":` + four + `0,4]},"b":` + four + `8,12]}}`, "123456789012", "b", "4 bytes after"},
		"hole before":          {`{"a":` + four + `4,8]}}`, "12345678", "a", "4 bytes after"},
		"past the end":         {`{"a":` + four + `0,4]}}`, "123", "a", "ends at 4 of 3"},
		"bytes left":           {`{"a":` + four + `0,4]}}`, "12345", "", "1 bytes belong to no tensor"},
		"negative":             {`{"a":` + four + `-4,0]}}`, "1234", "a", "wanted an integer"},
		"fraction":             {`{"a":` + four + `0.5,4]}}`, "1234", "a", "wanted ']'"},
		"exponent":             {`{"a":` + four + `0,4e0]}}`, "1234", "a", "wanted ']'"},
		"leading zero":         {`{"a":` + four + `00,4]}}`, "1234", "a", "wanted an integer"},
		"key twice":            {`{"a":` + four + `0,4]},"a":` + four + `4,8]}}`, "12345678", "a", "stands twice"},
		"key inside twice":     {`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234", "a", "stands twice"},
		"unknown key":          {`{"a":{"dtype":"F32","shape":[1],"strides":[1],"data_offsets":[0,4]}}`, "1234", "a", `key "strides"`},
		"no shape":             {`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, "1234", "a", "wanted dtype, shape"},
		"three offsets":        {`{"a":` + four + `0,4,8]}}`, "1234", "a", "wanted dtype, shape"},
		"unknown type":         {`{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}`, "1234", "a", "F33"},
		"other known type":     {`{"a":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}`, "123", "a", "F6_E2M3"},
		"half a byte":          {`{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}`, "12", "a", "no whole bytes"},
		"another length":       {`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, "1234", "a", "has 8 bytes"},
		"empty inside":         {`{"a":` + four + `0,4]},"b":{"dtype":"F32","shape":[0],"data_offsets":[2,2]}}`, "1234", "b", "inside tensor"},
		"empty with bytes":     {`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,4]}}`, "1234", "a", "has 0 bytes"},
		"2^32 squared":         {`{"a":{"dtype":"I8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, "", "a", "too many"},
		"wraps to 4":           {`{"a":{"dtype":"F32","shape":[4194305,4194305,211106198978564],"data_offsets":[0,16]}}`, "1234567890123456", "a", "too many"},
		"negative size":        {`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, "1234", "a", "wanted an integer"},
		"17 axes":              {`{"a":{"dtype":"F32","shape":[1` + strings.Repeat(",1", 16) + `],"data_offsets":[0,4]}}`, "1234", "a", "more than 16 axes"},
		"9 axes":               {`{"a":{"dtype":"F32","shape":[1` + strings.Repeat(",1", 8) + `],"data_offsets":[0,4]}}`, "1234", "a", "9 axes"},
		"number in metadata":   {`{"__metadata__":{"a":1}}`, "", "", "wanted '\"'"},
		"metadata key twice":   {`{"__metadata__":{"a":"1","a":"2"}}`, "", "", "stands twice"},
		"metadata stand twice": {`{"__metadata__":{},"__metadata__":{}}`, "", metadataKey, "stands twice"},
	} {
		t.Run(name, func(t *testing.T) {
			b := file(c.header, c.elements)
			_, err := open(b)
			path := filepath.Join(t.TempDir(), "bad")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			_, mapped := OpenMapped(path, Limits{})
			for _, err := range []error{err, mapped} {
				var format *FormatError
				if !errors.As(err, &format) {
					t.Fatalf("error = %v", err)
				}
				if format.Tensor != c.tensor || !strings.Contains(format.Reason, c.want) {
					t.Errorf("tensor %q: %s; want %q: %s", format.Tensor, format.Reason, c.tensor, c.want)
				}
			}
		})
	}
}

// TestHeaderLengthsAreRefusedBeforeAllocation: the length is data, too.
func TestHeaderLengthsAreRefusedBeforeAllocation(t *testing.T) {
	for length, want := range map[uint64]string{
		0: "the smallest", 7: "in a file of", 1 << 63: "at most", 1<<64 - 1: "at most",
		100: "in a file of", 100_000_001: "at most", 99_999_999: "in a file of",
	} {
		b := binary.LittleEndian.AppendUint64(nil, length)
		b = append(b, "{}"...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := open(b)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("length %d: error = %v, want %q in it", length, err, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("length %d: %d bytes were allocated", length, n)
		}
	}
	for n := range 8 {
		if _, err := open(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are accepted", n)
		}
	}
}

// TestManyTensorsAreReadInTime: 100,000 in less than two seconds, and more than
// the limit not at all.
func TestManyTensorsAreReadInTime(t *testing.T) {
	var h strings.Builder
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&h, `,"block.%d.weight":{"dtype":"U8","shape":[1,1],"data_offsets":[%d,%d]}`, i, i, i+1)
	}
	b := file("{"+h.String()[1:]+"}", strings.Repeat("x", n))
	start := time.Now()
	var f *File
	var err error
	size := allocated(func() { f, err = open(b) })
	took := time.Since(start)
	if err != nil || len(f.Entries) != n {
		t.Fatal(err)
	}
	t.Logf("%d tensors in %v, %d bytes allocated for a file of %d", n, took, size, len(b))
	if size > 6*uint64(len(b)) { // of which more than a third is garbage
		t.Errorf("%d bytes were allocated for a file of %d", size, len(b))
	}
	if took > 2*time.Second {
		t.Errorf("%v", took)
	}
	if _, err := Read(bytes.NewReader(b), int64(len(b)), Limits{Tensors: n - 1}); err == nil {
		t.Error("more tensors than the limit are accepted")
	}
}

// TestTensorsWithoutElementsStandOnBorders is what the format's own writer
// makes of them.
func TestTensorsWithoutElementsStandOnBorders(t *testing.T) {
	f, err := open(file(`{"z":{"dtype":"F32","shape":[0,3],"data_offsets":[4,4]},"a":`+four+`0,4]},"y":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}  `, "1234"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Names(), " "); got != "y a z" {
		t.Error(got)
	}
}

// TestModelsOfOthers reads files that other programs wrote.
func TestModelsOfOthers(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/models/*/*.safetensors")
	if err != nil || len(files) == 0 {
		t.Skip("no safetensors files in ../shared/data/models on this machine")
	}
	for _, name := range files {
		all, _, err := Open(name, Limits{})
		if err != nil || len(all) == 0 {
			t.Errorf("%s: %d tensors, %v", name, len(all), err)
		}
	}
}

// TestBoolsAreChecked: a byte that is neither 0 nor 1 is no bool.
func TestBoolsAreChecked(t *testing.T) {
	f, err := open(file(`{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, "\x01\x02"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Tensor("a"); err == nil || !strings.Contains(err.Error(), "a bool of value 2") {
		t.Errorf("error = %v", err)
	}
}

// TestOpenNamesTheFile so that a person knows which.
func TestOpenNamesTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(name, []byte("1234"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(name, Limits{}); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("error = %v", err)
	}
}

// FuzzRead: what is accepted can be read whole, and written and read again.
func FuzzRead(f *testing.F) {
	f.Add(file(`{"__metadata__":{"format":"pt"},"a":`+four+`0,4]},"b\n":{"dtype":"BF16","shape":[],"data_offsets":[4,6]}}`, "123456"))
	f.Add(file(`{}`, ""))
	f.Add(file(`{"a":{"dtype":"F4","shape":[1,4],"data_offsets":[0,2]},"b":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[2,3]}}`, "123"))
	f.Add(file(`{"a":{"dtype":"I8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := open(b)
		if err != nil {
			return
		}
		all, err := s.All()
		if err != nil {
			return
		}
		s.mapped = &mapped.File{Bytes: b}
		for _, n := range all {
			x, err := s.Tensor(n.Name)
			if err != nil || x.Type() != n.Tensor.Type() || !bytes.Equal(x.Bytes(), n.Tensor.Bytes()) {
				t.Fatalf("%q is another tensor in the memory of the file: %v", n.Name, err)
			}
		}
		var w bytes.Buffer
		if err := Write(&w, all, s.Meta); err != nil {
			t.Fatal(err)
		}
		again, err := open(w.Bytes())
		if err != nil || len(again.Entries) != len(all) {
			t.Fatal(err)
		}
	})
}
