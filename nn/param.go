package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// Param is a tensor that belongs to a model.
type Param struct {
	Value   tensor.Tensor
	Buffer  bool // state that Forward updates, such as a running mean; not trained
	NoDecay bool // weight decay leaves it alone: biases, scales and shifts
}

// Named is a parameter with the path of exported fields that leads to it, such
// as "block.0.conv.weight": its name in checkpoints, messages and pages.
type Named struct {
	Path string
	*Param
}

// Params finds the parameters of root by walking its exported fields, through
// pointers, interfaces, structs, slices, arrays, and maps in the order of their
// keys. A path is the lower-case names of fields and the indices on the way; of
// a parameter that is reached on several ways, the first counts. The order is
// that of the fields.
func Params(root Layer) []Named {
	w := paramWalk{seen: map[any]bool{}}
	w.visit(reflect.ValueOf(root), "")
	return w.found
}

type paramWalk struct {
	seen  map[any]bool // pointers followed already: sharing and cycles
	found []Named
}

func (w *paramWalk) visit(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Interface:
		w.visit(v.Elem(), path)
	case reflect.Pointer:
		w.pointer(v, path)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				w.visit(v.Field(i), join(path, strings.ToLower(f.Name)))
			}
		}
	case reflect.Slice, reflect.Array:
		if holds(v.Type().Elem()) {
			for i := range v.Len() {
				w.visit(v.Index(i), join(path, fmt.Sprint(i)))
			}
		}
	case reflect.Map:
		w.mapping(v, path)
	}
}

func (w *paramWalk) pointer(v reflect.Value, path string) {
	if v.IsNil() || w.seen[v.Interface()] {
		return
	}
	w.seen[v.Interface()] = true
	if p, ok := v.Interface().(*Param); ok {
		w.found = append(w.found, Named{path, p})
		return
	}
	w.visit(v.Elem(), path)
}

func (w *paramWalk) mapping(v reflect.Value, path string) {
	if !holds(v.Type().Elem()) {
		return
	}
	keys := map[string]reflect.Value{}
	names := make([]string, 0, v.Len())
	for _, k := range v.MapKeys() {
		name := fmt.Sprint(k.Interface())
		keys[name] = k
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w.visit(v.MapIndex(keys[name]), join(path, name))
	}
}

// holds says whether values of t can lead to a parameter; it spares the walk
// the elements of plain lists.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return false
}

// join adds a step to a path.
func join(path, step string) string {
	if path == "" || step == "" {
		return path + step
	}
	return path + "." + step
}
