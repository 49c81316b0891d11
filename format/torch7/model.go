package torch7

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

// Options says how a network becomes a model.
type Options struct {
	// At is where in the file the network is, in the manner of [File.Names]; empty
	// means the root, or the only network in a table there.
	At string
	// Inputs is the sizes of each input without the axis of examples, -1 for a size
	// that is open. Nil means what the first layers tell: planes of open height and
	// width, or a vector.
	Inputs [][]int
}

// opset is what models are written in; one that needs more says so.
const opset = 17

// Model turns a network of package nn (and the layers of cudnn of the same
// names) into an ONNX model as the network is after evaluate(), in float32, with
// an axis N of examples first. Values are named by the places of their modules in
// the file, modules.1, and parameters too, modules.1.weight. A network that was
// made for single examples, which shows where it joins along dimension 1, has its
// dimensions counted from behind the axis of examples. If there are classes of
// modules that are not supported the error is a *[MissingError] with all of them.
func (f *File) Model(o Options) (*onnx.Model, error) {
	root, err := f.network(o.At)
	if err != nil {
		return nil, err
	}
	t := &translator{
		b: onnx.NewBuilder("torch7"), opset: opset, left: f.limits.Memory,
		inits: map[initKey]string{}, fed: map[string]bool{}, missing: map[string][]string{},
	}
	t.survey(root, o.At, map[*Module]bool{}, 0)
	if t.err == nil && len(t.missing) > 0 {
		return nil, &MissingError{t.missing}
	}
	in := t.inputs(root, o.Inputs)
	out := t.module(root, o.At, in)
	t.outputs(out)
	if t.err != nil {
		return nil, t.err
	}
	m, err := t.b.Model(t.opset)
	if err != nil {
		return nil, fmt.Errorf("torch7: %w", err)
	}
	m.SetMeta("ihae.source", "torch7 "+root.Class)
	return m, nil
}

// network finds the module at a place.
func (f *File) network(at string) (*Module, error) {
	v := f.Root
	for _, name := range strings.FieldsFunc(at, func(r rune) bool { return r == '.' }) {
		t := fieldsOf(v)
		v = nil
		if t != nil {
			for i, k := range t.keys {
				if keyName(k, i) == name {
					v = t.vals[i]
				}
			}
		}
	}
	if m, ok := v.(*Module); ok {
		return m, nil
	}
	t, ok := v.(*Table)
	if !ok {
		return nil, fmt.Errorf("torch7: there is no network at %q", at)
	}
	found := map[string]*Module{}
	for i, k := range t.keys {
		if m, ok := t.vals[i].(*Module); ok && (strings.HasPrefix(m.Class, "nn.") && !strings.HasSuffix(m.Class, "Criterion")) {
			found[keyName(k, i)] = m
		}
	}
	names := slices.Sorted(maps.Keys(found))
	if len(names) == 1 {
		return found[names[0]], nil
	}
	return nil, fmt.Errorf("torch7: a table with the networks %q, wanted one; say which", names)
}

// fieldsOf is the table of a table or a module, or nil.
func fieldsOf(v any) *Table {
	switch v := v.(type) {
	case *Table:
		return v
	case *Module:
		return v.Fields
	}
	return nil
}

// A MissingError names the classes of modules in a network that are not
// supported, all of them, and where they are.
type MissingError struct {
	Places map[string][]string // by class; at most a few each
}

// Error lists the classes.
func (e *MissingError) Error() string {
	var list []string
	for _, class := range slices.Sorted(maps.Keys(e.Places)) {
		list = append(list, fmt.Sprintf("%s (%s)", class, strings.Join(e.Places[class], ", ")))
	}
	return "torch7: the network has modules of classes that are not supported: " + strings.Join(list, "; ")
}
