package lower

import "github.com/ihae/ihae/format/onnx"

// frame is a graph or function that is being lowered: the values it has so far.
type frame struct {
	env    map[string]*value
	outer  *frame // whose values it sees; nil for the model's graph and functions
	caller *frame // that is being lowered too, meanwhile
	opsets map[string]int64
	last   map[string]int // the last node that uses a value
	at     int            // the node that is being lowered
}

// find is the value of a name; ok is false if there is none. It is nil for an
// operand that the call of a function leaves out.
func (f *frame) find(name string) (v *value, ok bool) {
	for ; f != nil; f = f.outer {
		if v, ok := f.env[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// lastUses is, of each name, the place of the last of nodes that uses it, itself
// or in the graphs among its attributes; results are used after all of them.
func lastUses(nodes []*onnx.Node, results []string) map[string]int {
	last := map[string]int{}
	var use func(i int, n *onnx.Node)
	use = func(i int, n *onnx.Node) {
		for _, name := range n.In {
			last[name] = i
		}
		for _, g := range n.Graphs() {
			for _, inner := range g.Nodes {
				use(i, inner)
			}
			for _, p := range g.Outputs {
				last[p.Name] = i
			}
		}
	}
	for i, n := range nodes {
		use(i, n)
	}
	for _, name := range results {
		last[name] = len(nodes)
	}
	return last
}

// opsetsOf maps domains to the versions of their operators.
func opsetsOf(list []onnx.Opset) map[string]int64 {
	m := map[string]int64{}
	for _, o := range list {
		m[o.Domain] = o.Version
	}
	return m
}
