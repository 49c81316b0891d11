package table

import (
	"fmt"
	"strings"
	"testing"
)

// TestKinds guesses what columns are.
func TestKinds(t *testing.T) {
	const n = 60
	for name, c := range map[string]struct {
		column string
		cell   func(i int) string
		want   Kind
	}{
		"empty":      {"x", func(int) string { return "NA" }, Empty},
		"bool":       {"x", func(i int) string { return []string{"yes", "no"}[i%2] }, Bool},
		"zero, one":  {"x", func(i int) string { return fmt.Sprint(i % 2) }, Bool},
		"integer":    {"x", func(i int) string { return fmt.Sprint(i * i) }, Integer},
		"number":     {"x", func(i int) string { return fmt.Sprintf("%g", float64(i)/7) }, Number},
		"missing":    {"x", func(i int) string { return []string{"", "2.5", "nan", "-1e3"}[i%4] }, Number},
		"infinity":   {"x", func(i int) string { return []string{"inf", "1"}[i%2] }, Category},
		"count":      {"x", func(i int) string { return fmt.Sprint(i + 100) }, Identifier},
		"id":         {"PassengerId", func(i int) string { return fmt.Sprint(i * 3) }, Identifier},
		"code":       {"x", func(i int) string { return fmt.Sprintf("a%dz", i) }, Identifier},
		"date":       {"x", func(i int) string { return fmt.Sprintf("2024-03-%02d", i%28+1) }, Date},
		"Korean day": {"x", func(i int) string { return fmt.Sprintf("2024년 3월 %d일", i%28+1) }, Date},
		"time":       {"x", func(i int) string { return fmt.Sprintf("2024-03-01 10:%02d", i) }, Date},
		"category":   {"x", func(i int) string { return []string{"red", "green", "dark blue"}[i%3] }, Category},
		"text":       {"x", func(i int) string { return fmt.Sprintf("this is the sentence %d", i) }, Text},
		"long":       {"x", func(i int) string { return strings.Repeat("ab ", 40+i%2) }, Text},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewProfile([]string{c.column})
			for i := range n {
				p.Add([]string{c.cell(i)})
			}
			if got := p.Finish()[0]; got.Kind != c.want {
				t.Errorf("%s, want %s (%+v)", got.Kind, c.want, got)
			}
		})
	}
}

// TestCounts counts by hand.
func TestCounts(t *testing.T) {
	p := NewProfile([]string{"x"})
	for _, cell := range []string{"1", "?", "2.5", " 가나 ", "1", ""} {
		p.Add([]string{cell})
	}
	c := p.Finish()[0]
	if c.Cells != 6 || c.Missing != 2 || c.Distinct != 3 || c.Numbers != 3 || c.Integers != 2 ||
		c.Low != 1 || c.High != 2.5 || c.Longest != 3 || c.Kind != Category || c.Values[0] != (Count{"1", 2}) {
		t.Errorf("%+v", c)
	}
}
