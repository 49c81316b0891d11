// Package caffe translates models saved by Caffe (Jia et al., "Caffe:
// Convolutional Architecture for Fast Feature Embedding", 2014) into ONNX
// models. A model is two files: the net, in protobuf's text form (.prototxt),
// and the weights, in its binary form (.caffemodel), which holds the net it was
// trained as, too. The forms of layers are `layer` (version 2) and `layers` with
// numbered types (version 1); version 0 is refused.
//
// Each layer type is a file here and an entry of one registry. A net with layers
// that are not known is refused with all of their names. Reading trusts
// nothing: see [Limits].
package caffe

import "fmt"

// A FormatError says what is wrong with a file and where: at a line and column
// of a .prototxt, at a byte of a .caffemodel.
type FormatError struct {
	Line, Column int   // from 1; Line is 0 in a .caffemodel
	Offset       int64 // of a .caffemodel
	Reason       string
}

// Error names the file's kind, the place and the reason.
func (e *FormatError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("prototxt: %d:%d: %s", e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("caffemodel: byte %d: %s", e.Offset, e.Reason)
}

// Limits bounds what files can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Text   int64 // bytes of a .prototxt: 16 MiB
	Fields int   // of a .prototxt, or of a .caffemodel besides its weights: 120,000
	Layers int   // 10,000
}

func (l Limits) withDefaults() Limits {
	if l.Text <= 0 {
		l.Text = 16 << 20
	}
	if l.Fields <= 0 {
		l.Fields = 120_000
	}
	if l.Layers <= 0 {
		l.Layers = 10_000
	}
	return l
}

// maxDepth bounds messages within messages; Caffe's go four deep.
const maxDepth = 32
