package torch

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ihae/ihae/format/pickle"
)

// TestFilesOfPyTorchThatAreRefused: the reason names what is in the way, and
// nothing of what they want to run is run.
func TestFilesOfPyTorchThatAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"bad_system.pt":           `GLOBAL: the pickle names "posix.system", which is not allowed here and never run; save the state_dict`,
		"bad_system_legacy.pt":    `the saved values: GLOBAL: the pickle names "posix.system"`,
		"bad_system_protocol4.pt": `STACK_GLOBAL: the pickle names "posix.system"`,
		"bad_module.pt":           `"torch.nn.modules.linear.Linear"`,
		"bad_module_legacy.pt":    `"torch.nn.modules.linear.Linear"`,
		"bad_quantised.pt":        "quantised",
		"bad_sparse.pt":           "the tensor is sparse",
		"bad_complex.pt":          "a complex storage",
		"bad_meta.pt":             "meta device",
	} {
		_, err := Open("testdata/"+name, Limits{})
		var e *FormatError
		if !errors.As(err, &e) || e.Offset == 0 || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v; want %s", name, err, want)
		}
	}
	if _, err := os.Stat("executed"); err == nil {
		t.Error("a file ran a program")
	}
}

// entry is a name and contents of an archive.
type entry struct{ name, data string }

// stored is an archive of entries that are not compressed.
func stored(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: e.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(e.data)),
			CompressedSize64: uint64(len(e.data)), UncompressedSize64: uint64(len(e.data)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// saved is a pickle of one tensor with that offset, size and strides, in a
// storage of 12 float32 elements.
func saved(offset, size, strides string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n((Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI12\ntQI" + offset + "\n(" + size + "t(" + strides + "tI00\nNtR."
}

// model is an archive with that pickle and storage 0.
func model(t testing.TB, pickle string) []byte {
	return stored(t, entry{"m/data.pkl", pickle}, entry{"m/data/0", strings.Repeat("\x00\x00\x80\x3f", 12)}, entry{"m/version", "3\n"})
}

// TestViewsAreChecked against their storage when the file is read.
func TestViewsAreChecked(t *testing.T) {
	for _, c := range []struct{ offset, size, strides, want string }{
		{"0", "I3\nI4\n", "I4\nI1\n", ""},
		{"2", "I3\nI4\n", "I3\nI1\n", ""},
		{"12", "I0\n", "I1\n", ""},
		{"11", "", "", ""},
		{"1", "I3\nI4\n", "I4\nI1\n", "reaches element 12 of 12"},
		{"12", "", "", "reaches element 12 of 12"},
		{"13", "I0\n", "I1\n", "an offset past"},
		{"-1", "I1\n", "I1\n", "an offset past"},
		{"0", "I3\nI4\n", "I4\n", "1 strides"},
		{"0", "I3\nI4\n", "I4\nI-1\n", "strides"},
		{"0", "I-3\n", "I1\n", "out of range"},
		{"0", "I4294967296\nI4294967296\n", "I0\nI0\n", "too many elements"},
		{"0", "I2\nI2\n", "I9223372036854775807\nI1\n", "out of range"},
		{"0", "I3\nI3\n", "I72057594037927936\nI72057594037927936\n", "reaches element"},
		{"0", strings.Repeat("I1\n", 9), strings.Repeat("I1\n", 9), "9 axes"},
		{"N", "I1\n", "I1\n", "no integer"},
	} {
		f, err := Read(model(t, saved(c.offset, c.size, c.strides)), Limits{})
		if err == nil {
			_, err = f.Tensor("tensor")
		}
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c, err)
		}
	}
	f, err := Read(model(t, saved("0", "I1048576\nI1048576\n", "I0\nI0\n")), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, read := range []func() error{
		func() error { _, err := f.Tensor("tensor"); return err },
		func() error { _, err := f.All(); return err },
	} {
		if err := read(); err == nil || !strings.Contains(err.Error(), "bytes") {
			t.Errorf("a tensor of 4 TiB by repetition: %v", err)
		}
	}
}

var badArchives = map[string]struct {
	entries []entry
	want    string
}{
	"nothing":              {nil, "an empty archive"},
	"a model inside":       {[]entry{{"model.pt", "PK\x03\x04"}}, `the first of 1 entries is "model.pt"`},
	"zip as pickle":        {[]entry{{"m/data.pkl", "PK\x03\x04abc"}}, "a zip archive in the archive"},
	"two models":           {[]entry{{"a/data.pkl", "N."}, {"b/data.pkl", "N."}}, "two pickles"},
	"outside":              {[]entry{{"a/data.pkl", "N."}, {"b/x", ""}}, "outside of folder"},
	"parent":               {[]entry{{"a/data.pkl", "N."}, {"a/../x", ""}}, "leads outside"},
	"absolute":             {[]entry{{"a/data.pkl", "N."}, {"/x", ""}}, "leads outside"},
	"drive":                {[]entry{{"a/data.pkl", "N."}, {`C:\x`, ""}}, "leads outside"},
	"case twins":           {[]entry{{"a/data.pkl", "N."}, {"a/x", ""}, {"a/X", ""}}, "up to case"},
	"byte order":           {[]entry{{"a/data.pkl", "N."}, {"a/byteorder", "middle"}}, "wanted little or big"},
	"no storage":           {[]entry{{"a/data.pkl", saved("0", "I1\n", "I1\n")}}, `no "a/data/0"`},
	"short storage":        {[]entry{{"a/data.pkl", saved("0", "I1\n", "I1\n")}, {"a/data/0", "1234"}}, "4 bytes, wanted 12 elements"},
	"more behind":          {[]entry{{"a/data.pkl", "N.N."}}, "2 bytes after the end"},
	"protocol 5":           {[]entry{{"a/data.pkl", "\x80\x05\x97."}}, "outside the pickle"},
	"memo":                 {[]entry{{"a/data.pkl", "N" + strings.Repeat("r\xff\xff\xff\x7f", 300_000) + strings.Repeat("]", 900_000)}}, "memory"},
	"unknown":              {[]entry{{"a/data.pkl", "cm\nf\n."}}, `"m.f"`},
	"unknown on the stack": {[]entry{{"a/data.pkl", "\x80\x04\x8c\x02os\x8c\x05popen\x93."}}, `"os.popen"`},
	"eval":                 {[]entry{{"a/data.pkl", "c__builtin__\neval\n."}}, `"builtins.eval"`},
	"dotted":               {[]entry{{"a/data.pkl", "\x80\x04\x8c\x05torch\x8c\x12serialization.os.x\x93."}}, "not allowed"},
	"not a storage":        {[]entry{{"a/data.pkl", "I1\nQ."}}, "a persistent id that is a int"},
	"kind of storage":      {[]entry{{"a/data.pkl", "(Vstorage\nctorch\nEvilStorage\nV0\nVcpu\nI12\ntQ."}}, "kind \"torch.EvilStorage\""},
	"same name":            {[]entry{{"a/data.pkl", "(Va.b\nI1\nVa\n(Vb\nI2\ndd."}}, "two values have this name"},
	"deep":                 {[]entry{{"a/data.pkl", strings.Repeat("]", 100) + strings.Repeat("a", 99) + "."}}, "more than 64 deep"},
	"laughs":               {[]entry{{"a/data.pkl", laughs()}}, "memory"},
	"long names":           {[]entry{{"a/data.pkl", "(V" + strings.Repeat("k", 4000) + "\n(V" + strings.Repeat("l", 4000) + "\nNdd."}}, "a name of 8001 bytes"},
}

// TestElementsThatAreStillToBeChanged: a tensor whose metadata say so is refused,
// not read as it lies in the storage.
func TestElementsThatAreStillToBeChanged(t *testing.T) {
	for metadata, want := range map[string]string{
		"N": "", "}": "", "}Vneg\n\x89s": "",
		"}Vneg\n\x88s": "resolve_neg()", "}Vconj\n\x88s": "resolve_conj()",
	} {
		text, ok := strings.CutSuffix(saved("0", "I3\n", "I1\n"), "tR.")
		if !ok {
			t.Fatal(text)
		}
		_, err := Read(model(t, text+metadata+"tR."), Limits{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", metadata, err)
		}
	}
}

// TestPairsOfObjects: what is set in an OrderedDict that copyreg.__newobj__ makes.
func TestPairsOfObjects(t *testing.T) {
	text := saved("0", "I3\n", "I1\n")
	f, err := Read(model(t, "ccopyreg\n__newobj__\n(ccollections\nOrderedDict\ntRVw\n"+text[:len(text)-1]+"s."), Limits{})
	if err != nil || len(f.Entries) != 1 || f.Entries[0].Name != "w" {
		t.Errorf("%v, %v", f, err)
	}
}

// laughs is lists of ten times the list before, fifty deep, without a leaf.
func laughs() string {
	var b strings.Builder
	b.WriteString("(]p0\n")
	for i := range 50 {
		fmt.Fprintf(&b, "](%sep%d\n", strings.Repeat(fmt.Sprintf("g%d\n", i), 10), i+1)
	}
	return b.String() + "l."
}

// TestBadArchives: cases 7 and 8 of bad input, in little memory and time.
func TestBadArchives(t *testing.T) {
	for name, c := range badArchives {
		data := stored(t, c.entries...)
		refused(t, name, data, c.want)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("a/data.pkl") // compressed
	if err == nil {
		_, err = w.Write(bytes.Repeat([]byte{'N'}, 1<<19))
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	refused(t, "compressed", b.Bytes(), "is compressed, which PyTorch never does")
}

// refused asks for an error, little memory and little time.
func refused(t *testing.T, name string, data []byte, want string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	_, err := Read(data, Limits{})
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %.300v; want %s", name, err, want)
	}
	if n, limit := after.TotalAlloc-before.TotalAlloc, 4*uint64(len(data))+64<<20; n > limit || took > 2*time.Second {
		t.Errorf("%s: %d bytes, limit %d, in %v", name, n, limit, took)
	}
}

// TestOtherFiles: what people take for files of PyTorch.
func TestOtherFiles(t *testing.T) {
	tar := make([]byte, 512)
	copy(tar, "sys_info")
	copy(tar[257:], "ustar")
	for name, c := range map[string]struct{ data, want string }{
		"empty":       {"", "empty"},
		"tar":         {string(tar), "a tar archive: the form of PyTorch before"},
		"LFS":         {"version https://git-lfs.github.com/spec/v1\n", "Git LFS"},
		"safetensors": {"\x02\x00\x00\x00\x00\x00\x00\x00{} ", "looks like safetensors"},
		"text":        {"hello", `begins with "hello"`},
		"a pickle":    {"\x80\x02}.", "a pickle of a dict"},
		"version":     {"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02K\x01.", "not 1001"},
	} {
		refused(t, name, []byte(c.data), c.want)
	}
}

// TestLegacyStoragesAreChecked against what the pickle says of them.
func TestLegacyStoragesAreChecked(t *testing.T) {
	data, err := os.ReadFile("testdata/checkpoint_legacy.pt")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	at := f.Entries[0].from.(*view).of.at - 8 // of the number of elements
	longer := bytes.Clone(data)
	longer[at+3] = 1
	refused(t, "another length", longer, "elements, the pickle says")
	for _, key := range []string{"views.plain", "types.bool"} {
		x, err := f.Tensor(key)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, "cut in "+key, data[:f.Entries[f.index[key]].from.(*view).of.at+int64(len(x.Bytes()))-1], "bytes are left")
	}
}

// TestTruncated cuts files at every byte, long ones at 2,000 places.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"checkpoint_zip.pt", "checkpoint_legacy.pt", "new_types_legacy.pt", "script.pt"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(data); n += max(1, len(data)/2000) {
			if _, err := Read(data[:n], Limits{}); err == nil {
				t.Fatalf("%s: %d of %d bytes are accepted", name, n, len(data))
			}
		}
	}
}

// TestErrorsKeepThePickles so that a program can tell.
func TestErrorsKeepThePickles(t *testing.T) {
	_, err := Open("testdata/bad_system.pt", Limits{})
	var e *pickle.FormatError
	if !errors.As(err, &e) || e.Op != "GLOBAL" {
		t.Errorf("%v", err)
	}
}

// FuzzRead: no panic, and no more elements than the limit.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.pt")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(model(f, saved("2", "I3\nI4\n", "I3\nI1\n")))
	f.Add(model(f, saved("0", "I1048576\nI1048576\n", "I0\nI0\n")))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(data, Limits{})
		if err != nil {
			return
		}
		for _, e := range m.Entries {
			if e.Type.Bytes() < 1<<20 {
				if x, err := m.Tensor(e.Name); err == nil && x.Type() != e.Type {
					t.Fatalf("%s: %v and %v", e.Name, x.Type(), e.Type)
				}
			}
		}
	})
}
