package lower

import (
	"fmt"
	"slices"
	"strings"
)

// label is an index of an einsum: a letter, or below 0 an axis of an ellipsis,
// counted from the last.
type label int

// String writes a letter, or the ellipsis with the axis.
func (l label) String() string {
	if l < 0 {
		return fmt.Sprintf("...[%d]", int(l))
	}
	return fmt.Sprintf("%q", rune(l))
}

// equation is an einsum: the labels of each operand's axes and of the result's.
type equation struct {
	terms  [][]label
	result []label
}

// parseEinsum reads an equation such as "...ij,jk->...ik" for operands of the
// given ranks. Without an arrow the result has the axes of the ellipsis, then the
// letters that stand once, in the order of their codes.
func parseEinsum(text string, ranks []int) (equation, error) {
	left, right, arrow := strings.Cut(strings.ReplaceAll(text, " ", ""), "->")
	terms := strings.Split(left, ",")
	if len(terms) != len(ranks) || len(ranks) == 0 {
		return equation{}, fmt.Errorf("equation %q has %d terms for %d operands", text, len(terms), len(ranks))
	}
	var e equation
	count, dots := map[label]int{}, 0
	for i, t := range terms {
		labels, err := readTerm(t, ranks[i])
		if err != nil {
			return e, fmt.Errorf("equation %q: term %d: %w", text, i, err)
		}
		for _, l := range labels {
			count[l]++
			dots = max(dots, -int(l))
		}
		e.terms = append(e.terms, labels)
	}
	if !arrow {
		e.result = implicit(count, dots)
		return e, nil
	}
	letters := len(strings.ReplaceAll(right, "...", ""))
	if strings.Contains(right, "...") {
		letters += dots
	}
	var err error
	if e.result, err = readTerm(right, letters); err != nil {
		return e, fmt.Errorf("equation %q: result: %w", text, err)
	}
	for i, l := range e.result {
		if count[l] == 0 || slices.Contains(e.result[:i], l) {
			return e, fmt.Errorf("equation %q: the result has %v, which must stand in a term, and once in the result", text, l)
		}
	}
	return e, nil
}

// readTerm is the labels of a term for rank axes.
func readTerm(t string, rank int) ([]label, error) {
	before, after, ellipsis := strings.Cut(t, "...")
	letters := before + after
	if strings.ContainsFunc(letters, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }) {
		return nil, fmt.Errorf("%q is no letters with at most one ellipsis", t)
	}
	dots := rank - len(letters)
	if dots < 0 || dots > 0 && !ellipsis {
		return nil, fmt.Errorf("%q has %d letters for %d axes", t, len(letters), rank)
	}
	var labels []label
	for _, r := range before {
		labels = append(labels, label(r))
	}
	for i := range dots {
		labels = append(labels, label(i-dots))
	}
	for _, r := range after {
		labels = append(labels, label(r))
	}
	return labels, nil
}

// implicit is the result of an equation without an arrow.
func implicit(count map[label]int, dots int) []label {
	var result []label
	for i := range dots {
		result = append(result, label(i-dots))
	}
	for r := label('A'); r <= 'z'; r++ {
		if count[r] == 1 {
			result = append(result, r)
		}
	}
	return result
}
