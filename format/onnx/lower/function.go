package lower

import "github.com/ihae/ihae/format/onnx"

// function lowers a call of a function that the model defines, as if its nodes
// stood in the place of the call.
func (c *Call) function(fn *onnx.Function) {
	l := c.l
	for f, depth := c.frame, 0; f != nil; f = f.caller {
		if depth++; depth > maxDepth {
			c.Fail("functions call each other more than %d deep", maxDepth)
		}
	}
	if c.NumIn() > len(fn.In) {
		c.Fail("takes %d operands, it is given %d", len(fn.In), c.NumIn())
	}
	f := &frame{env: map[string]*value{}, caller: l.frame, opsets: opsetsOf(fn.Opsets)}
	for domain, v := range opsetsOf(l.model.Opsets) {
		if f.opsets[domain] == 0 {
			f.opsets[domain] = v
		}
	}
	for i, name := range fn.In {
		f.env[name] = nil
		if i < len(c.in) {
			f.env[name] = c.in[i]
		}
	}
	nodes := bindAttrs(fn.Nodes, c.functionAttrs(fn))
	f.last = lastUses(nodes, fn.Out)
	out, err := l.nodes(f, nodes, fn.Out)
	c.check(err)
	c.out = out
}

// maxDepth bounds calls within calls, and graphs within graphs.
const maxDepth = 32

// functionAttrs is the attributes of a call: the node's, then the defaults.
func (c *Call) functionAttrs(fn *onnx.Function) map[string]onnx.Attr {
	attrs := map[string]onnx.Attr{}
	for _, a := range fn.AttrDefaults {
		attrs[a.Name] = a
	}
	for _, a := range c.n.Attrs {
		attrs[a.Name] = a
	}
	return attrs
}

// bindAttrs is nodes with the attributes that refer to those of the call
// replaced; those that refer to none are left out.
func bindAttrs(nodes []*onnx.Node, attrs map[string]onnx.Attr) []*onnx.Node {
	out := make([]*onnx.Node, len(nodes))
	for i, n := range nodes {
		m := *n
		m.Attrs = nil
		for _, a := range n.Attrs {
			if a.Ref != "" {
				given, ok := attrs[a.Ref]
				if !ok {
					continue
				}
				given.Name = a.Name
				a = given
			} else if a.Graph != nil {
				g := *a.Graph
				g.Nodes = bindAttrs(g.Nodes, attrs)
				a.Graph = &g
			}
			m.Attrs = append(m.Attrs, a)
		}
		out[i] = &m
	}
	return out
}
