package tfjs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/internal/mapped"
)

// folder writes files into a folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestManifestsThatLie are refused with the variable or file that is meant.
func TestManifestsThatLie(t *testing.T) {
	group := func(weights, paths string) string { return `[{"weights":[` + weights + `],"paths":[` + paths + `]}]` }
	const one = `{"name":"a","shape":[2],"dtype":"float32"}`
	for name, c := range map[string]struct{ manifest, want string }{
		"no JSON":          {`[{"weights":`, "byte 12 of the JSON"},
		"another type":     {`[{"weights":1}]`, "byte 13 of the JSON"},
		"no manifest":      {`{"a":1}`, "no manifest of weights"},
		"ml5 without file": {`{"a":{"shape":[2]}}`, `"a" has no filename`},
		"ml5 size":         {`{"a":{"filename":"8","shape":[3]}}`, `has the shape [3] and so 12 bytes, its file "8" has 8`},
		"ml5 outside":      {`{"a":{"filename":"../8","shape":[2]}}`, "escapes"},
		"outside":          {group(one, `"../8"`), "escapes"},
		"absolute":         {group(one, `"/etc/passwd"`), "escapes"},
		"inside out":       {group(one, `"x/../../8"`), "escapes"},
		"a link":           {group(one, `"link"`), "escapes"},
		"a folder":         {group(one, `"folder"`), "not a regular file"},
		"absent":           {group(one, `"absent"`), "absent"},
		"a file twice":     {group(one+`,`+strings.Replace(one, "a", "b", 1), `"8","./8"`), "twice"},
		"a name twice":     {group(one+`,`+one, `"8","other"`), `two variables "a"`},
		"no name":          {group(`{"shape":[2],"dtype":"float32"}`, `"8"`), "two variables"},
		"short":            {group(strings.Replace(one, "2", "3", 1), `"8"`), `"a" needs 12 bytes from byte 0`},
		"long":             {group(strings.Replace(one, "2", "1", 1), `"8"`), "4 of the 8 bytes"},
		"negative":         {group(strings.Replace(one, "2", "-2", 1), `"8"`), "axis 0 has size -2"},
		"an overflow":      {group(strings.Replace(one, "2", "4294967296,4294967296", 1), `"8"`), "too large"},
		"wraps":            {group(strings.Replace(one, "2", "4194305,4194305,211106198978564", 1), `"8"`), "too large"},
		"nine axes":        {group(strings.Replace(one, "2", "1,1,1,1,1,1,1,1,2", 1), `"8"`), "9 axes"},
		"a fraction":       {group(strings.Replace(one, "2", "1.5", 1), `"8"`), "of the JSON"},
		"a text":           {group(strings.Replace(one, "float32", "string", 1), `"8"`), `of type "string"`},
		"quantised to":     {group(`{"name":"a","shape":[8],"dtype":"float32","quantization":{"dtype":"int4"}}`, `"8"`), `quantised to "int4"`},
		"quantised bool":   {group(`{"name":"a","shape":[8],"dtype":"bool","quantization":{"dtype":"uint8","scale":1,"min":0}}`, `"8"`), "of type bool is quantised"},
		"no scale":         {group(`{"name":"a","shape":[8],"dtype":"float32","quantization":{"dtype":"uint8","min":1}}`, `"8"`), `"a" is quantised to uint8 without scale`},
		"no min":           {group(`{"name":"a","shape":[4],"dtype":"float32","quantization":{"dtype":"uint16","scale":1}}`, `"8"`), `"a" is quantised to uint16 without scale`},
		"a graph":          {`{"format":"graph-model","modelTopology":{"node":[]},"weightsManifest":` + group(one, `"8"`) + `}`, "a graph model"},
		"no topology":      {`{"format":"layers-model","modelTopology":null,"weightsManifest":` + group(one, `"8"`) + `}`, "no model"},
		"an odd bool":      {group(`{"name":"a","shape":[8],"dtype":"bool"}`, `"8"`), "a bool of value"},
		"too long":         {strings.Repeat(" ", maxJSON+1), "bytes of JSON"},
	} {
		dir := folder(t, map[string]string{"manifest.json": c.manifest, "8": "12345678", "other": "12345678"})
		if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/etc/hostname", filepath.Join(dir, "link")); err != nil {
			t.Skip("no symbolic links here:", err)
		}
		if err := readAll(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

// readAll opens a folder and reads everything.
func readAll(dir string) error {
	f, err := Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.all()
}

// all reads all variables, and builds the model if there seems to be one.
func (f *File) all() error {
	for _, name := range f.Names() {
		if _, err := f.Tensor(name); err != nil {
			return err
		}
	}
	if f.IsModel() || f.format != "" {
		_, err := f.Model()
		return err
	}
	return nil
}

// TestFolders finds the JSON file of a folder, or says what there is.
func TestFolders(t *testing.T) {
	const weights = `[{"weights":[],"paths":[]}]`
	if err := readAll(folder(t, map[string]string{"x-weights_manifest.json": weights})); err != nil {
		t.Error(err)
	}
	err := readAll(folder(t, map[string]string{"x-weights_manifest.json": weights, "y-weights_manifest.json": weights}))
	if err == nil || !strings.Contains(err.Error(), "y-weights_manifest.json") {
		t.Error(err)
	}
	if err := readAll(filepath.Join(t.TempDir(), "absent")); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// TestEveryTruncationIsAnError of the JSON and of the weights.
func TestEveryTruncationIsAnError(t *testing.T) {
	for _, model := range []string{"image", "rows", "weights"} {
		files := map[string]string{}
		entries, err := os.ReadDir("testdata/" + model)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b, err := os.ReadFile(filepath.Join("testdata", model, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			files[e.Name()] = string(b)
		}
		dir := folder(t, files)
		if err := readAll(dir); err != nil {
			t.Fatal(err)
		}
		for name, whole := range files {
			path := filepath.Join(dir, name)
			for n := 0; n < len(whole); n += len(whole)/100 + 1 {
				if err := os.WriteFile(path, []byte(whole[:n]), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := readAll(dir); err == nil {
					t.Errorf("%s: %d of %d bytes of %s: no error", model, n, len(whole), name)
				}
			}
			if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// FuzzOpen reads any JSON beside a file of some bytes.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"image/model.json", "quantised/model.json", "weights/all-weights_manifest.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, uint16(1000))
	}
	f.Add([]byte(`{"a":{"filename":"shard1.bin","shape":[2,2]}}`), uint16(16))
	dir := f.TempDir()
	last := uint16(0)
	f.Fuzz(func(t *testing.T, text []byte, size uint16) {
		for _, name := range []string{"shard1.bin", "group1-shard1.bin"} {
			if last == size && size != 0 {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		last = size
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		file := &File{index: map[string]*variable{}, files: map[string]*mapped.File{}, root: root}
		defer func() { _ = file.Close() }()
		if err := file.read(text); err != nil {
			return
		}
		if err := file.all(); err == nil && !json.Valid(text) {
			t.Error("what is no JSON was read")
		}
	})
}
