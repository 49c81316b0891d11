package keras

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/tensor"
)

// rule writes what a layer computes, as nodes of an ONNX graph.
type rule struct {
	// apply gives the results of one use of the layer.
	apply func(c *call) []value
	// refuse says why a layer cannot be read, or nothing.
	refuse func(l *layer) string
}

var rules = registry.New[rule]("Keras layer")

// register says what a class of layers with one result computes.
func register(class string, apply func(c *call) value) {
	registerRule(class, rule{apply: func(c *call) []value { return []value{apply(c)} }})
}

func registerRule(class string, r rule) { rules.Set(class, r) }

// wraps is the classes that apply another layer, which is in their config.
var wraps = map[string]bool{"TimeDistributed": true, "Bidirectional": true}

// refusal says why a layer cannot be read, or nothing.
func refusal(l *layer) string {
	if l.class == "InputLayer" {
		return ""
	}
	r, err := rules.Get(l.class)
	if err != nil {
		return l.class
	}
	if r.refuse != nil {
		if reason := r.refuse(l); reason != "" {
			return l.class + ": " + reason
		}
	}
	for _, key := range []string{"activation", "recurrent_activation"} {
		if v, ok := l.config[key]; ok {
			if name := activationName(v); activations[name] == nil {
				return fmt.Sprintf("%s: activation %q", l.class, name)
			}
		}
	}
	return ""
}

// Element types by their numbers in files.
const (
	elemFloat = onnx.Elem(1)
	elemInt64 = onnx.Elem(7)
)

// value is a result with what is known of it: the size of each axis, -1 where it
// is not known; the first is the batch.
type value struct {
	name string
	dims []int
	elem onnx.Elem
}

func (v value) rank() int { return len(v.dims) }

// last is the size of the last axis.
func (v value) last() int { return v.dims[len(v.dims)-1] }

// translation is a model being written.
type translation struct {
	b       *onnx.Builder
	weights store
	version string
	params  map[string]string // names of parameters that have been written, for layers that are used again
	steps   int               // uses of layers so far
	work    int               // what they took, see charge
	made    int               // elements of constants that the file does not hold
}

// root writes the outermost model.
func (t *translation) root(m *model) error {
	inputs := map[string]value{}
	batch := ""
	for _, r := range m.in {
		v, err := t.input(m.byName[r.layer], &batch)
		if err != nil {
			return err
		}
		inputs[r.layer] = v
	}
	out, err := t.model(m, nil, inputs)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, v := range out {
		if _, given := inputs[m.out[i].layer]; given || seen[v.name] {
			v.name = t.add(v.name+"/output", "Identity", []string{v.name})
		}
		seen[v.name] = true
		dims := make([]any, len(v.dims))
		for k, d := range v.dims {
			switch {
			case k == 0 && d < 0 && batch != "":
				dims[k] = batch
			case d >= 0:
				dims[k] = d
			}
		}
		t.b.Output(v.name, v.elem, dims...)
	}
	return t.b.Err()
}

// input declares an input of the graph.
func (t *translation) input(l *layer, batch *string) (value, error) {
	shape := l.config["batch_input_shape"]
	if shape == nil {
		shape = l.config["batch_shape"]
	}
	dims, ok := wholes(shape)
	if !ok || len(dims) == 0 || len(dims) > tensor.MaxRank {
		return value{}, fmt.Errorf("keras: input %q has no shape of 1 to 8 sizes; build the model with one before saving it", l.name)
	}
	for _, key := range []string{"sparse", "ragged"} {
		if l.config[key] == true {
			return value{}, fmt.Errorf("keras: input %q is %s, which is not read", l.name, key)
		}
	}
	elem, err := inputElem(l)
	if err != nil {
		return value{}, err
	}
	list := make([]any, len(dims))
	for i, d := range dims {
		switch {
		case d >= 0:
			list[i] = d
		case i == 0:
			*batch = "N"
			list[i] = "N"
		default:
			list[i] = fmt.Sprintf("%s_%d", l.name, i)
		}
	}
	return value{t.b.Input(l.name, elem, list...), dims, elem}, nil
}

// inputElem is the element type of an input. All floating-point numbers are
// single ones here, whatever the model computed in.
func inputElem(l *layer) (onnx.Elem, error) {
	name, _ := l.config["dtype"].(string)
	if policy, ok := l.config["dtype"].(map[string]any); ok {
		config, _ := policy["config"].(map[string]any)
		name, _ = config["name"].(string)
	}
	if name == "" || strings.HasPrefix(name, "mixed_") {
		return elemFloat, nil
	}
	d, err := tensor.ParseDType(name)
	elem, ok := onnx.ElemOf(d)
	switch {
	case err != nil || !ok:
		return 0, fmt.Errorf("keras: input %q is of type %q, which is not read", l.name, name)
	case d.Float():
		return elemFloat, nil
	}
	return elem, nil
}

// model writes a model whose inputs have these values.
func (t *translation) model(m *model, path []*layer, inputs map[string]value) ([]value, error) {
	type key struct {
		layer string
		use   int
	}
	values := map[key][]value{}
	for name, v := range inputs {
		values[key{name, 0}] = []value{v}
	}
	find := func(refs []ref) ([]value, error) {
		list := make([]value, len(refs))
		for i, r := range refs {
			v, ok := values[key{r.layer, r.use}]
			if !ok || r.result >= len(v) {
				return nil, fmt.Errorf("keras: model %q: nothing gives result %d of layer %q", m.name, r.result, r.layer)
			}
			list[i] = v[r.result]
		}
		return list, nil
	}
	if err := t.charge(m, path); err != nil {
		return nil, err
	}
	steps, err := m.order()
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		if t.steps++; t.steps > maxLayers {
			return nil, fmt.Errorf("keras: more than %d uses of layers", maxLayers)
		}
		u := s.layer.uses[s.use]
		in, err := find(u.in)
		if err != nil {
			return nil, err
		}
		out, err := t.layer(s.layer, path, in, u.args)
		if err != nil {
			return nil, err
		}
		values[key{s.layer.name, s.use}] = out
	}
	return find(m.out)
}

// charge counts what it takes to write a model: for each use of a layer, the values
// in its config and the bytes of its name, which every node has. A layer that is
// used again and again may not make more of a file than there is in it by far.
func (t *translation) charge(m *model, path []*layer) error {
	above := len(pathName(path))
	for _, l := range m.layers {
		t.work += max(len(l.uses), 1) * (values(l.config) + above + len(l.name))
		if t.work > maxWork {
			return fmt.Errorf("keras: model %.80q: the uses of layers, with their names and settings, take more than %d", m.name, maxWork)
		}
	}
	return nil
}

// values is the number of values in JSON.
func values(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += values(e)
		}
	case map[string]any:
		for _, e := range v {
			n += values(e)
		}
	}
	return n
}

// affords counts n elements of a constant that the file does not hold, and says
// whether they may be made.
func (t *translation) affords(n int) bool {
	t.made += min(n, maxMade+1)
	return t.made <= maxMade
}

// layer writes one use of a layer and gives its result the layer's name.
func (t *translation) layer(l *layer, path []*layer, in []value, args map[string]any) ([]value, error) {
	c := &call{t: t, layer: l, path: append(path[:len(path):len(path)], l), in: in, args: args}
	if _, ok := args["mask"].(ref); ok {
		c.fail("masks are not read")
	}
	if n, _ := whole(args["training"]); n != 0 || args["training"] == true {
		c.fail("it always acts as in training (training=True), which is not read")
	}
	var out []value
	if l.model != nil {
		out = c.nested(l.model)
	} else {
		out = c.named()
	}
	if t.b.Err() != nil && c.err == nil {
		c.fail("%v", t.b.Err())
	}
	return out, c.err
}

// nested writes a nested model as a layer.
func (c *call) nested(m *model) []value {
	if len(m.in) != len(c.in) {
		c.fail("it has %d inputs and is given %d", len(m.in), len(c.in))
		return nil
	}
	inputs := map[string]value{}
	for i, r := range m.in {
		inputs[r.layer] = c.in[i]
	}
	out, err := c.t.model(m, c.path, inputs)
	if err != nil {
		c.err = err
		return nil
	}
	if len(out) == 1 {
		out[0].name = c.t.add(pathName(c.path), "Identity", []string{out[0].name})
	}
	return out
}

// named applies the layer's rule and gives its first result the layer's name.
func (c *call) named() []value {
	r, err := rules.Get(c.layer.class)
	if err != nil {
		c.fail("%v", err)
		return nil
	}
	g, err := c.t.b.Graph()
	if err != nil {
		c.err = err
		return nil
	}
	before := len(g.Nodes)
	out := r.apply(c)
	for _, v := range out {
		if v.rank() > tensor.MaxRank {
			c.fail("a result with %d axes, at most %d", v.rank(), tensor.MaxRank)
		}
	}
	if c.err != nil {
		return nil
	}
	done := map[string]string{} // the names that results had
	for k, v := range out {
		name := pathName(c.path)
		if k > 0 {
			name = fmt.Sprintf("%s:%d", name, k)
		}
		name = c.t.b.Unused(name)
		switch again, twice := done[v.name]; {
		case twice:
			out[k].name = c.t.b.AddAs(name, "Identity", []string{again})
			continue
		case !rename(g.Nodes[before:], v.name, name): // the rule gave back what it was given
			c.t.b.AddAs(name, "Identity", []string{v.name})
		default:
			c.t.b.Fresh(name)
		}
		done[v.name], out[k].name = name, name
	}
	return out
}

// add appends a node with one result, whose name is base or begins with it.
func (t *translation) add(base, op string, in []string, attrs ...onnx.Attr) string {
	return t.b.AddAs(t.b.Unused(base), op, in, attrs...)
}

// rename gives a result of one of the nodes another name; false if none of them
// has such a result.
func rename(nodes []*onnx.Node, old, name string) bool {
	found := false
	for _, n := range nodes {
		for i, o := range n.Out {
			if o != old {
				continue
			}
			if found = true; n.Name == old {
				n.Name = name
			}
			n.Out[i] = name
		}
	}
	for _, n := range nodes {
		for i, v := range n.In {
			if v == old {
				n.In[i] = name
			}
		}
	}
	return found
}
