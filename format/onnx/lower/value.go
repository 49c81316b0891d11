package lower

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// value is an ONNX value during the lowering: a tensor that is a node of the
// graph under construction, or is known, or lies in a slot of the run; or
// texts, a sequence or an optional.
type value struct {
	typ   tensor.Type
	node  *graph.Node
	epoch int          // of the segment that node belongs to
	known *Host        // the content, as a fact of the model
	init  *onnx.Tensor // where known comes from, once it is asked for
	slot  int          // of the run, from 1: the content is on the host; 0 for none

	kind  HostKind
	items []*value // of a sequence; of an optional, what it holds
}

func knownValue(h Host) *value {
	v := &value{kind: h.Kind}
	switch h.Kind {
	case KindTensor:
		v.typ, v.known = h.Tensor.Type(), &h
	case KindStrings:
		v.known = &h
	default:
		for _, x := range h.Items {
			v.items = append(v.items, knownValue(x))
		}
	}
	return v
}

// each calls f for v and all that it holds.
func (v *value) each(f func(*value)) {
	f(v)
	for _, x := range v.items {
		x.each(f)
	}
}

// isKnown says whether the content is a fact of the model.
func (v *value) isKnown() bool {
	if v.kind == KindSequence || v.kind == KindOptional {
		for _, x := range v.items {
			if !x.isKnown() {
				return false
			}
		}
		return true
	}
	return v.known != nil || v.init != nil
}
