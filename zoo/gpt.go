package zoo

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// GPT is a language model of transformer blocks that see the left alone: Radford
// et al., "Language Models are Unsupervised Multitask Learners", 2019, as in
// Karpathy's nanoGPT. int32 [N L] → logits [N L V] of the next token at each place.
type GPT struct {
	Embed    *nn.Embedding
	Position *nn.Positional
	Dropout  nn.Dropout
	Blocks   []*nn.TransformerBlock
	Norm     nn.Layer
	Head     *nn.Linear // nil: the rows of Embed are its weights
}

// Forward implements nn.Layer.
func (n *GPT) Forward(c *nn.Ctx, ids *graph.Node) *graph.Node {
	if ids.Shape().Rank() != 2 {
		c.Graph.Fail("gpt", fmt.Errorf("%v, want [N L]", ids.Type()))
		return ids
	}
	x := c.In("position", n.Position, c.In("embed", n.Embed, ids))
	x = c.In("dropout", n.Dropout, x)
	for i, b := range n.Blocks {
		x = c.In("blocks."+strconv.Itoa(i), b, x)
	}
	return n.logits(c, x)
}

func (n *GPT) logits(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("norm", n.Norm, x)
	if n.Head != nil {
		return c.In("head", n.Head, x)
	}
	return ops.DotGeneral(x, c.Param(n.Embed.Weight), ops.DotDims{ContractA: ops.List(2), ContractB: ops.List(1)})
}

// Step is Forward for the tokens ids [N T] that follow on those in the caches,
// one of each block, of which there are so many as at, int32 [], says.
func (n *GPT) Step(c *nn.Ctx, ids *graph.Node, caches []nn.AttentionCache, at *graph.Node) (logits *graph.Node, next []nn.AttentionCache) {
	x := n.Position.At(c, c.In("embed", n.Embed, ids), at)
	for i, b := range n.Blocks {
		step := &gptStep{block: b, cache: caches[i], at: at}
		x = c.In("blocks."+strconv.Itoa(i), step, x)
		next = append(next, step.next)
	}
	return n.logits(c, x), next
}

// gptStep is a step of one block as a layer.
type gptStep struct {
	block *nn.TransformerBlock
	cache nn.AttentionCache
	at    *graph.Node
	next  nn.AttentionCache
}

// Forward implements nn.Layer.
func (s *gptStep) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x, s.next = s.block.Step(c, x, s.cache, s.at)
	return x
}

// gptDeviation is that of the weights at the start; of those that end in a
// residual sum it is divided by the root of the number of sums (Radford et al.,
// section 2.3).
const gptDeviation = 0.02

func newGPT(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	layers, heads, width := s.Int("layers"), s.Int("heads"), s.Int("width")
	if err := gptSizes(in, out, s); err != nil {
		return nil, err
	}
	n := &GPT{
		Embed:    nn.NewEmbedding(r.Split("embed"), in.Vocab[0], width),
		Position: nn.NewPositional(r.Split("position"), in.Shape.Dim(0), width),
		Dropout:  nn.Dropout{Rate: s.Float("dropout")},
		Norm:     gptNorm(width, s.Bool("bias")),
	}
	for i := range layers {
		n.Blocks = append(n.Blocks, nn.NewTransformerBlock(r.Split("blocks").At(uint64(i)), nn.BlockConfig{
			AttentionConfig: nn.AttentionConfig{Width: width, Heads: heads, Causal: true, NoBias: !s.Bool("bias"), Dropout: s.Float("dropout")},
			Activation:      nn.Activation(s.Text("activation")), Drop: s.Float("dropout"), Norm: func() nn.Layer { return gptNorm(width, s.Bool("bias")) },
		}))
	}
	if !s.Bool("tie") {
		n.Head = &nn.Linear{Weight: nn.Zeros(r, tensor.Dims(width, out))}
	}
	gptDraw(r.Split("weights"), n, layers)
	return n, nil
}

// gptNorm is a layer normalisation, without a shift unless bias is set.
func gptNorm(width int, bias bool) nn.Layer {
	l := nn.NewLayerNorm(width)
	if !bias {
		l.Bias = nil
	}
	return l
}

func gptSizes(in In, out int, s Settings) error {
	layers, heads, width := s.Int("layers"), s.Int("heads"), s.Int("width")
	for _, e := range []error{
		between("layers", layers, 1, 1000), between("width", width, 1, maxWidth), between("heads", heads, 1, width),
		between("dropout", s.Float("dropout"), 0, 0.95), nn.Activation(s.Text("activation")).Check(),
	} {
		if e != nil {
			return e
		}
	}
	switch {
	case len(in.Vocab) != 1:
		return fmt.Errorf("an input with vocabularies %v, want that of a text", in.Vocab)
	case width%heads != 0:
		return fmt.Errorf("setting width is %d, which %d heads do not divide", width, heads)
	case s.Bool("tie") && out != in.Vocab[0]:
		return fmt.Errorf("%d outputs for a vocabulary of %d: set tie to false", out, in.Vocab[0])
	case max(in.Vocab[0], in.Shape.Dim(0), out, 4*width) > maxWeights/width:
		return fmt.Errorf("a layer has more than %d weights", maxWeights)
	}
	return modest(12 * float64(layers) * float64(width*width))
}

// gptDraw draws all matrices anew.
func gptDraw(r rng.Stream, n *GPT, layers int) {
	residual := map[*nn.Param]bool{}
	for _, b := range n.Blocks {
		residual[b.Attention.Output.Weight] = true
		residual[b.FeedForward[len(b.FeedForward)-1].(*nn.Linear).Weight] = true
	}
	for _, p := range nn.Params(n) {
		if p.Value.Shape().Rank() < 2 {
			continue
		}
		deviation := gptDeviation
		if residual[p.Param] {
			deviation /= math.Sqrt(2 * float64(layers))
		}
		r.Split(p.Path).Normal(p.Value.Floats(), 0, deviation)
	}
}

// gptRules is the names of GPT-2: a product of queries, keys and values at once,
// whose linear maps are turned or not.
func gptRules(turned bool) []Rule {
	maps := func(ours, theirs string) []Rule {
		r := turnedRules("blocks.#."+ours, "h.#."+theirs)
		r[0].Layout.Turned = turned
		return r
	}
	rules := []Rule{
		{Ours: "embed.weight", Theirs: "wte.weight"}, {Ours: "position.weight", Theirs: "wpe.weight"},
		{Ours: "head.weight", Theirs: "lm_head.weight", Layout: Layout{Turned: true}},
	}
	for i, part := range []string{"query", "key", "value"} {
		for _, r := range maps("attention."+part, "attn.c_attn") {
			r.Layout.Part, r.Layout.Of = i, 3
			rules = append(rules, r)
		}
	}
	return slices.Concat(rules,
		maps("attention.output", "attn.c_proj"), maps("feedforward.0", "mlp.c_fc"),
		maps("feedforward.2", "mlp.c_proj"), maps("feedforward.3", "mlp.c_proj"),
		scaleRules("blocks.#.norm1", "h.#.ln_1"), scaleRules("blocks.#.norm3", "h.#.ln_2"), scaleRules("norm", "ln_f"),
	)
}

// gpt2 is GPT-2 of some size, as published.
func gpt2(name string, layers, heads, width int) Variant {
	return Variant{
		Name: name, Settings: Settings{"layers": layers, "heads": heads, "width": width, "bias": true, "activation": "gelu-tanh", "dropout": 0.1},
		In: In{Type: tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(1024)}, Vocab: []int{50257}}, Out: 50257,
	}
}

func init() {
	tied, masks := []Rule{{Ours: "embed.weight", Theirs: "lm_head.weight"}}, []string{"h.#.attn.bias", "h.#.attn.masked_bias"}
	Register(Entry{
		Name:  "gpt",
		Doc:   "a language model of transformer blocks",
		Cite:  "Radford et al., 2019",
		Takes: []int{1},
		Settings: Settings{
			"layers":     4,
			"heads":      4,
			"width":      128,
			"dropout":    0.0,
			"bias":       false,  // in linear maps and normalisations
			"tie":        true,   // the output's weights are the embedding's
			"activation": "gelu", // inside the network for each place; "gelu-tanh" is GPT-2's
		},
		Variants: []Variant{gpt2("gpt-2", 12, 12, 768), gpt2("gpt-2-medium", 24, 16, 1024), gpt2("gpt-2-large", 36, 20, 1280)},
		Weights: []Mapping{
			{
				Name: "transformers", From: "GPT2Model and GPT2LMHeadModel, whose maps lie as [In Out]", Settings: Settings{"bias": true, "activation": "gelu-tanh"},
				Prefixes: []string{"transformer."}, Rules: gptRules(false), Tied: tied, Ignore: masks,
			},
			{
				Name: "nanogpt", From: "Karpathy's nanoGPT, whose maps lie as [Out In]",
				Prefixes: []string{"_orig_mod.", "transformer."}, Rules: gptRules(true), Tied: tied, Ignore: masks,
			},
		},
		Build: newGPT,
	})
}
