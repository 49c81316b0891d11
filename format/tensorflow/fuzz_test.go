package tensorflow

import (
	"maps"
	"slices"
	"testing"

	"github.com/ihae/ihae/format/onnx"
)

// FuzzConvert translates any file: an error, or a model that can be written.
func FuzzConvert(f *testing.F) {
	for _, c := range goldenCases(f) {
		f.Add(c.graph)
	}
	if file, err := readFile(keywordFolder + "Basic_LSTM_S.pb"); err == nil {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		g, err := Decode(file, Limits{})
		if err != nil {
			return
		}
		m, err := Convert(g, Options{})
		if err != nil {
			return
		}
		if _, err := onnx.Encode(m); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzMutated translates graphs that TensorFlow made and a script changed: three
// bytes say which node, what of it, and how.
func FuzzMutated(f *testing.F) {
	cases := goldenCases(f)
	names := slices.Sorted(maps.Keys(cases))
	for i := range names {
		f.Add(uint8(i), []byte{1, 0, 2, 3, 1, 200, 5, 2, 7, 8, 3, 1, 0, 4, 9})
	}
	ops := translators.Names()
	f.Fuzz(func(t *testing.T, which uint8, script []byte) {
		g, err := Decode(cases[names[int(which)%len(names)]].graph, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		nodes := slices.Clone(g.Nodes)
		for _, f := range g.Functions {
			nodes = append(nodes, f.Nodes...)
		}
		for ; len(script) >= 3; script = script[3:] {
			n := nodes[int(script[0])%len(nodes)]
			mutate(n, nodes, ops, script[1], script[2])
		}
		m, err := Convert(g, Options{})
		if err != nil {
			return
		}
		if _, err := onnx.Encode(m); err != nil {
			t.Fatal(err)
		}
	})
}

// mutate changes one thing of a node.
func mutate(n *Node, nodes []*Node, ops []string, what, how byte) {
	odd := []int64{0, 1, 2, -1, 3, -2, 7, 1 << 31, -1 << 31, 1 << 62, -1 << 62, 255}
	number := odd[int(how)%len(odd)]
	switch k := int(what / 8); what % 8 {
	case 0:
		n.Op = ops[(k*8+int(how))%len(ops)]
	case 1:
		if len(n.Inputs) > 0 {
			n.Inputs[k%len(n.Inputs)] = nodes[int(how)%len(nodes)].Name
		}
	case 2:
		n.Inputs = append(n.Inputs, nodes[int(how)%len(nodes)].Name)
	case 3:
		if len(n.Inputs) > 0 {
			n.Inputs = n.Inputs[:len(n.Inputs)-1]
		}
	case 4:
		if len(n.Attrs) > 0 {
			n.Attrs = slices.Delete(n.Attrs, k%len(n.Attrs), k%len(n.Attrs)+1)
		}
	default:
		if len(n.Attrs) > 0 {
			mutateAttr(&n.Attrs[k%len(n.Attrs)], number, how)
		}
	}
}

func mutateAttr(a *Attr, number int64, how byte) {
	a.Int, a.Bool, a.Type = number, how%2 == 0, DataType(how%25)
	if l := a.List; l != nil && len(l.Ints) > 0 {
		l.Ints[int(how)%len(l.Ints)] = number
	}
	if s := a.Shape; s != nil && len(s.Dims) > 0 {
		s.Dims[int(how)%len(s.Dims)] = max(-1, number)
	}
	if t := a.Tensor; t != nil && len(t.Value.Bytes()) > 0 && t.Value.DType().Name() != "bool" {
		t.Value = t.Value.Clone()
		t.Value.Bytes()[int(how)%len(t.Value.Bytes())] ^= how
	}
}
