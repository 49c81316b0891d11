package caffe

import (
	"fmt"
	"slices"
	"strings"
)

// net is a net as it is when it answers: the layers of the phase TEST.
type net struct {
	name   string
	inputs []input
	layers []*layer
}

// input is a blob that is given, with the sizes that the file states.
type input struct {
	name string
	dims []int
	at   place
}

// layer is a layer of either version, before it is translated.
type layer struct {
	name, typ     string
	bottoms, tops []string
	at            place
	p             *params
	blobs         []*blob
}

// readNet reads the structure of a net from its message in either form.
func readNet(m *message, l Limits) (*net, error) {
	p := newParams(m)
	p.ignore("force_backward", "debug_info")
	n := &net{name: p.str("name")}
	s := readState(p.child("state"))
	if n.inputs = readInputs(p); *p.err != nil {
		return nil, *p.err
	}
	for _, version := range []string{"layer", "layers"} {
		for _, f := range p.values(version) {
			if f.value.kind != group {
				return nil, f.at.errorf("%s is %v, want a message", f.name, f.value.kind)
			}
			y, err := readLayer(f, s)
			switch {
			case err != nil:
				return nil, err
			case y != nil && len(n.layers) >= l.Layers:
				return nil, f.at.errorf("more than %d layers", l.Layers)
			case y != nil:
				n.layers = append(n.layers, y)
			}
		}
	}
	if p.has("layer") && p.has("layers") {
		return nil, p.values("layers")[0].at.errorf("layers of version 1 in a net of version 2")
	}
	if len(n.layers) == 0 {
		return nil, m.at.errorf("no layer: this is no net")
	}
	return n, p.done()
}

// readInputs reads the inputs that stand outside of layers, with one shape for
// all, one for each, or four numbers for each.
func readInputs(p *params) []input {
	names, shapes, dims := p.values("input"), p.values("input_shape"), p.ints("input_dim")
	list := make([]input, len(names))
	for i, f := range names {
		list[i] = input{name: p.text(f), at: f.at}
		checkName(p, f.at, list[i].name)
		switch {
		case len(shapes) == 1:
			list[i].dims = shapeOf(p, shapes[0])
		case len(shapes) == len(names):
			list[i].dims = shapeOf(p, shapes[i])
		case len(dims) == 4*len(names):
			list[i].dims = dims[4*i : 4*i+4]
		default:
			p.fail(f.at, "%d inputs with %d shapes and %d sizes", len(names), len(shapes), len(dims))
		}
	}
	return list
}

// shapeOf reads a BlobShape.
func shapeOf(p *params, f field) []int {
	if f.value.kind != group {
		p.fail(f.at, "%s is %v, want a message", f.name, f.value.kind)
		return nil
	}
	s := &params{m: f.value.m, err: p.err, used: map[string]bool{}, sub: p.sub}
	*p.sub = append(*p.sub, s)
	dims := s.ints("dim")
	for _, d := range dims {
		if d < 0 {
			p.fail(f.at, "a size of %d", d)
		}
	}
	if len(dims) > maxAxes {
		p.fail(f.at, "%d axes, at most %d", len(dims), maxAxes)
	}
	return dims
}

// readLayer reads what all layers have in common. It returns nil for a layer
// that does not take part in state s.
func readLayer(f field, s state) (*layer, error) {
	p := newParams(f.value.m)
	y := &layer{at: f.at, p: p, blobs: f.value.m.blobs}
	y.name, y.bottoms, y.tops = p.str("name"), p.strs("bottom"), p.strs("top")
	y.typ = readType(p, f)
	checkName(p, f.at, append(append([]string{y.name}, y.bottoms...), y.tops...)...)
	included := s.included(p)
	p.ignore("phase", "param", "loss_weight", "propagate_down", "blobs_lr", "weight_decay", "blob_share_mode",
		"transform_param", "loss_param")
	switch {
	case p.has("blobs"):
		return nil, f.at.errorf("layer %q has weights in text, which are not read: save a .caffemodel", y.name)
	case f.name == "layers" && p.has("layer"):
		return nil, f.at.errorf("layers of version 0 are not read: Caffe's upgrade_net_proto_text and upgrade_net_proto_binary make new ones of them")
	case *p.err != nil:
		return nil, *p.err
	case !included:
		return nil, nil
	case y.typ == "":
		return nil, f.at.errorf("layer %q has no type", y.name)
	}
	return y, nil
}

// maxName bounds names, since those of nodes are made from them.
const maxName = 500

func checkName(p *params, at place, names ...string) {
	for _, name := range names {
		if len(name) > maxName {
			p.fail(at, "a name of %d bytes, at most %d", len(name), maxName)
		}
	}
}

// readType is the type's name; version 1 has numbers, or names in capitals.
func readType(p *params, f field) string {
	t, ok := p.last("type")
	switch {
	case !ok:
	case f.name == "layer":
		return p.text(t)
	case t.value.kind == integer:
		if name, ok := layerTypes[t.value.i]; ok {
			return name[1]
		}
		return fmt.Sprintf("number %d", t.value.i)
	default:
		for _, name := range layerTypes {
			if name[0] == t.value.s {
				return name[1]
			}
		}
		return t.value.s
	}
	return ""
}

// state is what a net is used for; rules of layers ask for it.
type state struct {
	level  int
	stages []string
}

// readState reads a NetState, whose phase is always TEST here.
func readState(p *params) state {
	p.ignore("phase")
	return state{p.int("level", 0), p.strs("stage")}
}

// included says whether a layer takes part: if it meets one of its rules of
// inclusion, or has none and meets none of exclusion.
func (s state) included(p *params) bool {
	in, out := p.values("include"), p.values("exclude")
	if len(in) > 0 && len(out) > 0 {
		p.fail(out[0].at, "a layer has include or exclude, not both")
	}
	meets := func(f field) bool { return s.meets(p, f) }
	if len(in) > 0 {
		return slices.ContainsFunc(in, meets)
	}
	return !slices.ContainsFunc(out, meets)
}

func (s state) meets(p *params, f field) bool {
	if f.value.kind != group {
		p.fail(f.at, "%s is %v, want a message", f.name, f.value.kind)
		return false
	}
	r := &params{m: f.value.m, err: p.err, used: map[string]bool{}, sub: p.sub}
	*p.sub = append(*p.sub, r)
	has := func(stage string) bool { return slices.Contains(s.stages, stage) }
	phase := !r.has("phase") || r.choice("phase", "TRAIN", "TEST") == "TEST"
	level := s.level >= r.int("min_level", s.level) && s.level <= r.int("max_level", s.level)
	stages := !slices.ContainsFunc(r.strs("stage"), func(t string) bool { return !has(t) })
	return phase && level && stages && !slices.ContainsFunc(r.strs("not_stage"), has)
}

// takeWeights gives the layers of n the weights that layers of the same names
// have in another net.
func (n *net) takeWeights(m *message) {
	blobs := map[string][]*blob{}
	for _, f := range m.fields {
		if (f.name != "layer" && f.name != "layers") || len(f.value.m.blobs) == 0 {
			continue
		}
		for _, g := range f.value.m.fields {
			if g.name == "name" {
				blobs[g.value.s] = f.value.m.blobs
			}
		}
	}
	for _, y := range n.layers {
		y.blobs = blobs[y.name]
	}
}

// keep leaves out the layers that the named blobs do not need.
func (n *net) keep(blobs []string) error {
	need := map[string]bool{}
	for _, name := range blobs {
		need[name] = true
	}
	var layers []*layer
	written := map[string]bool{}
	for _, y := range slices.Backward(n.layers) {
		if !slices.ContainsFunc(y.tops, func(top string) bool { return need[top] }) {
			continue
		}
		for _, top := range y.tops {
			written[top] = true
			delete(need, top)
		}
		for _, bottom := range y.bottoms {
			need[bottom] = true
		}
		layers = append(layers, y)
	}
	for _, name := range blobs {
		if !written[name] {
			return fmt.Errorf("caffe: no layer writes the blob %q", name)
		}
	}
	slices.Reverse(layers)
	n.layers = layers
	return nil
}

// unknown is an error that lists the layers of types that are not known, or nil.
func (n *net) unknown() error {
	var types []string
	known := layerKinds.Names()
	where := map[string][]string{}
	for _, y := range n.layers {
		if _, ok := slices.BinarySearch(known, y.typ); !ok && !ignored[y.typ] {
			if where[y.typ] == nil {
				types = append(types, y.typ)
			}
			where[y.typ] = append(where[y.typ], fmt.Sprintf("%q", y.name))
		}
	}
	if types == nil {
		return nil
	}
	for i, t := range types {
		names := where[t]
		if len(names) > 5 {
			names = append(names[:5:5], fmt.Sprintf("and %d more", len(names)-5))
		}
		types[i] = fmt.Sprintf("%s (%s)", t, strings.Join(names, ", "))
	}
	return fmt.Errorf("caffe: layer types that are not known: %s; Options.Outputs can end the net before them; known are %s",
		strings.Join(types, ", "), strings.Join(known, ", "))
}
