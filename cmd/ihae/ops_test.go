package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/graph"
)

// TestOpsSaysWhatOperationsCanDo holds the table to what is known of a few.
func TestOpsSaysWhatOperationsCanDo(t *testing.T) {
	code, out, errs := ihae(t.Context(), "ops", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	lines := map[string]opLine{}
	for text := range strings.Lines(out) {
		var l opLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		lines[l.Op] = l
	}
	if len(lines) != len(graph.Ops()) {
		t.Errorf("%d lines for %d operations", len(lines), len(graph.Ops()))
	}
	for _, c := range []struct {
		op             string
		types, kernels []string // some of each
		never          string   // a type that it does not take
		differentiable bool
	}{
		{"add", []string{"float32", "float64", "int8"}, []string{"float32"}, "bool", true},
		{"and", []string{"bool", "int32"}, []string{"bool"}, "float32", false},
		{"reshape", []string{"bool", "bfloat16"}, []string{"bool", "bfloat16"}, "none", true},
		{"conv", []string{"float32", "float64"}, []string{"float32"}, "bool", true},
	} {
		l := lines[c.op]
		for _, x := range c.types {
			if !slices.Contains(l.Types, x) {
				t.Errorf("%s does not take %s: %v", c.op, x, l.Types)
			}
		}
		for _, x := range c.kernels {
			if !slices.Contains(l.Kernels, x) {
				t.Errorf("%s has no kernel for %s: %v", c.op, x, l.Kernels)
			}
		}
		if slices.Contains(l.Types, c.never) || l.Differentiable != c.differentiable {
			t.Errorf("%+v", l)
		}
	}
	if code, _, errs := ihae(t.Context(), "ops", "nothing"); code != exitUsage || !strings.Contains(errs, "nothing") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestOpsBench asks that a fused loop, a product and a pool are measured.
func TestOpsBench(t *testing.T) {
	code, out, errs := ihae(t.Context(), "ops", "--bench", "--json", "tanh", "linear", "max-pool")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for text := range strings.Lines(out) {
		var l opLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if l.Bench == nil || l.Bench.Ms <= 0 || l.Bench.OfLimit <= 0 {
			t.Errorf("%s is not measured: %s", l.Op, text)
		}
	}
}

// TestOperationsPage asks that docs/operations.md is what the program writes,
// but for the column that was measured.
func TestOperationsPage(t *testing.T) {
	code, out, errs := ihae(t.Context(), "ops", "--markdown")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := unmeasured(string(page)), unmeasured(out); got != want {
		t.Errorf("docs/operations.md is out of date: %s\nrun: go run ./cmd/ihae ops --bench --markdown > docs/operations.md", firstDifference(got, want))
	}
}

// unmeasured leaves out the last cell of each row.
func unmeasured(page string) string {
	var b strings.Builder
	for line := range strings.Lines(page) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); strings.HasPrefix(line, "| ") && len(cells) == 5 {
			line = strings.Join(cells[:4], " | ") + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d is\n%s\nwant\n%s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("it has %d lines, want %d", len(a), len(b))
}
