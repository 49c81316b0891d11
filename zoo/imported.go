package zoo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// ImportedName is the architecture whose network is an ONNX model in a file
// beside model.toml.
const ImportedName = "onnx"

func init() {
	Register(Entry{
		Name: ImportedName, Doc: "A network made elsewhere: an ONNX model in a file beside model.toml.",
		Settings: Settings{"file": "model.onnx"},
		Takes:    []int{1, 2, 3},
		Build: func(rng.Stream, In, int, Settings) (nn.Layer, error) {
			return nil, errors.New("needs the model's file; give it with ihae finetune MODEL")
		},
		FromFile: func(file []byte, in In, out int) (nn.Layer, error) {
			m, err := onnx.Read(file, onnx.Limits{})
			if err != nil {
				return nil, err
			}
			return NewImported(m, false)
		},
	})
}

// Imported is an ONNX model as a layer: its input is the model's only input that
// has no default, its output the model's first, or where that is a softmax what
// this takes; axes of size 1 behind the second are left out. Its weights are the model's
// initialisers, by their names; the running statistics of batch normalisations
// are buffers.
type Imported struct {
	Weights map[string]*nn.Param

	model  *onnx.Model
	fixed  *onnx.Model // what answers: model, its quantized parts in whole numbers
	input  string
	output string
}

// NewImported makes a layer of m, whose tensors it keeps. With own the weights are
// copies: only then may they be trained if m lies in a mapped file.
func NewImported(m *onnx.Model, own bool) (*Imported, error) {
	if len(m.Graph.Outputs) == 0 {
		return nil, errNoOutput
	}
	in := fed(m)
	switch {
	case len(in) > 1:
		return nil, fmt.Errorf("the model has several inputs (%q, %q); a layer has one", in[0].Name, in[1].Name)
	case len(in) == 0:
		return nil, errors.New("the model has no input")
	}
	l := &Imported{Weights: map[string]*nn.Param{}, model: m, input: in[0].Name, output: logits(m)}
	l.fixed = lower.InWholeNumbers(m, []string{l.output})
	weights, statistics := lower.Weights(m)
	for _, name := range weights {
		v, err := m.Graph.Init(name).Value()
		if err != nil {
			return nil, err
		}
		if v = widened(v); own {
			v = v.Clone()
		}
		p := &nn.Param{Value: v, Buffer: slices.Contains(statistics, name)}
		p.NoDecay = v.Shape().Rank() < 2
		l.Weights[name] = p
	}
	return l, nil
}

// fed is the inputs of a model that have no default.
func fed(m *onnx.Model) []*onnx.Port {
	return slices.DeleteFunc(slices.Clone(m.Graph.Inputs), func(p *onnx.Port) bool { return m.Graph.Init(p.Name) != nil })
}

// widened is v with elements of float32, in which training computes.
func widened(v tensor.Tensor) tensor.Tensor {
	if v.DType() == tensor.Float32 {
		return v
	}
	w := tensor.Widen(v)
	w.Type.DType = tensor.Float32
	return w.Narrow()
}

// Forward implements nn.Layer.
func (l *Imported) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	m := l.model
	if c.Known { // and no gradient is wanted
		m = l.fixed
	}
	y, err := lower.Lower(m, lower.Binding{
		Nodes:   map[string]*graph.Node{l.input: x},
		Outputs: []string{l.output},
		Train:   c.Train,
		Floats:  tensor.Float32,
		Weight: func(name string) *graph.Node {
			if p := l.Weights[name]; p != nil {
				return c.Param(p)
			}
			return nil
		},
		Fixed: func(name string) bool {
			p := l.Weights[name]
			return p == nil || c.Fixed(p)
		},
		Update: func(name string, next *graph.Node) {
			if p := l.Weights[name]; p != nil && p.Buffer && !c.Fixed(p) {
				c.Update(p, next)
			}
		},
		Key: func() (*graph.Node, uint64) { return c.Key(), c.StreamID("imported") },
	})
	if err != nil {
		c.Graph.Fail("imported model", err)
		return x
	}
	out := y.Outputs[0]
	if s := out.Shape(); s.Rank() > 2 && s.Size() == s.Dim(0)*s.Dim(1) {
		out = ops.Reshape(out, tensor.Dims(s.Dim(0), s.Dim(1)))
	}
	return out
}

// Model is the ONNX model with the weights that l has now, which it shares.
func (l *Imported) Model() (*onnx.Model, error) {
	m := *l.model
	g := *m.Graph
	m.Graph = &g
	g.Inits = slices.Clone(g.Inits)
	for i, t := range g.Inits {
		p := l.Weights[t.Name]
		if p == nil {
			continue
		}
		d, ok := t.Elem.DType()
		if !ok {
			return nil, fmt.Errorf("weight %q has no element type", t.Name)
		}
		v := p.Value
		if v.DType() != d {
			w := tensor.Widen(v)
			w.Type.DType = d
			v = w.Narrow()
		}
		g.Inits[i] = onnx.NewTensor(t.Name, v)
	}
	return &m, nil
}
