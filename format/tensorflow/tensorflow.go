// Package tensorflow translates frozen TensorFlow graphs (GraphDef in binary
// form, .pb: variables are constants) into ONNX models. It reads graphs of
// TensorFlow 1 with their control flow of Enter, Exit, Switch and Merge, and
// those of TensorFlow 2 with functions, which are put in place of their calls.
//
// Each operation is an entry of one registry. A graph with operations that are
// not known is refused with all of their names; its constants can still be had
// with [Weights]. Reading trusts nothing: see [Limits].
package tensorflow

import "fmt"

// A FormatError says what is wrong with a file, and at which byte of it.
type FormatError struct {
	Offset int64
	Reason string
}

// Error names the place and the reason.
func (e *FormatError) Error() string {
	return fmt.Sprintf("tensorflow: byte %d: %s", e.Offset, e.Reason)
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Items int // nodes, their inputs and attributes, elements of lists: 150,000, and one more for each 100 bytes
	Nodes int // after functions are put in place of their calls: 500,000; what is made takes about 1 kB for each at most
	Depth int // of functions within functions, and of messages: 32
}

// withDefaults is for a file of so many bytes.
func (l Limits) withDefaults(size int) Limits {
	if l.Items <= 0 {
		l.Items = 150_000 + size/100
	}
	if l.Nodes <= 0 {
		l.Nodes = 500_000
	}
	if l.Depth <= 0 {
		l.Depth = 32
	}
	return l
}
