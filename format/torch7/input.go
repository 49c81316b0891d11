package torch7

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// inputs declares the inputs of the network: those given, or those that its
// first modules tell.
func (t *translator) inputs(root *Module, given [][]int) value {
	if t.err != nil {
		return value{}
	}
	if given == nil {
		told := t.told(root, 0)
		if told == nil {
			t.fail("", "the network does not tell the sizes of its input; give them")
			return value{}
		}
		return t.declare(told, "input", new(int))
	}
	s := &sizes{table: len(given) != 1}
	for _, dims := range given {
		s.items = append(s.items, &sizes{dims: dims})
	}
	if !s.table {
		s = s.items[0]
	}
	return t.declare(s, "input", new(int))
}

// sizes is the sizes of a tensor without the axis of examples, -1 being open, or
// of a table of them.
type sizes struct {
	dims  []int
	items []*sizes
	table bool
}

// told is what m tells of its input, or nil; nothing where modules in many places
// are looked at more often than a network may have modules.
func (t *translator) told(m *Module, depth int) *sizes {
	list := children(m)
	if t.asked += 1 + len(list); t.asked > maxModules || depth > maxNesting {
		return nil
	}
	switch l, _ := find(m.Class); {
	case bare(m.Class) == "Parallel": // its modules get slices of the input
		return nil
	case bare(m.Class) == "ParallelTable":
		s := &sizes{table: true}
		for _, c := range list {
			item := t.told(c, depth+1)
			if item == nil {
				return nil
			}
			s.items = append(s.items, item)
		}
		return s
	case bare(m.Class) == "Concat" || bare(m.Class) == "ConcatTable":
		for _, c := range list {
			if s := t.told(c, depth+1); s != nil {
				return s
			}
		}
		return nil
	case len(list) > 0:
		return t.toldBySequence(list, depth)
	case l.input != nil:
		if dims := l.input(m); dims != nil {
			return &sizes{dims: dims}
		}
	}
	return nil
}

// toldBySequence is what the first module tells that is not an activation or the
// like.
func (t *translator) toldBySequence(list []*Module, depth int) *sizes {
	for _, c := range list {
		l, _ := find(c.Class)
		if s := t.told(c, depth+1); s != nil || l.input != nil || !keepsShape(c.Class) {
			return s
		}
	}
	return nil
}

// declare adds the inputs of a value to the model.
func (t *translator) declare(s *sizes, name string, count *int) value {
	if s.table {
		var items []value
		for i, item := range s.items {
			items = append(items, t.declare(item, name+"."+strconv.Itoa(i+1), count))
		}
		return tableValue(items)
	}
	if *count++; len(s.dims) > tensor.MaxRank-1 || *count > maxModules {
		t.fail("", "an input of %d axes, or %d inputs", len(s.dims), *count)
		return value{}
	}
	open := []string{"H", "W"}
	dims := []any{"N"}
	for i, d := range s.dims {
		switch {
		case d > 0:
			dims = append(dims, d)
		case len(s.dims) == 3 && i > 0:
			dims = append(dims, open[i-1]+suffix(*count))
		default:
			dims = append(dims, fmt.Sprintf("D%d%s", i+1, suffix(*count)))
		}
	}
	t.fed[name] = true
	return tensorValue(t.b.Input(name, onnx.Elem(1), dims...), len(dims))
}

// suffix tells the open sizes of the second and further inputs apart.
func suffix(count int) string {
	if count == 1 {
		return ""
	}
	return "_" + strconv.Itoa(count)
}

// planes is the input of a module for planes, by the field that says how many.
func planes(field string) func(m *Module) []int {
	return func(m *Module) []int {
		if n, ok := m.Fields.Get(field).(float64); ok && n >= 1 && n <= maxSize {
			return []int{int(n), -1, -1}
		}
		return []int{-1, -1, -1}
	}
}

// anyPlanes is the input of a module for any number of planes.
func anyPlanes(*Module) []int { return []int{-1, -1, -1} }

// planesOf is planes by the number of elements of a tensor.
func planesOf(field string) func(m *Module) []int {
	return func(m *Module) []int {
		if v, ok := m.Fields.Get(field).(*Tensor); ok {
			return []int{v.Type.Shape.Size(), -1, -1}
		}
		return nil
	}
}

// vectorOf is the input of a module for vectors, by an axis of a tensor.
func vectorOf(field string, axis int) func(m *Module) []int {
	return func(m *Module) []int {
		v, _ := m.Fields.Get(field).(*Tensor)
		if v == nil || v.Type.Shape.Rank() <= axis {
			return nil
		}
		return []int{v.Type.Shape.Dim(axis)}
	}
}

// listOf is a field that is a storage of whole numbers, such as a shape.
func listOf(m *Module, field string) []int {
	s, _ := m.Fields.Get(field).(*Storage)
	if s == nil || s.DType != tensor.Int64 || s.Len > tensor.MaxRank {
		return nil
	}
	x, err := tensor.Strided(tensor.Type{DType: s.DType, Shape: tensor.Dims(s.Len)}, s.data, 0, []int{1})
	if err != nil {
		return nil
	}
	var list []int
	for _, v := range tensor.Widen(x).I {
		if v < -1 || v > maxSize {
			return nil
		}
		list = append(list, int(v))
	}
	return list
}

// flatOf is the input of a module that gives a shape, as a vector.
func flatOf(m *Module) []int {
	n := 1
	list := listOf(m, "size")
	for _, d := range list {
		if d < 1 || n > maxSize/d {
			return nil
		}
		n *= d
	}
	if len(list) == 0 {
		return nil
	}
	return []int{n}
}

// keepsShape says whether modules of a class take any shape and keep it.
func keepsShape(class string) bool {
	name := bare(class)
	return slices.Contains([]string{"Identity", "Copy", "Contiguous"}, name) || activations[name]
}
