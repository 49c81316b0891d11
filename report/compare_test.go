package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/train"
)

func TestShortNames(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"runs/faces/a", "runs/faces/b"}, []string{"a", "b"}},
		{[]string{"runs/faces/a", "runs/digits/a"}, []string{"faces/a", "digits/a"}},
		{[]string{"a", "x/a"}, []string{"a", "x/a"}},
		{[]string{"/x/a", "/x/a/b"}, []string{"a", "a/b"}},
		{[]string{".", "b"}, []string{".", "b"}},
	} {
		if got := shortNames(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

// TestPair counts the four outcomes by hand; the examples of the two runs stand
// in another order, one is missing and one has another truth.
func TestPair(t *testing.T) {
	labels := []string{"cat", "dog"}
	cat, dog := []train.Figure{0.9, 0.1}, []train.Figure{0.2, 0.8}
	a := compared{labels: labels, answers: []train.Predicted{
		said("1", "cat", cat), said("2", "cat", cat), said("3", "dog", cat), said("4", "dog", cat), said("5", "cat", cat), said("6", "cat", cat),
	}}
	b := compared{labels: []string{"dog", "cat"}, answers: []train.Predicted{
		said("4", "dog", dog), said("3", "dog", cat), said("2", "cat", cat), said("1", "cat", dog), said("5", "dog", dog),
	}}
	c := Comparison{Runs: []string{"a", "b"}}
	c.pair([]compared{a, b}, 0, 1)
	if len(c.Pairs) != 1 || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "share 4 of 6 and 5") {
		t.Fatalf("%+v", c)
	}
	p := c.Pairs[0]
	// b's classes stand in the other order: its "cat" figures mean dog.
	if p.Both != 1 || p.OnlyA != 1 || p.OnlyB != 1 || p.Neither != 1 || p.Luck != 1 || p.Surely() {
		t.Fatalf("%+v", p)
	}
	want := []Difference{{"2", "cat", "cat", "dog"}, {"3", "dog", "cat", "dog"}}
	if !slices.Equal(p.Differ, want) {
		t.Fatalf("%+v", p.Differ)
	}
}

// TestComparisonPage asks that names of runs and examples cannot break the page.
func TestComparisonPage(t *testing.T) {
	c := Comparison{
		Runs:    []string{"<script>", "b"},
		Metrics: []Row{{"accuracy", []string{"98.3 %", ""}}},
		Pairs:   []Pair{{A: "<script>", B: "b", OnlyA: 9, Luck: 0.004, Differ: []Difference{{"<img src=x>", "a", "b", "c"}}}},
	}
	var b bytes.Buffer
	if err := WriteComparison(&b, c); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if strings.Contains(page, "<script>") || strings.Contains(page, "<img src=x>") {
		t.Error("a name is written as markup")
	}
	for _, want := range []string{"98.3 %", "seldom luck", "probability 0.004", "none</span>"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
}

func said(id, label string, p []train.Figure) train.Predicted {
	return train.Predicted{ID: id, Label: label, Probabilities: p}
}
