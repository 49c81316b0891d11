package onnx_test

import (
	"archive/tar"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ulikunitz/xz"
)

var update = flag.Bool("update", false, "write docs/onnx.md")

var caseFlag = flag.String("case", "", "run the conformance cases whose names match, and list those that fail")

// suite unpacks the published test cases.
func suite(t *testing.T) fs.FS {
	t.Helper()
	f, err := os.Open("../../../shared/data/models/onnx-conformance/onnx-backend-test-data.tar.xz")
	if err != nil {
		t.Skip("the ONNX conformance cases are not in ../shared/data/models/onnx-conformance")
	}
	defer func() { _ = f.Close() }()
	x, err := xz.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for r := tar.NewReader(x); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return tree
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		tree[path.Clean(strings.TrimPrefix(h.Name, "./"))] = &fstest.MapFile{Data: b}
	}
}

// why says, by the beginning of a case's name, why it does not pass.
var why = []struct{ prefix, reason string }{
	{"node/test_bernoulli", "draws random numbers; the expected ones are those of NumPy's generator"},
	{"node/test_training_dropout", "draws random numbers; the expected ones are those of NumPy's generator"},
	{"node/test_dft_inverse", "wants the rounding noise of another algorithm: 1.9e-7 where the value is 0, with a tolerance of 1e-7"},
	{"node/test_image_decoder_decode_jpeg2k", "JPEG 2000 is not read"},
	{"node/test_image_decoder_decode_jpeg", "the decoder of JPEG rounds otherwise than the one that made the expected picture"},
}

// TestConformance runs the published cases: all of the groups simple,
// pytorch-converted, pytorch-operator and light pass, and of the group node all
// but those that docs/onnx.md lists. With -update it writes that page.
func TestConformance(t *testing.T) {
	tree := suite(t)
	cases, err := conformance.Find(tree)
	if err != nil {
		t.Fatal(err)
	}
	only := regexp.MustCompile(*caseFlag)
	chosen := slices.DeleteFunc(slices.Clone(cases), func(c conformance.Case) bool { return !only.MatchString(c.String()) })
	pool := exec.NewPool(0)
	defer pool.Close()
	p := newPage(tree)
	r, err := conformance.Run(t.Context(), tree, chosen, pool, p.add)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Failures {
		if reason(f.Case) == "" || *caseFlag != "" {
			t.Errorf("%s: %s", f.Case, f.Reason)
		}
	}
	t.Logf("%d passed, %d failed, %d skipped", r.Passed, r.Failed, r.Skipped)
	if *caseFlag == "" {
		p.compare(t)
	}
}

func reason(name string) string {
	for _, w := range why {
		if strings.HasPrefix(name, w.prefix) {
			return w.reason
		}
	}
	return ""
}

// page is docs/onnx.md under construction.
type page struct {
	tree   fs.FS
	groups map[string]*tally
	ops    map[string]*tally
	failed []string
}

type tally struct{ passed, all int }

func newPage(tree fs.FS) *page {
	return &page{tree: tree, groups: map[string]*tally{}, ops: map[string]*tally{}}
}

// add counts a case for its group and for each operator in its model.
func (p *page) add(c conformance.Case, err error) {
	count := func(m map[string]*tally, key string) {
		if m[key] == nil {
			m[key] = &tally{}
		}
		m[key].all++
		if err == nil {
			m[key].passed++
		}
	}
	count(p.groups, c.Group)
	if err != nil {
		p.failed = append(p.failed, c.String())
	}
	m, modelErr := c.Model(p.tree)
	if modelErr != nil {
		return
	}
	seen := map[string]bool{}
	for n := range m.AllNodes() {
		if name := n.OpName(); !seen[name] {
			seen[name] = true
			count(p.ops, name)
		}
	}
}

const pageHead = `# ONNX

What of ONNX is read, and how much of the test cases that the ONNX project publishes passes. This page is written by
` + "`go test ./format/onnx -run Conformance -update`" + `; the cases are run by ` + "`ihae selftest onnx --data DIR`" + ` too.
A case passes if every output has the type that it must, and numbers within 1e-3 of the value plus 1e-7, as in ONNX's own runner
(the group light: as its data.json says). Every operator is understood in all versions from 1 on that the standard had of it; "changed" lists those that changed it.

`

// String is the page.
func (p *page) String() string {
	var b strings.Builder
	b.WriteString(pageHead + "| group | passed | cases |\n|---|---:|---:|\n")
	for _, g := range slices.Sorted(maps.Keys(p.groups)) {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", g, p.groups[g].passed, p.groups[g].all)
	}
	b.WriteString("\n## Cases that do not pass\n\n| case | why |\n|---|---|\n")
	for _, name := range p.failed {
		fmt.Fprintf(&b, "| %s | %s |\n", name, reason(name))
	}
	b.WriteString("\n## Operators\n\nPassed and cases: of all cases whose model has the operator.\n\n| operator | changed | passed | cases |\n|---|---|---:|---:|\n")
	for _, o := range lower.Operators() {
		name := o.Name
		if o.Domain != "" {
			name = o.Domain + "." + name
		}
		c := p.ops[name]
		if c == nil {
			c = &tally{}
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", name, strings.Trim(fmt.Sprint(o.Since), "[]"), c.passed, c.all)
	}
	return b.String()
}

// compare holds docs/onnx.md to the page, or writes it.
func (p *page) compare(t *testing.T) {
	const path = "../../docs/onnx.md"
	if *update {
		if err := os.WriteFile(path, []byte(p.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != p.String() {
		t.Errorf("%s is not what was measured; write it with -update", path)
	}
}
