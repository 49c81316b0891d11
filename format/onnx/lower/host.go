package lower

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// Host is a value outside of programs: a tensor, texts, a sequence, or an
// optional value that may be absent.
type Host struct {
	Kind    HostKind
	Tensor  tensor.Tensor
	Strings []string // of KindStrings, in row-major order
	Dims    []int    // of KindStrings
	Items   []Host   // of a sequence; of an optional, what it holds, if anything
}

// HostKind is what a Host holds.
type HostKind uint8

// The kinds.
const (
	KindTensor HostKind = iota
	KindStrings
	KindSequence
	KindOptional
)

// TensorHost is a tensor on the host.
func TensorHost(t tensor.Tensor) Host { return Host{Tensor: t} }

// StringsHost is texts of a shape on the host.
func StringsHost(texts []string, dims ...int) Host {
	return Host{Kind: KindStrings, Strings: texts, Dims: dims}
}

// typeKey says what programs depend on: types and lengths, not contents.
func (h Host) typeKey() string {
	switch h.Kind {
	case KindTensor:
		return h.Tensor.Type().String()
	case KindStrings:
		return fmt.Sprint("string", h.Dims)
	}
	items := make([]string, len(h.Items))
	for i, x := range h.Items {
		items[i] = x.typeKey()
	}
	return fmt.Sprintf("%d(%s)", h.Kind, strings.Join(items, ","))
}

// contentKey tells contents apart.
func (h Host) contentKey() string {
	switch h.Kind {
	case KindTensor:
		return h.typeKey() + string(h.Tensor.Bytes())
	case KindStrings:
		return fmt.Sprintf("%s%q", h.typeKey(), h.Strings)
	}
	var b strings.Builder
	b.WriteString(h.typeKey())
	for _, x := range h.Items {
		b.WriteString(x.contentKey())
	}
	return b.String()
}
