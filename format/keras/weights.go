package keras

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// Weights is the variables of a model as files list them: by names such as
// "dense_1/kernel:0" or "bidirectional/forward_lstm/lstm_cell/bias". Variables
// are read when they are found.
type Weights struct {
	list  []*named
	index map[[2]string][]*named // by the last part of the name, and each other part
}

// named is one variable.
type named struct {
	name  string
	parts []string // but the last
	read  func() (tensor.Tensor, error)
	layer string // that it belongs to, once it has been found
}

// Add adds a variable.
func (w *Weights) Add(name string, read func() (tensor.Tensor, error)) {
	if w.index == nil {
		w.index = map[[2]string][]*named{}
	}
	parts := strings.Split(name, "/")
	last, _, _ := strings.Cut(parts[len(parts)-1], ":")
	n := &named{name: name, parts: parts[:len(parts)-1], read: read}
	w.list = append(w.list, n)
	for _, part := range n.parts {
		key := [2]string{last, part}
		if list := w.index[key]; len(list) == 0 || list[len(list)-1] != n {
			w.index[key] = append(list, n)
		}
	}
}

// Find reads the variable of a layer, such as "kernel" of "encoder/dense_1". Of
// the variables of that name it is the one whose own name has the most of the
// layer's path in it, the outermost part first; at least one part must be there,
// since files leave out those of nested models or of what is inside a layer.
func (w *Weights) Find(layer, variable string) (tensor.Tensor, error) {
	var found []*named
	path := strings.Split(layer, "/")
	for _, part := range path {
		if found == nil {
			found = w.index[[2]string{variable, part}]
			continue
		}
		var more []*named
		for _, n := range found {
			if slices.Contains(n.parts, part) {
				more = append(more, n)
			}
		}
		if more != nil {
			found = more
		}
	}
	// A layer in a nested model may have the name of one outside.
	if outer := slices.DeleteFunc(slices.Clone(found), func(n *named) bool { return n.parts[0] != path[0] }); len(outer) > 0 {
		found = outer
	}
	switch {
	case len(found) == 0:
		return tensor.Tensor{}, fmt.Errorf("the file has no %s of layer %q", variable, layer)
	case len(found) > 1:
		return tensor.Tensor{}, fmt.Errorf("%q and %q could both be %s of layer %q", found[0].name, found[1].name, variable, layer)
	}
	if n := found[0]; n.layer != "" && n.layer != layer {
		return tensor.Tensor{}, fmt.Errorf("%q would be a variable of both layer %q and layer %q", n.name, n.layer, layer)
	}
	found[0].layer = layer
	x, err := found[0].read()
	if err != nil {
		return x, fmt.Errorf("%s: %w", found[0].name, err)
	}
	return x, nil
}

// Unused is an error that lists the variables that Find has not given.
func (w *Weights) Unused() error {
	var names []string
	for _, n := range w.list {
		if n.layer == "" {
			names = append(names, n.name)
		}
	}
	return unused(names)
}

// unused is an error that lists variables, or nil if there are none.
func unused(names []string) error {
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	more := ""
	if n := len(names); n > 20 {
		names, more = names[:20], fmt.Sprintf(" and %d more", n-20)
	}
	return fmt.Errorf("keras: variables that belong to no layer: %s%s", strings.Join(names, ", "), more)
}
