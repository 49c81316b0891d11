package lower

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// InputError says which input of a model is missing, unknown or of a wrong type.
type InputError struct{ Name, Reason string }

// Error names the input.
func (e *InputError) Error() string { return fmt.Sprintf("onnx: input %q: %s", e.Name, e.Reason) }

// checkInputs holds given values to the inputs that g declares: their kinds,
// element types, and sizes, a name standing for the same size everywhere.
func checkInputs(g *onnx.Graph, in map[string]Host) error {
	known, sizes := map[string]bool{}, map[string]int64{}
	var names []string
	for _, p := range g.Inputs {
		known[p.Name] = true
		names = append(names, p.Name)
		h, given := in[p.Name]
		if !given {
			if g.Init(p.Name) == nil && !isOptional(p.Type) {
				return &InputError{p.Name, "is not given; it wants " + p.Type.String()}
			}
			continue
		}
		if err := fits(h, p.Type, sizes); err != nil {
			return &InputError{p.Name, err.Error()}
		}
	}
	for _, name := range sortedKeys(in) {
		if !known[name] {
			return &InputError{name, "the model has no such input; it has " + strings.Join(names, ", ")}
		}
	}
	return nil
}

func isOptional(t *onnx.Type) bool { return t != nil && t.Kind == onnx.OptionalType }

// fits says whether h is of type t. sizes is what names of sizes stand for.
func fits(h Host, t *onnx.Type, sizes map[string]int64) error {
	if t == nil {
		return nil
	}
	switch t.Kind {
	case onnx.OptionalType:
		if h.Kind != KindOptional {
			return fits(h, t.Of, sizes)
		}
		for _, x := range h.Items {
			return fits(x, t.Of, sizes)
		}
		return nil
	case onnx.SequenceType:
		if h.Kind != KindSequence {
			return fmt.Errorf("wants a sequence")
		}
		for _, x := range h.Items {
			if err := fits(x, t.Of, map[string]int64{}); err != nil {
				return err
			}
		}
		return nil
	}
	return fitsTensor(h, t, sizes)
}

func fitsTensor(h Host, t *onnx.Type, sizes map[string]int64) error {
	got := ""
	var dims []int
	switch h.Kind {
	case KindTensor:
		got, dims = h.Tensor.DType().String(), h.Tensor.Shape().Dims()
	case KindStrings:
		got, dims = "string", h.Dims
	default:
		return fmt.Errorf("wants %v, not a sequence or an optional", t)
	}
	if t.Elem != onnx.ElemNone && got != t.Elem.String() {
		return fmt.Errorf("wants %v, given %s%v", t, got, dims)
	}
	if !t.Ranked {
		return nil
	}
	if len(dims) != len(t.Dims) {
		return fmt.Errorf("wants %v, given %s%v", t, got, dims)
	}
	for i, d := range t.Dims {
		want := d.Size
		if before, ok := sizes[d.Name]; d.Name != "" && ok {
			want = before
		}
		if want >= 0 && int64(dims[i]) != want {
			return fmt.Errorf("wants %v, given %s%v: axis %d is to be %d", t, got, dims, i, want)
		}
		if d.Name != "" {
			sizes[d.Name] = int64(dims[i])
		}
	}
	return nil
}

// InputTypes is the types of the inputs of m that have no default, sizes given by
// the names that stand for them; a size that has neither is 1.
func InputTypes(m *onnx.Model, sizes map[string]int) (map[string]tensor.Type, error) {
	types := map[string]tensor.Type{}
	for _, p := range m.Graph.Inputs {
		if m.Graph.Init(p.Name) != nil {
			continue
		}
		if p.Type == nil || p.Type.Kind != onnx.TensorType || !p.Type.Ranked {
			return nil, &InputError{p.Name, "its shape is not stated in the file; give it"}
		}
		d, ok := p.Type.Elem.DType()
		if !ok {
			return nil, &InputError{p.Name, fmt.Sprintf("%v have no tensors here", p.Type.Elem)}
		}
		dims := make([]int, len(p.Type.Dims))
		for i, x := range p.Type.Dims {
			if dims[i] = int(x.Size); x.Size < 0 {
				dims[i] = 1
				if n, ok := sizes[x.Name]; ok {
					dims[i] = n
				}
			}
		}
		s, err := tensor.CheckedDims(dims...)
		if err != nil {
			return nil, &InputError{p.Name, err.Error()}
		}
		types[p.Name] = tensor.Type{DType: d, Shape: s}
	}
	return types, nil
}
