package torch7

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// translator is the state of turning one network into a model.
type translator struct {
	b       *onnx.Builder
	opset   int64
	left    int64 // bytes that the model's tensors may still take
	inits   map[initKey]string
	fed     map[string]bool // the names of the inputs
	missing map[string][]string
	single  bool // the network was made for single examples
	count   int  // of modules so far
	asked   int  // modules that were looked at for the sizes of the input
	depth   int
	err     error
}

// initKey is a tensor of the file and in what form the model has it, so that
// shared parameters are shared there too.
type initKey struct {
	t    *Tensor
	form string
}

// value is what flows between modules: a tensor, or a table of values.
type value struct {
	name  string
	rank  int // with the axis of examples; 0 is unknown
	items []value
	table bool
}

func tensorValue(name string, rank int) value { return value{name: name, rank: rank} }

func tableValue(items []value) value { return value{items: items, table: true} }

// layer is how modules of a class are translated.
type layer struct {
	// build appends the module and returns its result.
	build func(s *site, x value) value
	// input is the sizes of the input that the module tells, without the axis of
	// examples; nil when any will do, as of an activation.
	input func(m *Module) []int
}

// layers is all classes, without nn, set by the files that define them.
var layers = map[string]layer{}

func define(list map[string]layer) {
	for class, l := range list {
		layers[class] = l
	}
}

// find is the layer of a class.
func find(class string) (layer, bool) {
	l, ok := layers[bare(class)]
	return l, ok
}

// bare is a class of nn or of cudnn, where classes of the same names compute the
// same, without that; "" for others.
func bare(class string) string {
	for _, prefix := range []string{"nn.", "cudnn."} {
		if name, ok := strings.CutPrefix(class, prefix); ok {
			return name
		}
	}
	return ""
}

// The limits of networks.
const (
	maxModules = 20_000
	maxNesting = 100
	maxPlaces  = 5 // of a missing class, in the error
)

func (t *translator) fail(path, reason string, args ...any) {
	if t.err == nil {
		if path != "" {
			path += ": "
		}
		t.err = fmt.Errorf("torch7: %s%s", path, fmt.Sprintf(reason, args...))
	}
}

// survey notes classes that are missing, and whether anything shows that the
// network is for single examples.
func (t *translator) survey(m *Module, path string, seen map[*Module]bool, depth int) {
	if seen[m] || t.err != nil {
		return
	}
	seen[m] = true
	if depth > maxNesting {
		t.fail(path, "modules more than %d deep", maxNesting)
		return
	}
	if _, ok := find(m.Class); !ok && len(t.missing[m.Class]) < maxPlaces {
		t.missing[m.Class] = append(t.missing[m.Class], orRoot(path))
	}
	for _, key := range []string{"dimension", "inputDimension", "outputDimension"} {
		if m.Fields.Get(key) == 1.0 && m.Fields.Get("nInputDims") == nil {
			t.single = true
		}
	}
	for i, c := range children(m) {
		t.survey(c, place(path, "modules."+strconv.Itoa(i+1)), seen, depth+1)
	}
	for _, field := range []string{"normalizer", "meanestimator", "stdestimator"} {
		if c, ok := m.Fields.Get(field).(*Module); ok {
			t.survey(c, place(path, field), seen, depth+1)
		}
	}
}

// children is the modules of a container.
func children(m *Module) []*Module {
	t, _ := m.Fields.Get("modules").(*Table)
	if t == nil {
		return nil
	}
	var list []*Module
	for _, v := range t.List() {
		if c, ok := v.(*Module); ok {
			list = append(list, c)
		}
	}
	return list
}

func place(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

func orRoot(path string) string {
	if path == "" {
		return "the root"
	}
	return path
}

// module appends one module.
func (t *translator) module(m *Module, path string, x value) value {
	if t.err != nil {
		return x
	}
	t.count++
	if t.depth++; t.depth > maxNesting || t.count > maxModules {
		t.fail(path, "more than %d modules, or more than %d deep", maxModules, maxNesting)
		return x
	}
	l, ok := find(m.Class)
	if !ok {
		t.fail(path, "class %q is not supported", m.Class)
		return x
	}
	out := l.build(&site{t, m, path}, x)
	t.depth--
	return out
}

// outputs declares the results, each of which must be the result of a node.
func (t *translator) outputs(x value) {
	if t.err != nil {
		return
	}
	taken, list := map[string]bool{}, t.flatten("", x)
	if len(list) == 0 {
		t.fail("", "the result of the network is an empty table")
	}
	for _, v := range list {
		if taken[v.name] || t.fed[v.name] {
			v.name = t.b.AddAs(t.b.Unused("output"), "Identity", []string{v.name})
		}
		taken[v.name] = true
		if v.rank == 0 {
			t.b.OutputAny(v.name, onnx.Elem(1))
			continue
		}
		t.b.Output(v.name, onnx.Elem(1), append([]any{"N"}, make([]any, v.rank-1)...)...)
	}
}

// maxValues is how many values a table may have, those in tables in it included.
const maxValues = 20_000

// flatten is the tensors of a value. One table may stand in many places of a small
// network.
func (t *translator) flatten(path string, x value) []value {
	left := maxValues
	var list []value
	var add func(x value)
	add = func(x value) {
		if left--; left < 0 {
			t.fail(path, "a table of more than %d values", maxValues)
			return
		}
		if !x.table {
			list = append(list, x)
		}
		for _, v := range x.items {
			if left >= 0 {
				add(v)
			}
		}
	}
	add(x)
	return list
}

// charge takes n bytes from what the model's tensors may still take.
func (t *translator) charge(path string, n int64) bool {
	if t.left -= n; t.left < 0 || n < 0 {
		t.fail(path, "the tensors of the model take more memory than a file of this size may")
	}
	return t.err == nil
}

// float32s is x as float32.
func float32s(x tensor.Tensor) tensor.Tensor {
	if x.DType() == tensor.Float32 {
		return x
	}
	w := tensor.Widen(x)
	out := make([]float32, x.Shape().Size())
	for i := range out {
		if w.F != nil {
			out[i] = float32(w.F[i])
		} else {
			out[i] = float32(w.I[i])
		}
	}
	return tensor.From(x.Shape(), out)
}
