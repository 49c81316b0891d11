package zoo

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Llama is a language model of transformer blocks with root mean square
// normalisation, gates, positions as angles, and heads that share keys and values:
// Touvron et al., "LLaMA: Open and Efficient Foundation Language Models", 2023,
// section 2.2, and "Llama 2", 2023. int32 [N L] → logits [N L V] of the next token
// at each place.
type Llama struct {
	Embed  *nn.Embedding
	Blocks []*nn.TransformerBlock
	Norm   *nn.RMSNorm
	Head   *nn.Linear // nil: the rows of Embed are its weights
	Places int        // that it is for
}

// Forward implements nn.Layer.
func (n *Llama) Forward(c *nn.Ctx, ids *graph.Node) *graph.Node {
	if ids.Shape().Rank() != 2 {
		c.Graph.Fail("llama", fmt.Errorf("%v, want [N L]", ids.Type()))
		return ids
	}
	x := c.In("embed", n.Embed, ids) // [N L C]
	for i, b := range n.Blocks {
		x = c.In("blocks."+strconv.Itoa(i), b, x)
	}
	return n.logits(c, x)
}

func (n *Llama) logits(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("norm", n.Norm, x)
	if n.Head != nil {
		return c.In("head", n.Head, x)
	}
	return ops.DotGeneral(x, c.Param(n.Embed.Weight), ops.DotDims{ContractA: ops.List(2), ContractB: ops.List(1)})
}

// Memory implements Stepper: keys and values of each block.
func (n *Llama) Memory(batch int) []tensor.Type { return caches(n.Blocks, batch, n.Places) }

// Reach implements Stepper.
func (n *Llama) Reach() int { return n.Places }

// Advance implements Stepper.
func (n *Llama) Advance(c *nn.Ctx, ids *graph.Node, memory []*graph.Node, at *graph.Node) (logits *graph.Node, next []*graph.Node) {
	x := c.In("embed", n.Embed, ids)
	for i, b := range n.Blocks {
		step := &gptStep{block: b, cache: nn.AttentionCache{Key: memory[2*i], Value: memory[2*i+1]}, at: at}
		x = c.In("blocks."+strconv.Itoa(i), step, x)
		next = append(next, step.next.Key, step.next.Value)
	}
	return n.logits(c, x), next
}

// The pairs of features that turn together.
const (
	rotaryPairs  = "pairs"  // neighbours, as in the original weights, those of llama2.c and of GGUF
	rotaryHalves = "halves" // those half the width of a head apart, as in transformers' weights
)

func newLlama(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	width, heads := s.Int("width"), s.Int("heads")
	if err := llamaSizes(in, out, s); err != nil {
		return nil, err
	}
	norm := func() *nn.RMSNorm {
		l := nn.NewRMSNorm(width)
		l.Eps = s.Float("eps")
		return l
	}
	n := &Llama{Embed: nn.NewEmbedding(r.Split("embed"), in.Vocab[0], width), Norm: norm(), Places: in.Shape.Dim(0)}
	rotary := &nn.Rotary{Base: s.Float("base"), Pairs: s.Text("rotary") == rotaryPairs}
	for i := range s.Int("layers") {
		at := r.Split("blocks").At(uint64(i))
		n.Blocks = append(n.Blocks, &nn.TransformerBlock{
			Norm1: norm(),
			Attention: nn.NewMultiHeadAttention(at.Split("attention"), nn.AttentionConfig{
				Width: width, Heads: heads, KVHeads: s.Int("kv-heads"), NoBias: true, Causal: true, Rotary: rotary,
			}),
			Norm3: norm(), FeedForward: nn.Seq{nn.NewSwiGLU(at.Split("feedforward"), width, s.Int("hidden"))},
			Dropout: nn.Dropout{Rate: s.Float("dropout")},
		})
	}
	if !s.Bool("tie") {
		n.Head = &nn.Linear{Weight: nn.Zeros(r, tensor.Dims(width, out))}
	}
	for _, p := range nn.Params(n) { // as llama2.c does
		if p.Value.Shape().Rank() == 2 {
			r.Split("weights").Split(p.Path).Normal(p.Value.Floats(), 0, gptDeviation)
		}
	}
	return n, nil
}

func llamaSizes(in In, out int, s Settings) error {
	layers, heads, shared, width, hidden := s.Int("layers"), s.Int("heads"), s.Int("kv-heads"), s.Int("width"), s.Int("hidden")
	if err := cmp.Or(
		between("layers", layers, 1, 1000), between("width", width, 1, maxWidth), between("heads", heads, 1, width),
		between("kv-heads", shared, 1, heads), between("hidden", hidden, 1, 8*maxWidth), between("eps", s.Float("eps"), 0, 1),
		between("base", s.Float("base"), 1, 1e9), between("dropout", s.Float("dropout"), 0, 0.95),
	); err != nil {
		return err
	}
	switch {
	case len(in.Vocab) != 1:
		return fmt.Errorf("an input with vocabularies %v, want that of a text", in.Vocab)
	case width%heads != 0 || width/heads%2 != 0:
		return fmt.Errorf("setting width is %d, of which %d heads have no even number each", width, heads)
	case heads%shared != 0:
		return fmt.Errorf("setting kv-heads is %d, which does not divide %d heads", shared, heads)
	case s.Text("rotary") != rotaryPairs && s.Text("rotary") != rotaryHalves:
		return fmt.Errorf("setting rotary is %q; there is [halves pairs]", s.Text("rotary"))
	case s.Bool("tie") && out != in.Vocab[0]:
		return fmt.Errorf("%d outputs for a vocabulary of %d: set tie to false", out, in.Vocab[0])
	case max(in.Vocab[0], out, hidden) > maxWeights/width:
		return fmt.Errorf("a layer has more than %d weights", maxWeights)
	}
	return modest(float64(layers) * float64(width) * float64(2*width+2*width*shared/heads+3*hidden))
}

// llamaNames is what a kind of file calls the parts of the network.
type llamaNames struct {
	embed, norm, head, block         string
	norm1, query, key, value, output string
	norm3, gate, up, down            string
}

// rules is all linear maps turned, norms and the table as they are.
func (n llamaNames) rules() []Rule {
	rules := []Rule{
		{Ours: "embed.weight", Theirs: n.embed}, {Ours: "norm.scale", Theirs: n.norm},
		{Ours: "head.weight", Theirs: n.head, Layout: Layout{Turned: true}},
		{Ours: "blocks.#.norm1.scale", Theirs: n.block + n.norm1}, {Ours: "blocks.#.norm3.scale", Theirs: n.block + n.norm3},
	}
	for _, part := range [][2]string{
		{"attention.query", n.query}, {"attention.key", n.key}, {"attention.value", n.value}, {"attention.output", n.output},
		{"feedforward.0.gate", n.gate}, {"feedforward.0.up", n.up}, {"feedforward.0.down", n.down},
	} {
		rules = append(rules, Rule{Ours: "blocks.#." + part[0] + ".weight", Theirs: n.block + part[1], Layout: Layout{Turned: true}})
	}
	return rules
}

// tied is the last linear map where it is the table of the first.
func (n llamaNames) tied() []Rule { return []Rule{{Ours: "embed.weight", Theirs: n.head}} }

var (
	llamaGGUF = llamaNames{
		embed: "token_embd.weight", norm: "output_norm.weight", head: "output.weight", block: "blk.#.",
		norm1: "attn_norm.weight", query: "attn_q.weight", key: "attn_k.weight", value: "attn_v.weight", output: "attn_output.weight",
		norm3: "ffn_norm.weight", gate: "ffn_gate.weight", up: "ffn_up.weight", down: "ffn_down.weight",
	}
	llamaOriginal = llamaNames{
		embed: "tok_embeddings.weight", norm: "norm.weight", head: "output.weight", block: "layers.#.",
		norm1: "attention_norm.weight", query: "attention.wq.weight", key: "attention.wk.weight", value: "attention.wv.weight", output: "attention.wo.weight",
		norm3: "ffn_norm.weight", gate: "feed_forward.w1.weight", up: "feed_forward.w3.weight", down: "feed_forward.w2.weight",
	}
	llamaTransformers = llamaNames{
		embed: "embed_tokens.weight", norm: "norm.weight", head: "lm_head.weight", block: "layers.#.",
		norm1: "input_layernorm.weight", query: "self_attn.q_proj.weight", key: "self_attn.k_proj.weight", value: "self_attn.v_proj.weight", output: "self_attn.o_proj.weight",
		norm3: "post_attention_layernorm.weight", gate: "mlp.gate_proj.weight", up: "mlp.up_proj.weight", down: "mlp.down_proj.weight",
	}
)

func init() {
	text := func(places, vocab int) In {
		return In{Type: tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(places)}, Vocab: []int{vocab}}
	}
	stories := func(name string, layers, heads, width, hidden int, in In) Variant {
		return Variant{
			Name: name, Settings: Settings{"layers": layers, "heads": heads, "kv-heads": heads, "width": width, "hidden": hidden},
			In: in, Out: in.Vocab[0], Cite: "Eldan and Li, 2023", // the stories; the networks are Karpathy's, 2023
		}
	}
	tiny := stories("stories-260k", 5, 8, 64, 172, text(512, 512))
	tiny.Settings["kv-heads"] = 4
	Register(Entry{
		Name:  "llama",
		Doc:   "a language model with gates, angles as positions and shared keys",
		Cite:  "Touvron et al., 2023",
		Takes: []int{1},
		Settings: Settings{
			"layers":   6,
			"heads":    6,
			"kv-heads": 6,       // heads of keys and values
			"width":    288,     // features of a token
			"hidden":   768,     // of the network for each place
			"base":     10000.0, // of the wave lengths of the angles
			"rotary":   "pairs", // of features that turn together, or "halves"
			"eps":      1e-5,    // of the normalisations
			"tie":      true,    // the output's weights are the embedding's
			"dropout":  0.0,
		},
		Variants: []Variant{
			tiny, stories("stories-15m", 6, 6, 288, 768, text(256, 32000)),
			stories("stories-42m", 8, 8, 512, 1376, text(1024, 32000)), stories("stories-110m", 12, 12, 768, 2048, text(1024, 32000)),
		},
		Weights: []Mapping{
			{Name: "gguf", From: "GGUF files of the architecture \"llama\"", Rules: llamaGGUF.rules(), Tied: llamaGGUF.tied(), Ignore: []string{"rope_freqs.weight"}},
			{
				Name: "llama2.c", From: "Meta's and llama2.c's checkpoints", Prefixes: []string{"_orig_mod."},
				Rules: llamaOriginal.rules(), Tied: llamaOriginal.tied(), Ignore: []string{"freqs_cos", "freqs_sin", "rope.freqs"},
			},
			{
				Name: "transformers", From: "LlamaForCausalLM", Settings: Settings{"rotary": rotaryHalves, "tie": false}, Prefixes: []string{"model."},
				Rules: llamaTransformers.rules(), Tied: llamaTransformers.tied(), Ignore: []string{"*rotary_emb.inv_freq"},
			},
		},
		Build: newLlama,
	})
}
