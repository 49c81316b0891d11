package caffe

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/internal/registry"
)

// Options says how to translate. The zero value is ready to use.
type Options struct {
	// Inputs has sizes of inputs, by the blob's name, instead of those of the
	// file; -1 is a size that stays open. By default the first axis is open, as
	// the batch, and the others are as in the file. Nets that were saved while
	// training read data from elsewhere, whose sizes must stand here. Any blob
	// that no layer writes can be made an input.
	Inputs map[string][]int
	// Outputs is the blobs that are asked for, instead of those that no layer
	// takes. Layers that they do not need are left out, known or not.
	Outputs []string
	Limits  Limits
}

// Open translates a net and its weights; errors name the files. Without a net
// (an empty name) the one that the .caffemodel holds is taken.
func Open(net, weights string, o Options) (*onnx.Model, error) {
	var text []byte
	if net != "" {
		info, err := os.Stat(net)
		if err != nil {
			return nil, err
		}
		if limit := o.Limits.withDefaults().Text; info.Size() > limit {
			return nil, fmt.Errorf("%s: %d bytes, at most %d; is this a .caffemodel?", net, info.Size(), limit)
		}
		if text, err = os.ReadFile(net); err != nil {
			return nil, err
		}
	}
	f, err := mapped.Open(weights)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	m, err := Convert(text, f.Bytes, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimPrefix(net+", "+weights, ", "), err)
	}
	return m, nil
}

// Convert translates a net and its weights. If net is empty, the net that
// weights holds is taken. Values of the model have the names of the net's blobs.
// Where a layer writes over its input, the value before has the layer's name
// behind the blob's: "conv1@conv1". Outputs are the blobs that no layer takes;
// layers that only training needs are left out. Where a data layer says what it
// does to pictures, (x - mean) times scale, the metadata has it as
// ihae.input.mean, with a number for each channel, and ihae.input.scale.
func Convert(net, weights []byte, o Options) (*onnx.Model, error) {
	l := o.Limits.withDefaults()
	w, err := parseWire(weights, l)
	if err != nil {
		return nil, err
	}
	m := w
	if len(net) > 0 {
		if m, err = parseText(net, l); err != nil {
			return nil, err
		}
	}
	n, err := readNet(m, l)
	if err != nil {
		return nil, err
	}
	if len(net) > 0 {
		n.takeWeights(w)
	}
	if len(o.Outputs) > 0 {
		if err := n.keep(o.Outputs); err != nil {
			return nil, err
		}
	}
	if err := n.unknown(); err != nil {
		return nil, err
	}
	return n.translate(o, len(net) == 0)
}

// translation is a net on the way to a model.
type translation struct {
	b       *onnx.Builder
	o       Options
	values  map[string]value // of blobs, as they are now
	last    map[string]int   // the layer that writes a blob last
	taken   map[string]bool  // blobs whose value some layer takes
	order   []string         // blobs that layers write
	nodes   map[string]bool  // names of nodes
	inputs  map[string]bool  // values that are inputs of the model
	symbols []string         // names of open sizes
	batch   int              // the first input's first size, as the file states it
	count   map[string]int   // of names that were made from one
	missing error            // why there is no input
	trained bool             // the net is that of a .caffemodel
	meta    []onnx.KeyValue  // what data layers do to pictures
	boxes   int              // numbers of all PriorBox layers
	owners  map[*blob]*layer // of weights that are used
}

// value is a blob as it is at some place of the net.
type value struct {
	name string // in the model
	dims []int  // negative where open
	gone error  // not nil if the blob is not there, and why
}

// open is a size of which nothing is known; a size of -2-i is symbol i.
const open = -1

func (n *net) translate(o Options, trained bool) (*onnx.Model, error) {
	t := &translation{
		b: onnx.NewBuilder(n.name), o: o, batch: open, trained: trained,
		values: map[string]value{}, last: map[string]int{}, taken: map[string]bool{}, count: map[string]int{}, inputs: map[string]bool{}, nodes: map[string]bool{},
		owners: map[*blob]*layer{},
	}
	for i, y := range n.layers {
		for _, top := range y.tops {
			t.last[top] = i
		}
	}
	for _, in := range n.inputs {
		if err := t.input(in); err != nil {
			return nil, err
		}
	}
	for i, y := range n.layers {
		if err := t.layer(i, y); err != nil {
			return nil, err
		}
	}
	if err := t.outputs(); err != nil {
		return nil, err
	}
	m, err := t.b.Model(17)
	if err != nil {
		return nil, fmt.Errorf("caffe: %w", err)
	}
	m.SetMeta("ihae.source", "caffe")
	for _, kv := range t.meta {
		m.SetMeta(kv.Key, kv.Value)
	}
	return m, nil
}

// input declares an input of the model.
func (t *translation) input(in input) error {
	given, ok := t.o.Inputs[in.name]
	dims := slices.Clone(in.dims)
	if ok {
		dims = slices.Clone(given)
	}
	if _, twice := t.values[in.name]; twice {
		return in.at.errorf("input %q stands twice", in.name)
	}
	size, fits := count(slices.DeleteFunc(slices.Clone(dims), func(d int) bool { return d < 0 }))
	if !fits || size == 0 {
		return in.at.errorf("input %q has shape %v", in.name, dims)
	}
	if t.batch == open && len(dims) > 1 && !ok {
		t.batch = dims[0]
	}
	for i, d := range dims {
		switch {
		case ok && d < 0, !ok && i == 0 && len(dims) > 1 && d == t.batch:
			dims[i] = t.symbol(in.name, i, len(dims))
		}
	}
	t.values[in.name] = value{name: t.b.Input(in.name, elem, t.ports(dims)...), dims: dims}
	t.inputs[in.name] = true
	delete(t.last, in.name) // the input keeps its name
	return nil
}

// symbol is an open size with a name: N, H, W, or one of the input's own.
func (t *translation) symbol(input string, axis, axes int) int {
	name := fmt.Sprintf("%s_%d", input, axis)
	switch {
	case axis == 0:
		name = "N"
	case axes == 4 && axis >= 2 && len(t.values) == 0:
		name = [...]string{"H", "W"}[axis-2]
	}
	if i := slices.Index(t.symbols, name); i >= 0 {
		return -2 - i
	}
	t.symbols = append(t.symbols, name)
	return -1 - len(t.symbols)
}

// ports is sizes as the model states them.
func (t *translation) ports(dims []int) []any {
	list := make([]any, len(dims))
	for i, d := range dims {
		switch {
		case d >= 0:
			list[i] = d
		case d < open:
			list[i] = t.symbols[open-1-d]
		}
	}
	return list
}

// ignored is the types of layers that only training needs.
var ignored = map[string]bool{
	"Accuracy": true, "ContrastiveLoss": true, "EuclideanLoss": true, "HDF5Output": true, "HingeLoss": true,
	"InfogainLoss": true, "MultinomialLogisticLoss": true, "MultiBoxLoss": true, "SigmoidCrossEntropyLoss": true,
	"Silence": true, "SmoothL1Loss": true, "SoftmaxWithLoss": true,
}

// layer translates layer i, if it is needed and its input is there.
func (t *translation) layer(i int, y *layer) error {
	s := &step{layer: y, t: t, b: t.b, index: i}
	for _, name := range y.bottoms {
		v, ok := t.values[name]
		if !ok {
			var err error
			if v, err = t.unwritten(y, name); err != nil {
				return err
			}
		}
		if !ignored[y.typ] || y.typ == "Silence" {
			t.taken[name] = true
		}
		if v.gone != nil && s.gone == nil {
			s.gone = v.gone
		}
		s.in = append(s.in, v)
	}
	tops := map[string]bool{}
	for _, top := range y.tops {
		if tops[top] {
			return y.at.errorf("layer %q writes blob %q twice", y.name, top)
		}
		tops[top] = true
	}
	switch {
	case ignored[y.typ]:
		s.gone = fmt.Errorf("blob is made by layer %q (%s), which only training needs", y.name, y.typ)
		fallthrough
	case s.gone != nil:
		for _, top := range y.tops {
			t.values[top] = value{gone: s.gone}
		}
		return nil
	}
	translate, err := layerKinds.Get(y.typ)
	if err == nil {
		err = translate(s)
	}
	if err == nil || *y.p.err != nil {
		err = y.p.done()
	}
	if err == nil && s.written != len(y.tops) {
		err = fmt.Errorf("%d tops, %d expected", len(y.tops), s.written)
	}
	if err != nil {
		return fmt.Errorf("caffe: layer %q (%s): %w", y.name, y.typ, err)
	}
	return nil
}

// unwritten is the value of a blob that a layer takes and no layer before it
// writes: an input if Options.Inputs has its sizes. A net that was saved while
// training has layers behind data that are not part of it.
func (t *translation) unwritten(y *layer, name string) (value, error) {
	if dims, ok := t.o.Inputs[name]; ok {
		err := t.input(input{name: name, dims: dims, at: y.at})
		return t.values[name], err
	}
	if !t.trained {
		return value{}, y.at.errorf("layer %q takes blob %q, which nothing writes before it", y.name, name)
	}
	v := value{gone: fmt.Errorf("layer %q takes blob %q, which nothing writes: give its sizes in Options.Inputs", y.name, name)}
	if t.missing == nil {
		t.missing = v.gone
	}
	t.values[name] = v
	return v, nil
}

// outputs declares the blobs that are asked for, or else those that no layer
// takes: each value once, however often it was split.
func (t *translation) outputs() error {
	asked := t.o.Outputs
	if len(asked) == 0 {
		for _, name := range t.order {
			if !t.taken[name] {
				asked = append(asked, name)
			}
		}
	}
	declared := map[string]bool{}
	for _, name := range asked {
		v := t.values[name]
		if v.gone != nil || declared[v.name] && len(t.o.Outputs) == 0 {
			continue
		}
		if t.inputs[v.name] || declared[v.name] {
			v.name = t.b.AddAs(t.fresh(name), "Identity", []string{v.name})
		}
		t.b.Output(v.name, elem, t.ports(v.dims)...)
		declared[v.name] = true
	}
	switch {
	case len(declared) > 0:
		return nil
	case t.missing != nil:
		return fmt.Errorf("caffe: %w", t.missing)
	}
	return fmt.Errorf("caffe: the net has no output: every blob is taken by some layer")
}

// translator adds a layer of one type to the model.
type translator func(s *step) error

var layerKinds = registry.New[translator]("layer type")

// LayerTypes lists the types of layers that are translated.
func LayerTypes() []string { return layerKinds.Names() }

func register(typ string, f translator) { layerKinds.Set(typ, f) }
