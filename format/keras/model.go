package keras

import (
	"fmt"
	"slices"
	"strings"
)

// maxLayers is the number of layers and of their uses that a model may have.
const maxLayers = 100_000

// layer is one layer of a model's JSON.
type layer struct {
	class  string
	name   string
	key    string // among its siblings in the weights of a .keras archive
	config map[string]any
	model  *model // of nested models
	uses   []use
}

// use is one time that a layer is applied.
type use struct {
	in   []ref
	args map[string]any // constants that it is given by name
}

// ref is a result of a layer's use.
type ref struct {
	layer       string
	use, result int
}

// model is a Sequential or Functional model.
type model struct {
	name    string
	layers  []*layer // in the order of the JSON
	byName  map[string]*layer
	in, out []ref
}

// nested says whether a class is a model.
func nested(class string) bool {
	switch class {
	case "Sequential", "Model", "Functional":
		return true
	}
	return false
}

// readModel reads an object with class_name and config.
func readModel(root map[string]any) (*model, error) {
	class, _ := root["class_name"].(string)
	if !nested(class) {
		return nil, fmt.Errorf("keras: the model is of class %q; Sequential, Model and Functional are read", class)
	}
	count := 0
	return readModelConfig(class, root["config"], &count)
}

// readModelConfig reads the config of a model of that class.
func readModelConfig(class string, config any, count *int) (*model, error) {
	m := &model{name: strings.ToLower(class), byName: map[string]*layer{}}
	c, _ := config.(map[string]any)
	list, ok := config.([]any) // of a Sequential model before Keras 2.2.3
	if !ok {
		if name, ok := c["name"].(string); ok && name != "" {
			m.name = name
		}
		list, ok = c["layers"].([]any)
	}
	if !ok {
		return nil, fmt.Errorf("keras: model %q has no list of layers", m.name)
	}
	keys := map[string]int{} // of layers in archives: their classes, numbered
	for i, v := range list {
		if *count++; *count > maxLayers {
			return nil, fmt.Errorf("keras: more than %d layers", maxLayers)
		}
		l, err := readLayer(v, count)
		if err != nil {
			return nil, fmt.Errorf("keras: model %q, layer %d: %w", m.name, i, err)
		}
		if m.byName[l.name] != nil {
			return nil, fmt.Errorf("keras: model %q has two layers %q", m.name, l.name)
		}
		l.key = snake(l.class)
		if n := keys[l.key]; n > 0 {
			keys[l.key], l.key = n+1, fmt.Sprintf("%s_%d", l.key, n)
		} else {
			keys[l.key] = 1
		}
		m.layers, m.byName[l.name] = append(m.layers, l), l
	}
	if len(m.layers) == 0 {
		return nil, fmt.Errorf("keras: model %q has no layers", m.name)
	}
	if class == "Sequential" {
		return m, m.chain(c["build_input_shape"])
	}
	return m, m.connect(c)
}

// readLayer reads one entry of a list of layers.
func readLayer(v any, count *int) (*layer, error) {
	o, _ := v.(map[string]any)
	l := &layer{}
	l.class, _ = o["class_name"].(string)
	l.config, _ = o["config"].(map[string]any)
	if l.name, _ = o["name"].(string); l.name == "" {
		l.name, _ = l.config["name"].(string)
	}
	l.class = qualified(o, l.class)
	if nested(l.class) {
		var err error
		if l.model, err = readModelConfig(l.class, o["config"], count); err != nil {
			return nil, err
		}
		if l.name == "" {
			l.name = l.model.name
		}
	}
	if l.class == "" || l.name == "" {
		return nil, fmt.Errorf("class %q, name %q", l.class, l.name)
	}
	return l, l.readUses(o["inbound_nodes"])
}

// qualified is a class with its module, unless that is Keras. Since Keras 2.12
// layers name it; it is null for classes of the user's own, whatever their names.
func qualified(o map[string]any, class string) string {
	v, there := o["module"]
	module, _ := v.(string)
	switch {
	case there && v == nil:
		return "the user's own " + class
	case strings.HasPrefix(module, "keras.src.ops."):
		return strings.TrimPrefix(module, "keras.src.") + "." + class
	case module == "" || module == "keras" || strings.HasPrefix(module, "keras."):
		return class
	}
	return module + "." + class
}

// chain connects the layers of a Sequential model one after the other. Its input
// is an InputLayer, or has the config that entry finds.
func (m *model) chain(built any) error {
	first := m.layers[0]
	if first.class != "InputLayer" {
		name := first.name + "_input"
		for m.byName[name] != nil {
			name += "_"
		}
		l := &layer{class: "InputLayer", name: name, config: entry(first, built)}
		m.layers, m.byName[name] = append([]*layer{l}, m.layers...), l
	}
	m.layers[0].uses = nil
	for i, l := range m.layers[1:] {
		l.uses = []use{{in: []ref{{layer: m.layers[i].name}}}}
	}
	m.in = []ref{{layer: m.layers[0].name}}
	m.out = []ref{{layer: m.layers[len(m.layers)-1].name}}
	return nil
}

// entry is the config of the input that a Sequential model does not list. Its first
// layer was given the shape, or the model was, or the input of the model that is
// its first layer.
func entry(first *layer, built any) map[string]any {
	config := map[string]any{"dtype": "float32"}
	take := func(from map[string]any) {
		for _, key := range []string{"batch_input_shape", "batch_shape"} {
			if v, ok := from[key]; ok {
				config["batch_shape"] = v
			}
		}
		if d, ok := from["dtype"].(string); ok && config["batch_shape"] != nil {
			config["dtype"] = d
		}
	}
	if take(first.config); config["batch_shape"] == nil {
		config["batch_shape"] = built
	}
	if m := first.model; m != nil && len(m.in) == 1 && config["batch_shape"] == nil {
		take(m.byName[m.in[0].layer].config)
	}
	if first.class == "Embedding" && config["batch_shape"] == nil {
		config["batch_shape"] = []any{nil, first.config["input_length"]}
	}
	return config
}

// connect reads the inputs and outputs of a Functional model and checks that all
// results that are used exist.
func (m *model) connect(config map[string]any) error {
	var err error
	if m.in, err = readRefs(config["input_layers"]); err == nil {
		m.out, err = readRefs(config["output_layers"])
	}
	if err != nil {
		return fmt.Errorf("keras: model %q: %w", m.name, err)
	}
	if len(m.in) == 0 || len(m.out) == 0 {
		return fmt.Errorf("keras: model %q has %d inputs and %d outputs", m.name, len(m.in), len(m.out))
	}
	for _, r := range m.in {
		if l := m.byName[r.layer]; l == nil || l.class != "InputLayer" {
			return fmt.Errorf("keras: model %q: its input %q is no InputLayer", m.name, r.layer)
		}
	}
	m.shift()
	for _, r := range m.refs() {
		l := m.byName[r.layer]
		if l == nil || r.use < 0 || r.result < 0 || r.use >= max(len(l.uses), l.given()) {
			return fmt.Errorf("keras: model %q uses result %d of use %d of layer %q, which is not there", m.name, r.result, r.use, r.layer)
		}
	}
	return nil
}

// given is the number of results that a layer has without being used: one, if it
// is an input.
func (l *layer) given() int {
	if l.class == "InputLayer" {
		return 1
	}
	return 0
}

// refs is all references in m, to be changed.
func (m *model) refs() []*ref {
	var list []*ref
	for _, l := range m.layers {
		for u := range l.uses {
			for i := range l.uses[u].in {
				list = append(list, &l.uses[u].in[i])
			}
		}
	}
	for i := range m.out {
		list = append(list, &m.out[i])
	}
	return list
}

// shift counts the uses of nested models from 0. A nested model has been used
// once before, to build it, and newer versions of Keras count that. Since every
// use in a file is needed by something, the smallest number is the first's.
func (m *model) shift() {
	least := map[string]int{}
	refs := m.refs()
	for _, r := range refs {
		l := m.byName[r.layer]
		if l == nil || l.model == nil {
			continue
		}
		if v, ok := least[r.layer]; !ok || r.use < v {
			least[r.layer] = r.use
		}
	}
	for _, r := range refs {
		r.use -= least[r.layer]
	}
}

// order lists the uses of layers so that each comes after those it needs.
func (m *model) order() ([]step, error) {
	type key struct {
		layer string
		use   int
	}
	waits, next := map[key]int{}, map[key][]step{}
	var ready, done []step
	total := 0
	for _, l := range m.layers {
		for u := range l.uses {
			s := step{l, u}
			total++
			n := 0
			for _, r := range l.uses[u].in {
				if len(m.byName[r.layer].uses) > 0 {
					n++
					next[key{r.layer, r.use}] = append(next[key{r.layer, r.use}], s)
				}
			}
			if waits[key{l.name, u}] = n; n == 0 {
				ready = append(ready, s)
			}
		}
	}
	for len(ready) > 0 {
		s := ready[0]
		ready, done = ready[1:], append(done, s)
		for _, t := range next[key{s.layer.name, s.use}] {
			k := key{t.layer.name, t.use}
			if waits[k]--; waits[k] == 0 {
				ready = append(ready, t)
			}
		}
	}
	if len(done) < total {
		return nil, fmt.Errorf("keras: model %q: %d uses of layers need each other in a circle", m.name, total-len(done))
	}
	return done, nil
}

// step is one use of a layer.
type step struct {
	layer *layer
	use   int
}

// readable lists what is not read, in one error of some length.
func (m *model) readable() error {
	const most = 1 << 16
	var bad []string
	count, size := 0, 0
	m.each(nil, func(path []*layer) {
		l := path[len(path)-1]
		reason := refusal(l)
		if reason == "" {
			return
		}
		if count++; size < most {
			bad = append(bad, fmt.Sprintf("%s (%s)", pathName(path), reason))
			size += len(bad[len(bad)-1])
		}
	})
	if count == 0 {
		return nil
	}
	slices.Sort(bad)
	if n := count - len(bad); n > 0 {
		bad = append(bad, fmt.Sprintf("and %d more", n))
	}
	return fmt.Errorf("keras: %d layers cannot be read: %s", count, strings.Join(bad, ", "))
}

// each calls f for all layers, inside nested models and wrappers too.
func (m *model) each(path []*layer, f func(path []*layer)) {
	for _, l := range m.layers {
		l.each(path, f)
	}
}

func (l *layer) each(path []*layer, f func(path []*layer)) {
	path = append(slices.Clip(path), l)
	if l.model != nil {
		l.model.each(path, f)
		return
	}
	f(path)
	if wraps[l.class] {
		if inner, err := l.inner("layer"); err == nil {
			inner.each(path, f)
		}
	}
}

func pathName(path []*layer) string {
	names := make([]string, len(path))
	for i, l := range path {
		names[i] = l.name
	}
	return strings.Join(names, "/")
}
