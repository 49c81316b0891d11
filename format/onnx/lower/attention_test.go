package lower_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// TestAttentionIsOneNode: unless scores are bent, what a reader sees is one
// attention, with its mask, past and windows.
func TestAttentionIsOneNode(t *testing.T) {
	want := map[string]int{"grouped": 1, "past": 1, "bool-and-causal": 1, "window": 1, "valid-short-mask": 1, "grouped-softcap": 0}
	for _, c := range recordedCases(t, "testdata/attention.json.gz") {
		count, listed := want[strings.TrimPrefix(c.Name, "attention-")]
		if !listed {
			continue
		}
		m, in, _ := c.load(t)
		b := lower.Binding{Types: map[string]tensor.Type{}}
		for name, h := range in {
			b.Types[name] = h.Tensor.Type()
		}
		x, err := lower.Lower(m, b)
		if err != nil {
			t.Fatal(err)
		}
		got, softmax := 0, 0
		for _, n := range graph.Reachable(x.Outputs) {
			switch n.Op().Name() {
			case "attention":
				got++
			case "softmax":
				softmax++
			}
		}
		if got != count || got+softmax != 1 {
			t.Errorf("%s has %d attentions and %d softmaxes, want %d of the first", c.Name, got, softmax, count)
		}
	}
}

// TestAttentionsRefused: operands and attributes that do not fit.
func TestAttentionsRefused(t *testing.T) {
	q, k := tensor.F32(2, 4, 3, 4), tensor.F32(2, 2, 5, 4)
	three, single := tensor.F32(2, 3, 8), tensor.F32(2, 1, 3, 4)
	heads := func(q, kv int64) []onnx.Attr {
		return []onnx.Attr{onnx.Int("q_num_heads", q), onnx.Int("kv_num_heads", kv)}
	}
	refuse(t, []refusal{
		{"Attention", 23, []tensor.Type{q, k, tensor.F32(2, 2, 4, 4)}, nil, "do not fit together"},
		{"Attention", 23, []tensor.Type{q, tensor.F32(2, 3, 5, 4), tensor.F32(2, 3, 5, 4)}, nil, "do not divide"},
		{"Attention", 23, []tensor.Type{q, k, k, tensor.F32(2, 5)}, nil, "mask"},
		{"Attention", 23, []tensor.Type{q, k, k, tensor.F32(1, 1, 1, 3, 5)}, nil, "mask"},
		{"Attention", 23, []tensor.Type{q, k, three}, nil, "want all of three axes or of four"},
		{"Attention", 23, []tensor.Type{three, three, three}, heads(3, 3), "3 heads"},
		{"Attention", 23, []tensor.Type{three, three, three}, nil, "0 heads"},
		{"Attention", 24, []tensor.Type{q, k, k, tensor.F32(3, 5), single}, nil, "come together"},
		{"RotaryEmbedding", 23, []tensor.Type{q, tensor.F32(2, 3, 2), tensor.F32(2, 3, 3)}, nil, "operand 2"},
		{"RotaryEmbedding", 23, []tensor.Type{q, tensor.F32(2, 3, 2), tensor.F32(2, 3, 2)}, []onnx.Attr{onnx.Int("rotary_embedding_dim", 3)}, "pairs"},
		{"LinearAttention", 27, []tensor.Type{three, three, three}, heads(2, 2), "does not go with"},
		{"LinearAttention", 27, []tensor.Type{three, three, three}, append(heads(3, 2), onnx.String("update_rule", "linear")), "3 heads"},
		{"CausalConvWithState", 27, []tensor.Type{three, tensor.F32(2, 1, 4)}, nil, "operand 1"},
	})
}
