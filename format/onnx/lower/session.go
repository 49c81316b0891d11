package lower

import (
	"context"
	"fmt"
	"sync"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Options says how a session runs.
type Options struct {
	Pool *exec.Pool // nil: a pool of its own with a thread for each core
	Seed uint64     // of random operators
	// MaxElements bounds what one value may have; 0 means 2^34.
	MaxElements int64
	// Outputs names the values to compute, which may be any of the model's own
	// graph; nil means its outputs.
	Outputs []string
}

// Session runs a model. It keeps a program for each combination of input types
// (and of contents that shapes depend on) that it met. It is safe for concurrent
// use.
type Session struct {
	model   *onnx.Model
	whole   *onnx.Model // that runs: model, its quantized parts in whole numbers
	o       Options
	pool    *exec.Pool
	ownPool bool
	outputs []string

	tracing sync.Mutex // one run at a time may add to the tree
	mu      sync.Mutex // guards the tree
	roots   map[string]*point
	points  int
	runs    uint64
}

// maxPoints is how many points of its tree a session keeps: when there are more
// it forgets them all.
const maxPoints = 10_000

// keySlot is the slot of the key of random operators.
const keySlot = 1

// NewSession prepares a model to run. It is a [MissingError] if the model has
// operators that are not supported.
func NewSession(m *onnx.Model, o Options) (*Session, error) {
	if err := checkOperators(m); err != nil {
		return nil, err
	}
	s := &Session{model: m, o: o, pool: o.Pool, outputs: o.Outputs, roots: map[string]*point{}}
	if s.outputs == nil {
		for _, p := range m.Graph.Outputs {
			s.outputs = append(s.outputs, p.Name)
		}
	}
	s.whole = InWholeNumbers(m, s.outputs)
	if s.pool == nil {
		s.pool, s.ownPool = exec.NewPool(0), true
	}
	return s, nil
}

// Close ends the threads of a session that has a pool of its own.
func (s *Session) Close() {
	if s.ownPool {
		s.pool.Close()
	}
}

// Model is what the session runs.
func (s *Session) Model() *onnx.Model { return s.model }

// Run computes the outputs from the inputs, by name. Inputs that have a default
// may be left out. Outputs that are no tensors are an error; see RunHosts.
func (s *Session) Run(ctx context.Context, in map[string]tensor.Tensor) (map[string]tensor.Tensor, error) {
	hosts := make(map[string]Host, len(in))
	for name, t := range in {
		hosts[name] = TensorHost(t)
	}
	out, err := s.RunHosts(ctx, hosts)
	if err != nil {
		return nil, err
	}
	tensors := make(map[string]tensor.Tensor, len(out))
	for name, h := range out {
		if h.Kind != KindTensor {
			return nil, fmt.Errorf("onnx: output %q is no tensor", name)
		}
		tensors[name] = h.Tensor
	}
	return tensors, nil
}

// RunHosts is Run for values of every kind.
func (s *Session) RunHosts(ctx context.Context, in map[string]Host) (map[string]Host, error) {
	r, key, err := s.begin(in)
	if err != nil {
		return nil, err
	}
	end, err := s.replay(ctx, r, key)
	if err == nil && end == nil {
		end, err = s.trace(ctx, r, key, in)
	}
	if err != nil {
		return nil, err
	}
	out := make(map[string]Host, len(s.outputs))
	for i, name := range s.outputs {
		out[name] = end.out[i].in(r)
	}
	return out, nil
}

// begin checks the inputs and lays them into slots. The key is their types.
func (s *Session) begin(in map[string]Host) (*running, string, error) {
	if err := checkInputs(s.model.Graph, in); err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	s.runs++
	n := s.runs
	if s.points > maxPoints {
		s.roots, s.points = map[string]*point{}, 0
	}
	s.mu.Unlock()
	r := &running{}
	seed := s.o.Seed*0x9e3779b97f4a7c15 + n
	r.put(keySlot, TensorHost(tensor.From(tensor.Dims(2), []uint32{uint32(seed >> 32), uint32(seed)})))
	key := ""
	for _, p := range s.model.Graph.Inputs {
		h, given := in[p.Name]
		if !given {
			key += "-;"
			continue
		}
		layInput(r, h)
		key += h.typeKey() + ";"
	}
	return r, key, nil
}

// layInput puts the tensors and texts of an input into slots.
func layInput(r *running, h Host) {
	if h.Kind == KindTensor || h.Kind == KindStrings {
		r.put(len(r.slots)+1, h)
		return
	}
	for _, x := range h.Items {
		layInput(r, x)
	}
}

// replay runs along the tree; nil if it leads where no run was before.
func (s *Session) replay(ctx context.Context, r *running, key string) (*point, error) {
	s.mu.Lock()
	p := s.roots[key]
	s.mu.Unlock()
	for p != nil {
		s.mu.Lock()
		do, end := p.do, p.end
		s.mu.Unlock()
		switch {
		case end:
			return p, nil
		case do == nil:
			return nil, nil
		}
		answer, err := do.run(ctx, r)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		p = p.next[answer]
		s.mu.Unlock()
	}
	return nil, nil
}

// trace lowers the model for the inputs of a run while it runs.
func (s *Session) trace(ctx context.Context, r *running, key string, in map[string]Host) (*point, error) {
	s.tracing.Lock()
	defer s.tracing.Unlock()
	s.mu.Lock()
	if s.roots[key] == nil {
		s.roots[key] = &point{}
	}
	rec := &recorder{ctx: ctx, s: s, at: s.roots[key], r: r, slots: keySlot}
	s.mu.Unlock()
	l := newLowering(s.whole, options{maxSize: s.o.MaxElements}, graph.New())
	l.rec = rec
	inputs := make([]*value, len(s.model.Graph.Inputs))
	for i, p := range s.model.Graph.Inputs {
		if h, given := in[p.Name]; given {
			inputs[i] = rec.input(h)
		}
	}
	r.slots = r.slots[:rec.slots]
	return s.finish(l, inputs)
}

// input is the value of an input that layInput laid into slots.
func (rec *recorder) input(h Host) *value {
	if h.Kind == KindTensor || h.Kind == KindStrings {
		return slotValue(h, rec.take(1)[0])
	}
	v := &value{kind: h.Kind}
	for _, x := range h.Items {
		v.items = append(v.items, rec.input(x))
	}
	return v
}

// finish lowers the graph, ends the last segment, and marks the end.
func (s *Session) finish(l *lowering, inputs []*value) (end *point, err error) {
	defer caught(&err)
	out, err := l.model1(inputs, s.outputs)
	if err != nil {
		return nil, err
	}
	l.hold(out, func() { l.endSegment() })
	results := make([]result, len(out))
	for i, v := range out {
		results[i] = l.result(v)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	end = l.rec.at
	end.end, end.out = true, results
	return end, nil
}

func (l *lowering) result(v *value) result {
	x := result{kind: v.kind}
	switch {
	case v.kind == KindSequence || v.kind == KindOptional:
		for _, i := range v.items {
			x.items = append(x.items, l.result(i))
		}
	case v.isKnown():
		h := l.content(v)
		x.fixed = &h
	default:
		x.slot = v.slot
	}
	return x
}

// model1 lowers the model's own graph and returns the values of the given names.
func (l *lowering) model1(inputs []*value, outputs []string) ([]*value, error) {
	g := *l.model.Graph
	g.Outputs = make([]*onnx.Port, len(outputs))
	for i, name := range outputs {
		g.Outputs[i] = &onnx.Port{Name: name}
	}
	g.Nodes = wantedNodes(g.Nodes, outputs)
	return l.graph(&g, nil, inputs)
}
