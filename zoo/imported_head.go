package zoo

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Head is the last operator of a classifier that has weights.
type Head struct {
	Node    *onnx.Node
	Weight  string // initialisers
	Bias    string // empty for none
	Classes int

	own     string     // the operator's own bias, beside one that is added
	axis    int        // of the weights, that the classes run along
	softmax *onnx.Node // that follows, if any
	between []*onnx.Node
}

// passing is the operators that may stand between the head and the output.
var passing = []string{
	"Softmax", "LogSoftmax", "Identity", "Flatten", "Reshape", "Squeeze", "GlobalAveragePool", "AveragePool",
	"ReduceMean", "Relu", "Dropout", "Cast", "Transpose",
}

var errNoOutput = errors.New("the model has no output")

// FindHead finds the head of a classifier: a convolution or product with weights
// that the first output comes from by way of pooling, reshaping and softmax.
func FindHead(m *onnx.Model) (*Head, error) {
	if len(m.Graph.Outputs) == 0 {
		return nil, errNoOutput
	}
	from := producers(m.Graph)
	h := &Head{}
	name := m.Graph.Outputs[0].Name
	for {
		n := from[name]
		if n == nil {
			return nil, fmt.Errorf("no operator with weights leads to output %q", m.Graph.Outputs[0].Name)
		}
		op := n.OpName()
		switch {
		case op == "Conv" || op == "Gemm" || op == "MatMul":
			return h, h.take(m, n)
		case op == "Add" && h.Bias == "" && len(n.In) == 2:
			i := 1
			if m.Graph.Init(n.In[0]) != nil {
				i = 0
			}
			if m.Graph.Init(n.In[i]) == nil {
				return nil, fmt.Errorf("the output is a sum (%s); which operator tells the classes apart is not clear", n.Name)
			}
			h.Bias, name = n.In[i], n.In[1-i]
			continue
		case !slices.Contains(passing, op) || len(n.In) == 0:
			return nil, fmt.Errorf("the output comes from %s, behind which no head is looked for", op)
		case op == "Softmax" && len(h.between) == 0 && h.softmax == nil:
			h.softmax = n
		default:
			h.between = append(h.between, n)
		}
		name = n.In[0]
	}
}

// producers is the node that computes each value.
func producers(g *onnx.Graph) map[string]*onnx.Node {
	from := map[string]*onnx.Node{}
	for _, n := range g.Nodes {
		for _, name := range n.Out {
			from[name] = n
		}
	}
	return from
}

func (h *Head) take(m *onnx.Model, n *onnx.Node) error {
	var w *onnx.Tensor
	if len(n.In) > 1 {
		h.Node, h.Weight = n, n.In[1]
		w = m.Graph.Init(h.Weight)
	}
	if w == nil || len(w.Dims) < 2 {
		return fmt.Errorf("the weights of the last operator (%s) are not in the file", n.Op)
	}
	if len(n.In) > 2 && n.In[2] != "" {
		h.own = n.In[2]
		h.Bias = cmp.Or(h.Bias, h.own)
	}
	h.axis = classAxis(n, len(w.Dims))
	if k := w.Dims[h.axis]; k < 1 || k > maxOutputs {
		return fmt.Errorf("the last operator (%s) tells %d classes apart, want 1 to %d", n.Op, k, maxOutputs)
	}
	h.Classes = int(w.Dims[h.axis])
	return nil
}

// classAxis is the axis of n's weights that the classes run along.
func classAxis(n *onnx.Node, rank int) int {
	switch a, ok := n.Attr("transB"); {
	case n.Op == "MatMul":
		return rank - 1
	case n.Op == "Conv", ok && a.Int != 0:
		return 0
	}
	return 1
}

// WithClasses is m with a head for another number of classes, whose weights are
// drawn anew, evenly with the deviation 1/√n of n inputs, and whose biases are 0.
func (h *Head) WithClasses(m *onnx.Model, classes int, r rng.Stream) (*onnx.Model, error) {
	y := *m
	g := *m.Graph
	y.Graph = &g
	g.Inits, g.Values = slices.Clone(g.Inits), nil
	g.Outputs = []*onnx.Port{h.port(g.Outputs[0], classes)}
	for i, t := range g.Inits {
		switch t.Name {
		case h.Weight:
			g.Inits[i] = h.drawn(t, classes, r)
		case h.Bias, h.own:
			old, err := t.Type()
			if err != nil {
				return nil, err
			}
			g.Inits[i] = onnx.NewTensor(t.Name, tensor.New(tensor.Type{DType: old.DType, Shape: h.biasShape(old.Shape, classes)}))
		}
	}
	return &y, h.resized(&g, classes)
}

// biasShape is the shape of biases with another number of classes: along the last
// axis that is theirs, which is not the last of all where a sum follows a
// convolution ([1 K 1 1]). What is repeated for each class stays.
func (h *Head) biasShape(s tensor.Shape, classes int) tensor.Shape {
	for i := s.Rank() - 1; i >= 0; i-- {
		if s.Dim(i) == h.Classes && (h.Classes > 1 || s.Rank() == 1) {
			return s.With(i, classes)
		}
	}
	return s
}

// port is an output with another number of classes. Of several sizes that may be
// that number none is said.
func (h *Head) port(p *onnx.Port, classes int) *onnx.Port {
	if p.Type == nil {
		return &onnx.Port{Name: p.Name}
	}
	t := *p.Type
	t.Dims = slices.Clone(t.Dims)
	var theirs []int
	for i, d := range t.Dims {
		if d.Size == int64(h.Classes) {
			theirs = append(theirs, i)
		}
	}
	for _, i := range theirs {
		t.Dims[i].Size = -1
		if len(theirs) == 1 {
			t.Dims[i].Size = int64(classes)
		}
	}
	return &onnx.Port{Name: p.Name, Type: &t}
}

// drawn is new weights of the kind of t.
func (h *Head) drawn(t *onnx.Tensor, classes int, r rng.Stream) *onnx.Tensor {
	dims := make([]int, len(t.Dims))
	fan := 1
	for i, d := range t.Dims {
		if dims[i] = int(d); i == h.axis {
			dims[i] = classes
		} else {
			fan *= int(d)
		}
	}
	d, _ := t.Elem.DType()
	w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
	rand := r.Rand()
	for i := range w.F {
		w.F[i] = (2*rand.Float64() - 1) * math.Sqrt(3/float64(fan))
	}
	return onnx.NewTensor(t.Name, w.Narrow())
}

// resized changes the shapes that name the old number of classes between the
// head and the output.
func (h *Head) resized(g *onnx.Graph, classes int) error {
	for _, n := range h.between {
		if n.Op != "Reshape" || len(n.In) < 2 {
			continue
		}
		for i, t := range g.Inits {
			if t.Name != n.In[1] {
				continue
			}
			v, err := t.Value()
			if err != nil {
				return err
			}
			if v.DType() != tensor.Int64 {
				return fmt.Errorf("the shape %q is %v, want int64", t.Name, v.DType())
			}
			v = v.Clone()
			dims := tensor.Of[int64](v)
			for k, d := range dims {
				if d == int64(h.Classes) {
					dims[k] = int64(classes)
				}
			}
			g.Inits[i] = onnx.NewTensor(t.Name, v)
		}
	}
	return nil
}

// logits is the value that m's softmax takes, if its first output is one; else
// that output.
func logits(m *onnx.Model) string {
	out := m.Graph.Outputs[0].Name
	if n := producers(m.Graph)[out]; n != nil && n.OpName() == "Softmax" && len(n.In) > 0 {
		return n.In[0]
	}
	return out
}
