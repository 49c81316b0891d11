package nn

import (
	"fmt"
	"hash/fnv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// KeyLabel is the label of the leaf that [Ctx.Key] declares.
const KeyLabel = "key"

// Ctx is the graph of a model under construction, and what the model needs to
// build it: which node is which parameter, where in the model the construction
// is, and whether it is for training.
type Ctx struct {
	Graph *graph.Graph
	Train bool // build what training computes; otherwise inference

	// Known makes parameters constants of the graph instead of leaves, for inference
	// with weights that do not change any more: a plan packs them once and folds
	// normalisations into them. Used lists none of them.
	Known bool

	// Frozen says which parameters and buffers keep their values in training, by
	// path; nil means none.
	Frozen func(path string) bool

	paths   map[*Param]string
	scope   string
	used    []Named
	seen    map[*Param]bool
	updates []Update
	streams map[string]int
	calls   []Call
}

// Update is the next value of a buffer, computed by a training step.
type Update struct {
	*Param
	Node *graph.Node
}

// Call is one layer applied: for tables and pictures of the model.
type Call struct {
	Path        string
	Layer       Layer
	Out         *graph.Node
	Depth       int // how many layers this one stands in
	first, last int // the instructions it added: [first, last)
	used        int // how many parameters were in use before
	usedAfter   int
}

// NewCtx prepares an empty graph for root, for inference; set Train for training.
func NewCtx(root Layer) *Ctx {
	c := &Ctx{Graph: graph.New(), paths: map[*Param]string{}, seen: map[*Param]bool{}, streams: map[string]int{}}
	for _, p := range Params(root) {
		c.paths[p.Param] = p.Path
	}
	return c
}

// In applies the layer that the current one holds under name, which is the path
// of its field as in [Params], and names the result by the whole path.
func (c *Ctx) In(name string, l Layer, x *graph.Node) *graph.Node {
	outer, before := c.scope, len(c.used)
	c.scope = join(outer, name)
	at := len(c.calls)
	c.calls = append(c.calls, Call{Path: c.scope, Layer: l, first: len(c.Graph.Insts()), used: before})
	y := l.Forward(c, x)
	call := &c.calls[at]
	call.Out, call.last, call.usedAfter = y, len(c.Graph.Insts()), len(c.used)
	for i := range c.calls[at+1:] {
		c.calls[at+1+i].Depth++
	}
	if y != x {
		c.Named(y)
	}
	c.scope = outer
	return y
}

// Named names n by the path of the current layer, unless it has a name.
func (c *Ctx) Named(n *graph.Node) *graph.Node {
	if c.scope == "" {
		return n
	}
	return n.Named(c.scope)
}

// Path is where in the model the construction is: empty in the root.
func (c *Ctx) Path() string { return c.scope }

// Calls is the layers applied with In so far, in order of their beginning.
func (c *Ctx) Calls() []Call { return c.calls }

// Param is the node of p: a leaf labelled by p's path, or what p was last
// updated to. A p that [Params] cannot find in the root is a mistake.
func (c *Ctx) Param(p *Param) *graph.Node {
	for _, u := range c.updates {
		if u.Param == p {
			return u.Node
		}
	}
	path, ok := c.paths[p]
	if !ok {
		c.Graph.Fail("parameter", fmt.Errorf("a parameter used in %q is not an exported field of the model", c.scope))
		path = fmt.Sprintf("%p", p)
	}
	if c.Known {
		return c.Graph.Constant(p.Value)
	}
	if !c.seen[p] {
		c.seen[p] = true
		c.used = append(c.used, Named{path, p})
	}
	return c.Graph.Leaf(path, p.Value.Type())
}

// Fixed says whether p keeps its value: always in inference, and if it is frozen.
func (c *Ctx) Fixed(p *Param) bool {
	return !c.Train || c.Frozen != nil && c.Frozen(c.paths[p])
}

// Update says what a training step makes of buffer p. Param returns n from now on.
func (c *Ctx) Update(p *Param, n *graph.Node) {
	if !p.Buffer {
		c.Graph.Fail("update", fmt.Errorf("%q is no buffer", c.paths[p]))
	}
	for i, u := range c.updates {
		if u.Param == p {
			c.updates[i].Node = n
			return
		}
	}
	c.updates = append(c.updates, Update{p, n})
}

// Key is the leaf "key", uint32[2], that is fed anew for each step: the key of
// all random operations.
func (c *Ctx) Key() *graph.Node {
	return c.Graph.Leaf(KeyLabel, tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)})
}

// StreamID numbers a random operation by its layer's path and a name in that
// layer, so that what it draws under a key does not depend on the rest of the
// model. A name used again gets another number.
func (c *Ctx) StreamID(name string) uint64 {
	full := join(c.scope, name)
	c.streams[full]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%s#%d", full, c.streams[full])
	return h.Sum64()
}

// Used is the parameters and buffers used so far, in order of first use.
func (c *Ctx) Used() []Named { return c.used }

// Updates is the next values of the buffers, in order of first update.
func (c *Ctx) Updates() []Update { return c.updates }

// Params is the parameters that c's model first used in the call.
func (l Call) Params(c *Ctx) []Named { return c.used[l.used:l.usedAfter] }
