package caffe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// elem is the element type of all blobs.
var elem, _ = onnx.ElemOf(tensor.Float32)

// step is one layer being translated.
type step struct {
	*layer
	t       *translation
	b       *onnx.Builder
	index   int
	in      []value
	gone    error
	written int // tops
}

// takes asks that the layer takes n blobs of at least low axes.
func (s *step) takes(n, low int) error {
	if len(s.in) != n {
		return fmt.Errorf("%d bottoms, want %d", len(s.in), n)
	}
	for i, v := range s.in {
		if len(v.dims) < low {
			return fmt.Errorf("bottom %q has %d axes, at least %d wanted", s.bottoms[i], len(v.dims), low)
		}
	}
	return nil
}

// node adds an operator whose result is no blob of the net, and names it after
// the layer and the operator.
func (s *step) node(op string, in []string, attrs ...onnx.Attr) string {
	name := s.t.fresh(s.name + "/" + op)
	return s.b.AddNode(&onnx.Node{Op: op, In: in, Attrs: attrs, Out: []string{name}, Name: s.t.node(name)}, 1)[0]
}

// node is a name that no node has yet.
func (t *translation) node(base string) string {
	name := base
	for t.nodes[name] || name == "" {
		t.count[base]++
		name = fmt.Sprintf("%s_%d", base, t.count[base])
	}
	t.nodes[name] = true
	return name
}

// fresh is a name that no value has yet.
func (t *translation) fresh(base string) string {
	name := base
	for t.b.Has(name) || name == "" {
		t.count[base]++
		name = fmt.Sprintf("%s_%d", base, t.count[base])
	}
	return name
}

// top is the name that the next blob which the layer writes has in the model:
// the blob's, unless another layer writes over it.
func (s *step) top(dims []int) string {
	if s.written >= len(s.tops) {
		s.written++
		return s.t.fresh(s.name + "/unused")
	}
	blob := s.tops[s.written]
	name := blob
	if last, ok := s.t.last[blob]; !ok || last != s.index {
		name = s.t.fresh(blob + "@" + s.name)
	}
	s.t.values[blob] = value{name: name, dims: dims}
	s.t.order = append(s.t.order, blob)
	s.t.taken[blob] = false
	s.written++
	return name
}

// out adds an operator whose result is the next blob that the layer writes.
func (s *step) out(dims []int, op string, in []string, attrs ...onnx.Attr) error {
	all := slices.DeleteFunc(slices.Clone(dims), func(d int) bool { return d < 0 })
	if _, ok := count(all); !ok || slices.ContainsFunc(all, func(d int) bool { return d > maxInt }) {
		return fmt.Errorf("a blob of shape %s is too large", sizes(dims))
	}
	s.b.AddNode(&onnx.Node{Op: op, In: in, Attrs: attrs, Out: []string{s.top(dims)}, Name: s.t.node(s.name)}, 1)
	return nil
}

// each is out for an operator that leaves the shape of the only bottom.
func (s *step) each(op string, attrs ...onnx.Attr) error {
	if err := s.takes(1, 0); err != nil {
		return err
	}
	return s.out(s.in[0].dims, op, []string{s.in[0].name}, attrs...)
}

// scalar adds a number for this layer.
func (s *step) scalar(what string, v float32) string { return s.b.Scalar(s.name+"."+what, v) }

// ints adds whole numbers for this layer.
func (s *step) ints(what string, v ...int) string {
	list := make([]int64, len(v))
	for i, d := range v {
		list[i] = int64(d)
	}
	return s.b.Ints(s.name+"."+what, list...)
}

// weight is the layer's blob i with the shape that it must have. Of two layers of
// one name it would not be known whose it is.
func (s *step) weight(i int, dims ...int) (tensor.Tensor, error) {
	if i >= len(s.blobs) {
		return tensor.Tensor{}, fmt.Errorf("the .caffemodel has %d blobs of weights for it, %d wanted", len(s.blobs), i+1)
	}
	b := s.blobs[i]
	if y := s.t.owners[b]; y != nil && y != s.layer {
		return tensor.Tensor{}, fmt.Errorf("two layers with weights are called %q", s.name)
	}
	s.t.owners[b] = s.layer
	return b.as(dims...)
}

// init adds the layer's blob i as a parameter.
func (s *step) init(i int, what string, dims ...int) (string, error) {
	w, err := s.weight(i, dims...)
	if err != nil {
		return "", err
	}
	return s.b.Init(s.name+"."+what, w), nil
}

// axis turns an axis that may count from the end into one of bottom 0.
func (s *step) axis(i int) (int, error) {
	rank := len(s.in[0].dims)
	if i < -rank || i >= rank {
		return 0, fmt.Errorf("axis %d of a blob with %d axes", i, rank)
	}
	if i < 0 {
		i += rank
	}
	return i, nil
}

// known is the product of sizes; an error names what to do if one is open.
func known(dims []int) (int, error) {
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("sizes %v must be known here: give them in Options.Inputs", dims)
		}
	}
	n, ok := count(dims)
	if !ok {
		return 0, fmt.Errorf("sizes %v are too large", dims)
	}
	return n, nil
}

// product is the product of sizes, open if one is.
func product(dims []int) int {
	n, err := known(dims)
	if err != nil {
		return open
	}
	return n
}

// sameSizes says whether no sizes that are known differ.
func sameSizes(a, b []int) bool {
	return slices.EqualFunc(a, b, func(x, y int) bool { return x == y || x < 0 || y < 0 })
}

// shape writes sizes for Reshape: one that equals the size of the same axis
// before is 0, which copies it; one that is open is -1, of which there may be
// one.
func (s *step) shape(from, to []int) ([]int, error) {
	list, inferred := make([]int, len(to)), false
	for i, d := range to {
		switch {
		case d >= 0:
			list[i] = d
		case d < open && i < len(from) && from[i] == d:
			list[i] = 0
		case !inferred:
			list[i], inferred = -1, true
		default:
			return nil, fmt.Errorf("two sizes of %v are open: give them in Options.Inputs", to)
		}
	}
	return list, nil
}

// reshaped adds a Reshape of v to dims whose result is no blob.
func (s *step) reshaped(v value, dims ...int) (string, error) {
	list, err := s.shape(v.dims, dims)
	if err != nil {
		return "", err
	}
	return s.node("Reshape", []string{v.name, s.ints("shape", list...)}), nil
}

// spread is the shape that a tensor of dims has to be given to stand at axis of
// a blob with that many axes in arithmetic, where axes align at their ends.
func spread(dims []int, axis, axes int) ([]int, error) {
	after := axes - axis - len(dims)
	if after < 0 {
		return nil, fmt.Errorf("shape %v at axis %d passes the end of a blob with %d axes", dims, axis, axes)
	}
	return append(slices.Clone(dims), slices.Repeat([]int{1}, after)...), nil
}

func int64s(v []int) []int64 {
	list := make([]int64, len(v))
	for i, d := range v {
		list[i] = int64(d)
	}
	return list
}

// sizes writes sizes for messages.
func sizes(dims []int) string {
	list := make([]string, len(dims))
	for i, d := range dims {
		if list[i] = "?"; d >= 0 {
			list[i] = strconv.Itoa(d)
		}
	}
	return "[" + strings.Join(list, " ") + "]"
}
