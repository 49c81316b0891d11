package onnx_test

import (
	"archive/tar"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ulikunitz/xz"
)

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

// TestConformance runs the published cases: all of the groups simple,
// pytorch-converted, pytorch-operator and light pass, and of the group node all
// but those that docs/onnx.md lists.
func TestConformance(t *testing.T) {
	tree := suite(t)
	cases, err := conformance.Find(tree)
	if err != nil {
		t.Fatal(err)
	}
	only := regexp.MustCompile(*caseFlag)
	var chosen []conformance.Case
	for _, c := range cases {
		if only.MatchString(c.String()) {
			chosen = append(chosen, c)
		}
	}
	pool := exec.NewPool(0)
	defer pool.Close()
	r, err := conformance.Run(t.Context(), tree, chosen, pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Failures {
		t.Errorf("%s: %s", f.Case, f.Reason)
	}
	t.Logf("%d passed, %d failed, %d skipped", r.Passed, r.Failed, r.Skipped)
}
