package format_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// recurrent builds networks of ONNX's recurrent operators from weights that
// other programs lay out in other ways.
type recurrent struct {
	t *testing.T
	b *onnx.Builder
	f *format.File
}

// gates is the blocks of rows of a matrix or vector [gates·n …] in another order,
// with an axis of one direction before.
func gates(w []float32, order []int, rows, columns int) tensor.Tensor {
	n := rows / len(order) * columns
	y := make([]float32, 0, len(w))
	for _, g := range order {
		y = append(y, w[g*n:(g+1)*n]...)
	}
	if columns == 1 {
		return tensor.From(tensor.Dims(1, rows), y)
	}
	return tensor.From(tensor.Dims(1, rows, columns), y)
}

// across is the transpose of rows first to last of a matrix.
func across(w tensor.Tensor, first, last int) []float32 {
	n := w.Shape().Dim(1)
	y := make([]float32, (last-first)*n)
	for i := first; i < last; i++ {
		for k := range n {
			y[k*(last-first)+i-first] = w.Floats()[i*n+k]
		}
	}
	return y
}

// gru is one layer in PyTorch's layout: gates r, z, n, the new one with its own
// bias on the state. x [L 1 C], state [1 1 H].
func (r recurrent) gru(x, state, name string) (all, last string) {
	get := func(what string) tensor.Tensor { return weight(r.t, r.f, name+what) }
	hidden := get("_w_hh").Shape().Dim(1)
	order := []int{1, 0, 2} // ONNX has z, r, n
	wide := get("_w_ih").Shape().Dim(1)
	w := r.b.Init(name+"_w", gates(get("_w_ih").Floats(), order, 3*hidden, wide))
	u := r.b.Init(name+"_u", gates(get("_w_hh").Floats(), order, 3*hidden, hidden))
	both := slices.Concat(gates(get("_b_ih").Floats(), order, 3*hidden, 1).Floats(), gates(get("_b_hh").Floats(), order, 3*hidden, 1).Floats())
	bias := r.b.Init(name+"_b", tensor.From(tensor.Dims(1, 6*hidden), both))
	out := r.b.AddNode(&onnx.Node{
		Op: "GRU", In: []string{x, w, u, bias, "", state}, Attrs: []onnx.Attr{onnx.Int("hidden_size", int64(hidden)), onnx.Int("linear_before_reset", 1)},
	}, 2)
	return out[0], out[1]
}

// lstm is one layer of TensorFlow's BasicLSTMCell: gates i, j, f, o in columns,
// rows of the input and then of the state; 1 is added to f.
func (r recurrent) lstm(x, h, c, name string) (nextH, nextC string) {
	w, b := weight(r.t, r.f, name+"weights"), slices.Clone(weight(r.t, r.f, name+"biases").Floats())
	hidden := len(b) / 4
	for i := 2 * hidden; i < 3*hidden; i++ {
		b[i]++
	}
	in := w.Shape().Dim(0) - hidden
	order := []int{0, 3, 2, 1} // ONNX has i, o, f, c
	bias := make([]float32, 8*hidden)
	copy(bias, gates(b, order, 4*hidden, 1).Floats())
	out := r.b.AddNode(&onnx.Node{
		Op: "LSTM", In: []string{
			x, r.b.Init(name+"w", gates(across(w, 0, in), order, 4*hidden, in)),
			r.b.Init(name+"u", gates(across(w, in, in+hidden), order, 4*hidden, hidden)),
			r.b.Init(name+"b", tensor.From(tensor.Dims(1, 8*hidden), bias)), "", h, c,
		}, Attrs: []onnx.Attr{onnx.Int("hidden_size", int64(hidden))},
	}, 3)
	return out[1], out[2]
}

// embedded is the rows of a table for ids [L], as [L 1 C].
func (r recurrent) embedded(ids, table string) string {
	x := r.b.Add("Gather", []string{r.b.Init(table, weight(r.t, r.f, table)), ids})
	return r.b.Add("Unsqueeze", []string{x, r.b.Ints("axis", 1)})
}

func (r recurrent) session() *lower.Session {
	m, err := r.b.Model(17)
	if err != nil {
		r.t.Fatal(err)
	}
	return session(r.t, m)
}

func ints(list ...int64) tensor.Tensor { return tensor.From(tensor.Dims(len(list)), list) }

// graphemes and phonemes are the vocabularies of the network of spellings.
var (
	graphemes = slices.Concat([]string{"<pad>", "<unk>", "</s>"}, strings.Split("abcdefghijklmnopqrstuvwxyz", ""))
	phonemes  = strings.Fields(`<pad> <unk> <s> </s> AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH
		EH0 EH1 EH2 ER0 ER1 ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH
		UH0 UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH`)
)

// TestRealSpeaking reads words aloud with the two GRUs of g2p, whose weights are
// in an archive of NumPy: the published phonemes.
func TestRealSpeaking(t *testing.T) {
	f := weightsOf(t, "g2p-gru-seq2seq-numpy/checkpoint20.npz")
	part := func(name string) *lower.Session {
		r := recurrent{t, onnx.NewBuilder(name), f}
		ids, state := r.b.Input("ids", 7, "L"), r.b.Input("state", 1, 1, 1, 256)
		all, last := r.gru(r.embedded(ids, name+"_emb"), state, name)
		r.b.AddAs("next", "Identity", []string{last})
		r.b.Output("next", 1, 1, 1, 256)
		if name == "dec" {
			flat := r.b.Add("Reshape", []string{all, r.b.Ints("rows", -1, 256)})
			weights, bias := r.b.Init("fc_w", weight(t, f, "fc_w")), r.b.Init("fc_b", weight(t, f, "fc_b"))
			r.b.AddAs("logits", "Gemm", []string{flat, weights, bias}, onnx.Int("transB", 1))
			r.b.Output("logits", 1, "L", len(phonemes))
		}
		return r.session()
	}
	encoder, decoder := part("enc"), part("dec")
	for word, want := range map[string]string{
		"gradient": "G R EY1 D IY0 AH0 N T", "neural": "N UH1 R AH0 L", "korea": "K AO1 R IY0 AH0",
		"activationist": "AE2 K T IH0 V EY1 SH AH0 N IH0 S T",
	} {
		var ids []int64
		for _, letter := range append(strings.Split(word, ""), "</s>") {
			ids = append(ids, int64(slices.Index(graphemes, letter)))
		}
		state := ran(t, encoder, tensors{"ids": ints(ids...), "state": tensor.New(tensor.F32(1, 1, 256))})["next"]
		const begin, end = 2, 3
		var said []string
		for at := int64(begin); len(said) < 20; {
			out := ran(t, decoder, tensors{"ids": ints(at), "state": state})
			y := values(out["logits"])
			state, at = out["next"], int64(slices.Index(y, slices.Max(y)))
			if at == end {
				break
			}
			said = append(said, phonemes[at])
		}
		if got := strings.Join(said, " "); got != want {
			t.Errorf("%s is said %q, want %q", word, got, want)
		}
	}
}

// TestRealShakespeare lets the two LSTMs of ml5 write on: the published lines.
func TestRealShakespeare(t *testing.T) {
	const folder, size = "charrnn-shakespeare/", 128
	text, err := os.ReadFile(shared(t, "models", folder+"vocab.json"))
	if err != nil {
		t.Fatal(err)
	}
	ids, letters := map[string]int64{}, map[int64]string{13: "u"} // the file has two spaces for it
	if err := json.Unmarshal(text, &ids); err != nil {
		t.Fatal(err)
	}
	for s, id := range ids {
		if id != 13 {
			letters[id] = s
		}
	}
	r := recurrent{t, onnx.NewBuilder("lines"), weightsOf(t, folder+"manifest.json")}
	x := r.embedded(r.b.Input("ids", 7, "L"), "embedding")
	for _, k := range []string{"0", "1"} {
		h, c := r.b.Input("h"+k, 1, 1, 1, size), r.b.Input("c"+k, 1, 1, 1, size)
		h, c = r.lstm(x, h, c, "rnnlm/multi_rnn_cell/cell_"+k+"/basic_lstm_cell/")
		r.b.AddAs("next h"+k, "Identity", []string{h})
		r.b.AddAs("next c"+k, "Identity", []string{c})
		r.b.Output("next h"+k, 1, 1, 1, size)
		r.b.Output("next c"+k, 1, 1, 1, size)
		x = h
	}
	x = r.b.Add("Reshape", []string{x, r.b.Ints("row", 1, size)})
	r.b.AddAs("logits", "Gemm", []string{x, r.b.Init("w", weight(t, r.f, "rnnlm/softmax_w")), r.b.Init("b", weight(t, r.f, "rnnlm/softmax_b"))})
	r.b.Output("logits", 1, 1, 65)
	s := r.session()
	in := tensors{}
	for _, name := range []string{"h0", "c0", "h1", "c1"} {
		in[name] = tensor.New(tensor.F32(1, 1, size))
	}
	step := func(id int64) int64 {
		in["ids"] = ints(id)
		out := ran(t, s, in)
		for _, name := range []string{"h0", "c0", "h1", "c1"} {
			in[name] = out["next "+name]
		}
		y := values(out["logits"])
		return int64(slices.Index(y, slices.Max(y)))
	}
	var at int64
	for _, c := range "First Citizen:\n" {
		at = step(ids[string(c)])
	}
	const want = "He shall be so shall be so stand stand and the sea\nThe state of the sentence of the sea\n"
	var told strings.Builder
	for range len(want) {
		told.WriteString(letters[at])
		at = step(at)
	}
	if told.String() != want {
		t.Errorf("it writes %q, want %q", told.String(), want)
	}
}
