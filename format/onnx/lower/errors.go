package lower

import "fmt"

// NodeError says at which node of a model the lowering stopped, and why.
type NodeError struct {
	Node string // as in: node "conv1" (Conv)
	Err  error
}

// Error names the node and the reason.
func (e *NodeError) Error() string { return fmt.Sprintf("onnx: %s: %v", e.Node, e.Err) }

// Unwrap is the reason.
func (e *NodeError) Unwrap() error { return e.Err }

// DynamicError says that a graph of static shapes cannot be made, because the
// shape or the course of the computation depends on data. A [Session] can run
// such a model; giving the input's content in [Binding.Values] may help too.
type DynamicError struct{ What string }

// Error says what depends on data.
func (e *DynamicError) Error() string {
	return e.What + " depends on data; it can be run but is not one graph of static shapes"
}

// stop carries an error from deep in a rule to the node that is being lowered.
// It never leaves this package.
type stop struct{ err error }

// caught turns a stop into an error; other panics go on.
func caught(to *error) {
	switch x := recover().(type) {
	case nil:
	case stop:
		*to = x.err
	default:
		panic(x)
	}
}
