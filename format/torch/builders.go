package torch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/tensor"
)

// reader is the state of reading one file.
type reader struct {
	limits   Limits
	memory   int64 // bytes that one tensor, or the values of the pickle, may take
	storages map[string]*storage
	form     form
	list     map[string]pickle.Build // of allowed calls
}

// form is what the forms of files do differently about storages.
type form interface {
	// open makes a storage at its first mention, of elements of size bytes.
	open(key string, size int) (*storage, error)
	// mention checks what a persistent id says of a storage: n elements of type d,
	// and what follows in the id.
	mention(s *storage, d tensor.DType, n int, rest []any) (*typed, error)
}

// options is how the pickle of a file is read.
func (r *reader) options() pickle.Options {
	return pickle.Options{
		Builders: r.list, Other: other, Strict: true, Advice: advice, Persistent: r.persistent, Memory: r.memory,
	}
}

// builders is all names that a pickle may call, besides the plain ones of
// Python itself.
func (r *reader) builders() map[string]pickle.Build {
	m := pickle.Numpy()
	for name, b := range map[string]pickle.Build{
		"torch._utils _rebuild_tensor":                 r.rebuild,
		"torch._utils _rebuild_tensor_v2":              r.rebuild,
		"torch._utils _rebuild_tensor_v3":              r.rebuildTyped,
		"torch._utils _rebuild_parameter":              first,
		"torch._utils _rebuild_parameter_with_state":   first,
		"torch._tensor _rebuild_from_type_v2":          r.rebuildFromType,
		"torch Size":                                   size,
		"torch device":                                 device,
		"torch Tensor":                                 nil,
		"torch.nn.parameter Parameter":                 first,
		"torch.nn.parameter Buffer":                    first,
		"torch.serialization _get_layout":              first,
		"argparse Namespace":                           object("argparse.Namespace"),
		"torch.jit._pickle build_intlist":              first,
		"torch.jit._pickle build_doublelist":           first,
		"torch.jit._pickle build_boollist":             first,
		"torch.jit._pickle build_tensorlist":           first,
		"torch.jit._pickle restore_type_tag":           first,
		"torch._utils _rebuild_qtensor":                refuse("quantised; dequantise it before saving"),
		"torch._utils _rebuild_sparse_tensor":          refuse("sparse; save it dense"),
		"torch._utils _rebuild_sparse_csr_tensor":      refuse("sparse; save it dense"),
		"torch._utils _rebuild_nested_tensor":          refuse("nested; save its parts"),
		"torch._utils _rebuild_wrapper_subclass":       refuse("of a class of its own; save it as a plain tensor"),
		"torch._utils _rebuild_meta_tensor_no_storage": refuse("on the meta device and has no elements"),
	} {
		m[name] = b
	}
	return m
}

// other allows the names of storages, element types and layouts, and the
// classes of a TorchScript archive, which are records of attributes.
func other(g pickle.Global) (pickle.Build, bool) {
	switch {
	case g.Module == "__torch__" || strings.HasPrefix(g.Module, "__torch__."):
		return object(g.String()), true
	case !isTorch(g):
		return nil, false
	case strings.HasSuffix(g.Name, "Storage"):
		return nil, true
	}
	_, isType := dtypes[g.Name]
	return nil, isType || strings.HasPrefix(g.Name, "complex") || strings.HasPrefix(g.Name, "q") ||
		g.Name == "strided" || g.Name == "contiguous_format" || g.Name == "channels_last"
}

// object makes a record of attributes, which BUILD sets.
func object(class string) pickle.Build {
	return func(args []any) (any, error) {
		return &pickle.Object{Class: pickle.Global{Name: class}, Args: &pickle.Tuple{Items: args}}, nil
	}
}

func refuse(kind string) pickle.Build {
	return func([]any) (any, error) { return nil, fmt.Errorf("the tensor is %s", kind) }
}

// first is for what wraps its first argument.
func first(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("no arguments")
	}
	return args[0], nil
}

// size is torch.Size, a tuple.
func size(args []any) (any, error) {
	if len(args) == 1 {
		switch v := args[0].(type) {
		case *pickle.Tuple:
			return v, nil
		case *pickle.List:
			return &pickle.Tuple{Items: v.Items[:len(v.Items):len(v.Items)]}, nil
		}
	}
	return nil, errors.New("wanted a tuple")
}

// device is torch.device, as text: cuda:0.
func device(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("no arguments")
	}
	name, ok := pickle.Text(args[0])
	if !ok || len(name) > 100 {
		return nil, errors.New("wanted a text")
	}
	if len(args) > 1 {
		if n, ok := args[1].(int64); ok {
			name = fmt.Sprintf("%s:%d", name, n)
		}
	}
	return name, nil
}

// resolved refuses metadata by which the elements of a tensor are still to be
// negated or conjugated (pytorch: torch/_utils.py, set_tensor_metadata).
func resolved(metadata any) error {
	d, ok := metadata.(*pickle.Dict)
	if !ok {
		return nil
	}
	for _, name := range []string{"neg", "conj"} {
		if v, _ := d.Get(name); v == true {
			return fmt.Errorf("the elements of the tensor are still to be changed (%s); save it after resolve_%s()", name, name)
		}
	}
	return nil
}

// rebuild takes (storage, offset, size, strides, requires_grad, hooks, metadata), the
// last three absent in old files: a view of a typed storage.
func (r *reader) rebuild(args []any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("%d arguments, wanted storage, offset, size and strides", len(args))
	}
	s, ok := args[0].(*typed)
	if !ok {
		return nil, fmt.Errorf("the storage is a %s", pickle.TypeName(args[0]))
	}
	if s.dtype == (tensor.DType{}) {
		return nil, errors.New("the storage has no element type")
	}
	if len(args) > 6 {
		if err := resolved(args[6]); err != nil {
			return nil, err
		}
	}
	return r.view(*s, args[1], args[2], args[3])
}

// rebuildTyped takes (storage, offset, size, strides, requires_grad, hooks,
// dtype, metadata), the last absent as a rule: a view of an untyped storage.
func (r *reader) rebuildTyped(args []any) (any, error) {
	if len(args) < 7 {
		return nil, fmt.Errorf("%d arguments, wanted 7 or more", len(args))
	}
	s, isStorage := args[0].(*typed)
	g, isName := args[6].(pickle.Global)
	if !isStorage || !isName {
		return nil, fmt.Errorf("the storage is a %s and the element type a %s", pickle.TypeName(args[0]), pickle.TypeName(args[6]))
	}
	d, ok := dtypes[g.Name]
	if !ok {
		return nil, fmt.Errorf("elements of type %q are not read", g.String())
	}
	if s.dtype != (tensor.DType{}) || s.first != 0 {
		return nil, errors.New("wanted an untyped storage, and a whole one")
	}
	if len(args) > 7 {
		if err := resolved(args[7]); err != nil {
			return nil, err
		}
	}
	return r.view(typed{s.storage, d, 0, s.length / d.Size()}, args[1], args[2], args[3])
}

// rebuildFromType takes (function, class, arguments, state): a tensor with
// attributes, which are dropped, or of a class that extends Tensor.
func (r *reader) rebuildFromType(args []any) (any, error) {
	if len(args) < 3 {
		return nil, fmt.Errorf("%d arguments, wanted 4", len(args))
	}
	g, isName := args[0].(pickle.Global)
	inner, isTuple := args[2].(*pickle.Tuple)
	if !isName || !isTuple || g.Module != "torch._utils" {
		return nil, fmt.Errorf("a function that is a %s", pickle.TypeName(args[0]))
	}
	b := r.list[g.Module+" "+g.Name]
	if b == nil {
		return nil, fmt.Errorf("%q is not allowed here", g.String())
	}
	return b(inner.Items)
}

func (r *reader) view(s typed, offset, size, strides any) (any, error) {
	dims, err := integers(size)
	if err != nil {
		return nil, fmt.Errorf("size: %w", err)
	}
	shape, err := tensor.CheckedDims(dims...)
	if err != nil {
		return nil, err
	}
	v := &view{of: s, typ: tensor.Type{DType: s.dtype, Shape: shape}, limit: r.memory}
	if v.strides, err = integers(strides); err != nil {
		return nil, fmt.Errorf("strides: %w", err)
	}
	at, ok := offset.(int64)
	if !ok || at < 0 || at > int64(s.length) {
		return nil, fmt.Errorf("an offset past the %d elements of the storage", s.length)
	}
	v.offset = s.first + int(at)
	if err := tensor.CheckStrided(shape, v.offset, v.strides, s.first+s.length); err != nil {
		return nil, fmt.Errorf("storage %q: %w", s.key, err)
	}
	return v, nil
}

// integers is a tuple, list or single integer as sizes.
func integers(v any) ([]int, error) {
	var items []any
	switch v := v.(type) {
	case *pickle.Tuple:
		items = v.Items
	case *pickle.List:
		items = v.Items
	default:
		return nil, fmt.Errorf("a %s, wanted a tuple", pickle.TypeName(v))
	}
	if len(items) > tensor.MaxRank {
		return nil, fmt.Errorf("%d axes, at most %d", len(items), tensor.MaxRank)
	}
	list := make([]int, len(items))
	for i, v := range items {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 1<<56 {
			return nil, fmt.Errorf("axis %d is a %s or out of range", i, pickle.TypeName(v))
		}
		list[i] = int(n)
	}
	return list, nil
}
