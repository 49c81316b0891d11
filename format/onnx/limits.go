package onnx

import "fmt"

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Depth int // graphs within graphs: 32
	Nodes int // in all graphs and functions: 2,000,000
	Root  string
	// Root is the folder that files of external data must lie in; by default the
	// model's own. Links are followed within it.
}

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = 32
	}
	if l.Nodes <= 0 {
		l.Nodes = 2_000_000
	}
	return l
}

// A FormatError says what is wrong with a file, and at which byte of it; Offset
// is negative if no single byte is meant.
type FormatError struct {
	Offset int64
	Reason string
}

// Error names the place and the reason.
func (e *FormatError) Error() string {
	if e.Offset < 0 {
		return "onnx: " + e.Reason
	}
	return fmt.Sprintf("onnx: byte %d: %s", e.Offset, e.Reason)
}
