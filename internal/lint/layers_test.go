package lint

import (
	"strconv"
	"strings"
	"testing"
)

// layers is the policy on imports: a package may import packages on lines above
// its own, never on its own line or below. Adding a line is a decision with a
// page; moving one to make a build pass is a mistake.
const layers = `
internal/registry internal/cpu internal/lint internal/mapped internal/protobuf
tensor rng
media page kernel
media/table media/token
data graph
data/sets ops plan
exec
format/safetensors format/npz format/pickle format/hdf5 format/gguf format/onnx
format/torch format/theano format/torch7 format/caffe format/tensorflow format/keras
format/tfjs format/onnx/lower format/onnx/export
format/onnx/conformance format/onnx/inspect
format
nn metric linear
optim zoo
train
task
report
check
cmd/ihae
`

// engine is the packages that import the standard library and x/sys only.
const engine = "internal/registry internal/cpu tensor rng kernel graph ops plan exec"

// TestLayers asks that all imports point up, that only tests import check, and
// that the engine depends on nobody.
func TestLayers(t *testing.T) {
	level := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(layers), "\n") {
		for _, pkg := range strings.Fields(line) {
			level[pkg] = i + 1
		}
	}
	for _, f := range source(t) {
		if nested(f.pkg) {
			continue
		}
		if level[f.pkg] == 0 {
			t.Errorf("%s: package %q has no line in layers", f.path, f.pkg)
		}
		for _, spec := range f.tree.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			at := f.path + ":" + strconv.Itoa(f.line(spec.Pos()))
			checkImport(t, f, at, path, level)
		}
	}
}

// nested says whether a folder is a module of its own or the benchmarks, which
// may import anything and which nothing imports.
func nested(pkg string) bool {
	return strings.HasPrefix(pkg, "kernel/_gen") || pkg == "bench" || strings.HasPrefix(pkg, "bench/")
}

func checkImport(t *testing.T, f *file, at, path string, level map[string]int) {
	dep, ours := strings.CutPrefix(path, module)
	inEngine := strings.Contains(" "+engine+" ", " "+f.pkg+" ")
	switch {
	case path == "C":
		t.Errorf("%s: no package may use cgo", at)
	case f.test:
	case !ours && inEngine && strings.Contains(path, ".") && !strings.HasPrefix(path, "golang.org/x/sys/"):
		t.Errorf("%s: the engine may not import %s", at, path)
	case !ours:
	case nested(dep):
		t.Errorf("%s: nothing imports %s", at, dep)
	case level[dep] == 0:
		t.Errorf("%s: %s has no line in layers", at, dep)
	case level[dep] >= level[f.pkg]:
		t.Errorf("%s: %s may not import %s", at, f.pkg, dep)
	case dep == "check":
		t.Errorf("%s: only tests import check", at)
	}
}
