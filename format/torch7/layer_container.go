package torch7

import (
	"strconv"

	"github.com/ihae/ihae/format/onnx"
)

// Containers, and modules that work on tables.
func init() {
	define(map[string]layer{
		"Sequential":       {build: sequence},
		"SpatialLPPooling": {build: sequence}, // of a power, a sum and a root
		"Concat":           {build: concat},
		"ConcatTable":      {build: concatTable},
		"ParallelTable":    {build: parallelTable},
		"Parallel":         {build: parallel},
		"JoinTable":        {build: joinTable},
		"CAddTable":        {build: variadic("Sum")},
		"CMaxTable":        {build: variadic("Max")},
		"CMinTable":        {build: variadic("Min")},
		"CMulTable":        {build: chain("Mul")},
		"CSubTable":        {build: chain("Sub")},
		"CDivTable":        {build: chain("Div")},
		"SelectTable":      {build: selectTable},
		"FlattenTable":     {build: func(s *site, x value) value { return tableValue(s.t.flatten(s.at(), x)) }},
	})
}

// child appends module i of a container.
func (s *site) child(i int, m *Module, x value) value {
	return s.t.module(m, place(s.path, "modules."+strconv.Itoa(i+1)), x)
}

// whole is the modules of a container; ok asks that it holds nothing else.
func (s *site) whole() (list []*Module, ok bool) {
	t, _ := s.m.Fields.Get("modules").(*Table)
	list = children(s.m)
	if t == nil || len(list) != t.Len() {
		s.fail("field modules is no list of modules")
	}
	return list, s.t.err == nil
}

func sequence(s *site, x value) value {
	list, ok := s.whole()
	if !ok {
		return x
	}
	for i, m := range list {
		x = s.child(i, m, x)
	}
	return x
}

// each is the results of all modules for the same input.
func (s *site) each(x value) []value {
	list, ok := s.whole()
	if !ok {
		return nil
	}
	var items []value
	for i, m := range list {
		items = append(items, s.child(i, m, x))
	}
	return items
}

func concatTable(s *site, x value) value { return tableValue(s.each(x)) }

func concat(s *site, x value) value {
	return s.join(s.each(x), s.axis(s.dimension("dimension")))
}

// join puts tensors behind one another.
func (s *site) join(items []value, axis int64) value {
	if !s.many(tableValue(items)) {
		return value{}
	}
	return tensorValue(s.add("Concat", names(items), onnx.Int("axis", axis)), items[0].rank)
}

func names(items []value) []string {
	var list []string
	for _, v := range items {
		list = append(list, v.name)
	}
	return list
}

func parallelTable(s *site, x value) value {
	list, ok := s.whole()
	if !ok {
		return x
	}
	if !x.table || len(x.items) < len(list) {
		s.fail("gets fewer values than it has modules")
		return x
	}
	var items []value
	for i, m := range list {
		items = append(items, s.child(i, m, x.items[i]))
	}
	return tableValue(items)
}

// parallel gives each module a slice of the input.
func parallel(s *site, x value) value {
	list, ok := s.whole()
	if !ok || !s.one(x) {
		return x
	}
	from, to := s.axis(s.dimension("inputDimension")), s.axis(s.dimension("outputDimension"))
	var items []value
	for i, m := range list {
		at := s.t.b.Init(place(s.path, "index"), scalarInt(int64(i)))
		slice := s.part("slice", "Gather", []string{x.name, at}, onnx.Int("axis", from))
		items = append(items, s.child(i, m, tensorValue(slice, max(0, x.rank-1))))
	}
	return s.join(items, to)
}

// joinTable counts its dimension without the axis of examples when it is told
// how many dimensions an example has.
func joinTable(s *site, x value) value {
	if !s.many(x) {
		return x
	}
	return s.join(x.items, s.exampleAxis(s.dimension("dimension"), "nInputDims", x.items[0].rank, 1))
}

func variadic(op string) func(s *site, x value) value {
	return func(s *site, x value) value {
		if !s.many(x) {
			return x
		}
		return tensorValue(s.add(op, names(x.items)), x.items[0].rank)
	}
}

// chain is a · b · c … from the left.
func chain(op string) func(s *site, x value) value {
	return func(s *site, x value) value {
		if !s.many(x) {
			return x
		}
		out := x.items[0].name
		for i, v := range x.items[1:] {
			if i+2 == len(x.items) {
				out = s.add(op, []string{out, v.name})
			} else {
				out = s.part("step", op, []string{out, v.name})
			}
		}
		return tensorValue(out, x.items[0].rank)
	}
}

func selectTable(s *site, x value) value {
	i := int(s.number("index", 0))
	if i < 0 {
		i += len(x.items) + 1
	}
	if !x.table || i < 1 || i > len(x.items) {
		s.fail("selects item %d of %d", i, len(x.items))
		return x
	}
	return x.items[i-1]
}
