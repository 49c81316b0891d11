package tensorflow

import (
	"fmt"
	"strconv"
	"strings"
)

// resultNames is the names of the results of operations that have several, in
// order: within functions results are called by name. Operations that are not
// here have one result, or one list of results.
var resultNames = map[string][]string{
	"DecodeWav":           {"audio", "sample_rate"},
	"FusedBatchNorm":      {"y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"},
	"FusedBatchNormV2":    {"y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"},
	"FusedBatchNormV3":    {"y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3"},
	"MaxPoolWithArgmax":   {"output", "argmax"},
	"Merge":               {"output", "value_index"},
	"NonMaxSuppressionV4": {"selected_indices", "valid_outputs"},
	"NonMaxSuppressionV5": {"selected_indices", "selected_scores", "valid_outputs"},
	"Switch":              {"output_false", "output_true"},
	"TensorArrayV3":       {"handle", "flow"},
	"TopK":                {"values", "indices"},
	"TopKV2":              {"values", "indices"},
	"Unique":              {"y", "idx"},
}

// inlined is the nodes of the graph with functions in place of their calls. The
// nodes of a function have the call's name before theirs.
func (c *converter) inlined() ([]*Node, error) {
	x := &inliner{c: c, alias: map[string]string{}}
	for _, n := range c.graph.Nodes {
		if err := x.add(n, 0); err != nil {
			return nil, err
		}
	}
	c.follow = x.follow
	return x.nodes, x.resolve()
}

// function finds a function by name.
func (c *converter) function(name string) (*Function, error) {
	if c.functions == nil {
		c.functions = make(map[string]*Function, len(c.graph.Functions))
		for _, f := range c.graph.Functions {
			c.functions[f.Name] = f
		}
	}
	if f, ok := c.functions[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("tensorflow: there is no function %q", name)
}

// functionBody is a function as a region, and where its results come from.
type functionBody struct {
	*region
	results []ref
}

// body is a function as a region: its parameters are nodes of the operation
// _Arg.
func (c *converter) body(name string) (*functionBody, error) {
	if b, ok := c.bodies[name]; ok {
		return b, nil
	}
	f, err := c.function(name)
	if err != nil {
		return nil, err
	}
	x := &inliner{c: c, alias: map[string]string{}}
	bind := map[string]string{}
	for _, arg := range f.Args {
		bind[arg] = arg
		x.nodes = append(x.nodes, &Node{Name: arg, Op: "_Arg", at: f.at})
	}
	if err := x.function(f, "", bind, 0); err != nil {
		return nil, err
	}
	if err := x.resolve(); err != nil {
		return nil, err
	}
	r, err := newRegion(x.nodes)
	if err != nil {
		return nil, err
	}
	y := &functionBody{region: r}
	for _, result := range f.Results {
		in, err := x.input(f.Return[result], "", bind, x.ops)
		if err == nil {
			var p ref
			p, err = r.parse(x.follow(in))
			y.results = append(y.results, p)
		}
		if err != nil {
			return nil, fmt.Errorf("tensorflow: result %q of function %q: %w", result, f.Name, err)
		}
	}
	if c.bodies == nil {
		c.bodies = map[string]*functionBody{}
	}
	c.bodies[name] = y
	return y, r.findLoops()
}

// inliner lists nodes while it puts functions in place of their calls.
type inliner struct {
	c     *converter
	nodes []*Node
	alias map[string]string // of the result of a call, where it comes from
	empty map[string]bool   // calls without results
	ops   map[string]string // the operations of the outermost function's nodes
	calls int
}

// add appends a node, or the nodes of the function that it calls.
func (x *inliner) add(n *Node, depth int) error {
	name := ""
	switch n.Op {
	case "PartitionedCall", "StatefulPartitionedCall":
		if a := n.Attr("f"); a != nil {
			name = a.Func
		}
	default:
		if x.c.calls(n.Op) {
			name = n.Op // a function called by its own name
		}
	}
	if name == "" {
		if len(x.nodes) >= x.c.l.Nodes {
			return fmt.Errorf("tensorflow: more than %d nodes once functions stand in place of their calls", x.c.l.Nodes)
		}
		x.nodes = append(x.nodes, n)
		return nil
	}
	f, err := x.c.function(name)
	if err != nil {
		return err
	}
	if x.calls++; x.calls > x.c.l.Nodes {
		return fmt.Errorf("tensorflow: more than %d calls of functions", x.c.l.Nodes)
	}
	if depth >= x.c.l.Depth {
		return fmt.Errorf("tensorflow: node %q: functions call each other more than %d deep", n.Name, x.c.l.Depth)
	}
	bind, args := map[string]string{}, 0
	for _, in := range n.Inputs {
		if strings.HasPrefix(in, "^") {
			continue
		}
		if args < len(f.Args) {
			bind[f.Args[args]] = in
		}
		args++
	}
	if args != len(f.Args) {
		return fmt.Errorf("tensorflow: node %q gives function %q %d inputs, want %d", n.Name, name, args, len(f.Args))
	}
	return x.call(n, f, bind, depth)
}

// calls says whether an operation is a function of the graph.
func (c *converter) calls(op string) bool {
	if len(c.graph.Functions) == 0 {
		return false
	}
	f, err := c.function(op)
	return err == nil && f != nil
}

// call puts f in place of node n.
func (x *inliner) call(n *Node, f *Function, bind map[string]string, depth int) error {
	prefix := n.Name + "/"
	ops := operations(f)
	if len(f.Results) == 0 {
		if x.empty == nil {
			x.empty = map[string]bool{}
		}
		x.empty[n.Name] = true
	}
	for i, result := range f.Results {
		from, err := x.input(f.Return[result], prefix, bind, ops)
		if err != nil {
			return fmt.Errorf("tensorflow: result %q of function %q: %w", result, f.Name, err)
		}
		x.alias[n.Name+":"+strconv.Itoa(i)] = from
		if i == 0 {
			x.alias[n.Name] = from
		}
	}
	return x.function(f, prefix, bind, depth+1)
}

func operations(f *Function) map[string]string {
	ops := make(map[string]string, len(f.Nodes))
	for _, m := range f.Nodes {
		ops[m.Name] = m.Op
	}
	return ops
}

// function appends the nodes of f with a prefix to their names.
func (x *inliner) function(f *Function, prefix string, bind map[string]string, depth int) error {
	ops := operations(f)
	if x.ops == nil {
		x.ops = ops
	}
	for _, m := range f.Nodes {
		n := &Node{Name: prefix + m.Name, Op: m.Op, Attrs: m.Attrs, at: m.at}
		for _, in := range m.Inputs {
			y, err := x.input(in, prefix, bind, ops)
			if err != nil {
				return fmt.Errorf("tensorflow: node %q of function %q: %w", m.Name, f.Name, err)
			}
			n.Inputs = append(n.Inputs, y)
			if err := x.c.pay(len(y)); err != nil {
				return err
			}
		}
		if err := x.c.pay(len(n.Name)); err != nil {
			return err
		}
		if err := x.add(n, depth); err != nil {
			return err
		}
	}
	return nil
}

// resultNames is the names of the results of an operation, or of a function that
// is called by its own name.
func (c *converter) resultNames(op string) []string {
	if c.calls(op) {
		return c.functions[op].Results
	}
	return resultNames[op]
}

// input writes an input of a function's node, or where a result of it comes
// from, as an input of a graph's node.
func (x *inliner) input(in, prefix string, bind, ops map[string]string) (string, error) {
	if name, ok := strings.CutPrefix(in, "^"); ok {
		if from, arg := bind[name]; arg {
			node, _, _ := strings.Cut(from, ":")
			return "^" + node, nil
		}
		return "^" + prefix + name, nil
	}
	parts := strings.Split(in, ":")
	if from, ok := bind[parts[0]]; ok && len(parts) <= 2 {
		return from, nil
	}
	if len(parts) != 3 {
		return "", fmt.Errorf("input %q is no parameter and no result of a node", in)
	}
	i, err := strconv.Atoi(parts[2])
	if err != nil || i < 0 || i > 1<<20 {
		return "", fmt.Errorf("input %q", in)
	}
	for j, name := range x.c.resultNames(ops[parts[0]]) {
		if name == parts[1] {
			i += j
		}
	}
	return fmt.Sprintf("%s%s:%d", prefix, parts[0], i), nil
}

// follow goes from the result of a call to where it comes from.
func (x *inliner) follow(in string) string {
	for range 2*x.c.l.Depth + 2 {
		to, ok := x.alias[strings.TrimSuffix(in, ":0")]
		if !ok {
			break
		}
		in = to
	}
	return in
}

// resolve lets nodes take results of calls from where they come. What waits for
// a call waits for nothing: what it needs it takes.
func (x *inliner) resolve() error {
	if len(x.alias)+len(x.empty) == 0 {
		return nil
	}
	for i, n := range x.nodes {
		inputs := make([]string, 0, len(n.Inputs))
		for _, in := range n.Inputs {
			name, control := strings.CutPrefix(in, "^")
			if _, call := x.alias[name]; control && (call || x.empty[name]) {
				continue
			}
			inputs = append(inputs, x.follow(in))
		}
		m := *n
		m.Inputs = inputs
		x.nodes[i] = &m
	}
	return nil
}
