package tensorflow

import "github.com/ihae/ihae/format/onnx"

// size is one size while a shape is put together: known, or a vector of one
// int64 in the model.
type size struct {
	n    int
	name string // empty if n is known
}

func fixed(n int) size { return size{n: n} }

// sizeAt is the size of an axis of a value.
func (k *call) sizeAt(v *value, axis int) size {
	if d := v.shape.dim(axis); d >= 0 {
		return fixed(d)
	}
	attrs := []onnx.Attr{onnx.Int("start", int64(axis))}
	if axis != -1 {
		attrs = append(attrs, onnx.Int("end", int64(axis+1)))
	}
	return size{name: k.node("Shape", []string{k.use(v)}, attrs...)}
}

// times, over and plus are arithmetic on sizes.
func (k *call) times(s size, n int) size { return k.sizeOp("Mul", s, n, s.n*n, n == 1) }

func (k *call) over(s size, n int) size { return k.sizeOp("Div", s, n, s.n/max(1, n), n == 1) }

func (k *call) plus(s size, n int) size { return k.sizeOp("Add", s, n, s.n+n, n == 0) }

func (k *call) sizeOp(op string, s size, n, result int, same bool) size {
	switch {
	case same:
		return s
	case s.name == "":
		return fixed(result)
	}
	return size{name: k.node(op, []string{s.name, k.list(n)})}
}

// sizeList is sizes as the vector that ONNX takes.
func (k *call) sizeList(list ...size) string {
	all := make([]int, 0, len(list))
	var parts []string
	flush := func() {
		if len(all) > 0 {
			parts = append(parts, k.list(all...))
			all = nil
		}
	}
	for _, s := range list {
		if s.name == "" {
			all = append(all, s.n)
		} else {
			flush()
			parts = append(parts, s.name)
		}
	}
	if parts == nil {
		return k.list(all...)
	}
	flush()
	if len(parts) == 1 {
		return parts[0]
	}
	return k.node("Concat", parts, onnx.Int("axis", 0))
}

// dim is a size as a part of a shape.
func (s size) dim() int {
	if s.name != "" {
		return unknown
	}
	return s.n
}
