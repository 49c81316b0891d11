package lower_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// TestRecurrentCells: with the standard's defaults a recurrence is a scan of one
// cell that a reader sees as one node; with others it is not.
func TestRecurrentCells(t *testing.T) {
	want := map[string]string{
		"lstm-plain": "lstm-cell", "lstm-both": "lstm-cell", "lstm-lengths": "lstm-cell", "gru-behind": "gru-cell",
		"lstm-peepholes": "", "lstm-clip": "", "lstm-activations": "", "gru-plain": "", "gru-behind-clip": "",
	}
	for _, c := range recordedCases(t, "testdata/recurrent.json.gz") {
		cell, listed := want[c.Name]
		if !listed {
			continue
		}
		delete(want, c.Name)
		m, in, _ := c.load(t)
		b := lower.Binding{Types: map[string]tensor.Type{}}
		for name, h := range in {
			b.Types[name] = h.Tensor.Type()
		}
		x, err := lower.Lower(m, b)
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, n := range graph.Reachable(x.Outputs) {
			if body, ok := n.Op().(graph.Bodied); ok {
				for _, inner := range graph.Reachable(body.Bodies()[0].Out) {
					if name := inner.Op().Name(); strings.HasSuffix(name, "-cell") {
						found = name
					}
				}
			}
		}
		if found != cell {
			t.Errorf("%s has the cell %q, want %q", c.Name, found, cell)
		}
	}
	for name := range want {
		t.Errorf("there is no case %s", name)
	}
}

// TestRecurrencesRefused: weights, states and attributes that do not fit.
func TestRecurrencesRefused(t *testing.T) {
	x, w, u := tensor.F32(4, 3, 2), tensor.F32(1, 12, 2), tensor.F32(1, 12, 3)
	lstm := func(want string, attrs ...onnx.Attr) refusal {
		return refusal{"LSTM", 14, []tensor.Type{x, w, u}, attrs, want}
	}
	refuse(t, []refusal{
		lstm("direction", onnx.String("direction", "backward")),
		lstm("hidden_size", onnx.Int("hidden_size", 4)),
		lstm("activations", onnx.Strings("activations", "Tanh")),
		lstm("Sine", onnx.Strings("activations", "Sine", "Tanh", "Tanh")),
		lstm("operand 1", onnx.String("direction", "bidirectional")),
		{"LSTM", 14, []tensor.Type{x, w, tensor.F32(1, 9, 3)}, nil, "operand 2"},
		{"LSTM", 14, []tensor.Type{x, w, u, tensor.F32(1, 12)}, nil, "operand 3"},
		{"LSTM", 14, []tensor.Type{tensor.F32(4, 3), w, u}, nil, "[T N I]"},
		{"GRU", 14, []tensor.Type{x, w, u}, nil, "operand 1"},
		{"RNN", 14, []tensor.Type{x, tensor.F32(1, 3, 2), tensor.F32(1, 3, 3), tensor.F32(1, 6), ints64(2)}, nil, "operand 4"},
		{"RNN", 14, []tensor.Type{x, tensor.F32(1, 3, 2), tensor.F32(1, 3, 0)}, nil, "operand 1"},
	})
}
