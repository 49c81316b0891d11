package lower

import "github.com/ihae/ihae/format/onnx"

// wantedNodes is those of nodes that the values of the given names come from, in their
// order.
func wantedNodes(nodes []*onnx.Node, names []string) []*onnx.Node {
	want := map[string]bool{}
	for _, name := range names {
		want[name] = true
	}
	keep := make([]bool, len(nodes))
	count := 0
	for i := len(nodes) - 1; i >= 0; i-- {
		n := nodes[i]
		for _, name := range n.Out {
			keep[i] = keep[i] || want[name]
		}
		if !keep[i] {
			continue
		}
		count++
		for name := range lastUses(nodes[i:i+1], nil) {
			want[name] = true
		}
	}
	all := make([]*onnx.Node, 0, count)
	for i, n := range nodes {
		if keep[i] {
			all = append(all, n)
		}
	}
	return all
}
