package onnx

import (
	"strings"
	"testing"
)

// TestNodesHaveResults: a node that computes nothing is a mistake.
func TestNodesHaveResults(t *testing.T) {
	b := NewBuilder("g")
	b.AddNode(&Node{Op: "Relu", In: []string{b.Input("x", 1)}, Out: []string{}}, 1)
	if _, err := b.Model(18); err == nil || !strings.Contains(err.Error(), "Relu has no results") {
		t.Errorf("error %v", err)
	}
}

// TestVersionsOfTheFormat: the table of ONNX's releases, docs/Versioning.md.
func TestVersionsOfTheFormat(t *testing.T) {
	for opset, want := range map[int64]int64{
		1: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 14: 7, 15: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11, 24: 12, 25: 13, 26: 13,
	} {
		if got := irOf(opset); got != want {
			t.Errorf("opset %d is in version %d of the format, want %d", opset, got, want)
		}
	}
}
