package zoo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// BERT is an encoder of transformer blocks in which each token of a text sees all
// others: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers
// for Language Understanding", NAACL 2019, section 3. int32 [N L] → what Collect
// says: logits [N K], vectors of texts [N C], or states of tokens [N L C].
type BERT struct {
	Embed    *nn.Embedding
	Position *nn.Positional
	Segment  *nn.Embedding // of the first or the second text; nil for none
	Norm     *nn.LayerNorm
	Dropout  nn.Dropout
	Blocks   []*nn.TransformerBlock
	Pooler   *nn.Linear // of the first token, with "first"
	Head     *nn.Linear // with "first" and "mean"
	Collect  string
	Padding  int // the token that is none; negative for none
}

// What a BERT makes of the states of a text's tokens.
const (
	collectFirst    = "first"    // logits, from the first token through a layer of tanh
	collectMean     = "mean"     // logits, from the mean over tokens
	collectSentence = "sentence" // the mean over tokens, brought to length 1
	collectStates   = "states"   // all of them
)

var collects = []string{collectFirst, collectMean, collectSentence, collectStates}

// Forward implements nn.Layer, for texts of one segment.
func (n *BERT) Forward(c *nn.Ctx, ids *graph.Node) *graph.Node { return n.Read(c, ids, nil) }

// Read is Forward with the segment of each token, int32 [N L] from 0 to 1, or nil
// for 0. Tokens that are padding are not seen.
func (n *BERT) Read(c *nn.Ctx, ids, segments *graph.Node) *graph.Node {
	if ids.Shape().Rank() != 2 {
		c.Graph.Fail("bert", fmt.Errorf("%v, want [N L]", ids.Type()))
		return ids
	}
	x := c.In("position", n.Position, c.In("embed", n.Embed, ids)) // [N L C]
	if n.Segment != nil {
		if segments == nil {
			segments = ops.Like(ids, 0)
		}
		x = ops.Add(x, c.In("segment", n.Segment, segments))
	}
	x = c.In("dropout", n.Dropout, c.In("norm", n.Norm, x))
	var mask *graph.Node
	if n.Padding >= 0 {
		mask = nn.PaddingMask(ids, n.Padding)
	}
	for i, b := range n.Blocks {
		x = c.In("blocks."+strconv.Itoa(i), maskedBlock{b, mask}, x)
	}
	return n.collect(c, ids, x)
}

// maskedBlock is a block that does not see the places that mask leaves out.
type maskedBlock struct {
	*nn.TransformerBlock
	mask *graph.Node
}

// Forward implements nn.Layer.
func (b maskedBlock) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	return b.Attend(c, x, nil, b.mask, nil)
}

func (n *BERT) collect(c *nn.Ctx, ids, x *graph.Node) *graph.Node {
	switch n.Collect {
	case collectStates:
		return x
	case collectFirst:
		s := x.Shape()
		first := ops.Reshape(ops.Slice(x, []int{0, 0, 0}, []int{s.Dim(0), 1, s.Dim(2)}, nil), tensor.Dims(s.Dim(0), s.Dim(2)))
		x = c.In("dropout", n.Dropout, ops.Tanh(c.In("pooler", n.Pooler, first)))
		return c.In("head", n.Head, x)
	}
	x = n.mean(ids, x)
	if n.Collect == collectMean {
		return c.In("head", n.Head, c.In("dropout", n.Dropout, x))
	}
	square := ops.ReduceSum(ops.Mul(x, x), 1)
	length := ops.Rsqrt(ops.Max(square, ops.Like(square, tiny)))
	return ops.Mul(x, ops.BroadcastInDim(length, x.Shape(), 0))
}

// tiny is in the place of smaller squares of lengths (1e-12 for lengths, as in
// PyTorch's normalize).
const tiny = 1e-24

// mean is the mean of x [N L C] over the tokens that are no padding: [N C].
func (n *BERT) mean(ids, x *graph.Node) *graph.Node {
	if n.Padding < 0 {
		return ops.Mean(x, 1)
	}
	is := ops.Convert(ops.Ne(ids, ops.Like(ids, float64(n.Padding))), x.DType())
	sum := ops.ReduceSum(ops.Mul(x, ops.BroadcastInDim(is, x.Shape(), 0, 1)), 1)
	count := ops.ReduceSum(is, 1)
	return ops.Div(sum, ops.BroadcastInDim(ops.Max(count, ops.Like(count, 1)), sum.Shape(), 0))
}

func newBERT(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	width, rate := s.Int("width"), s.Float("dropout")
	if err := bertSizes(in, out, s); err != nil {
		return nil, err
	}
	norm := func() *nn.LayerNorm {
		l := nn.NewLayerNorm(width)
		l.Eps = s.Float("eps")
		return l
	}
	n := &BERT{
		Embed:    nn.NewEmbedding(r.Split("embed"), in.Vocab[0], width),
		Position: nn.NewPositional(r.Split("position"), in.Shape.Dim(0), width),
		Norm:     norm(), Dropout: nn.Dropout{Rate: rate}, Collect: s.Text("collect"), Padding: s.Int("padding"),
	}
	if k := s.Int("segments"); k > 0 {
		n.Segment = nn.NewEmbedding(r.Split("segment"), k, width)
	}
	for i := range s.Int("layers") {
		n.Blocks = append(n.Blocks, nn.NewTransformerBlock(r.Split("blocks").At(uint64(i)), nn.BlockConfig{
			AttentionConfig: nn.AttentionConfig{Width: width, Heads: s.Int("heads"), Dropout: rate},
			Hidden:          s.Int("hidden"), Activation: "gelu", Drop: rate, PostNorm: true, Norm: func() nn.Layer { return norm() },
		}))
	}
	if n.Collect == collectFirst {
		n.Pooler = nn.NewLinear(r.Split("pooler"), width, width)
	}
	if n.Collect == collectFirst || n.Collect == collectMean {
		n.Head = nn.NewLinear(r.Split("head"), width, out)
	}
	for _, p := range nn.Params(n) { // section A.2 of the paper, after its code
		if p.Value.Shape().Rank() == 2 {
			r.Split("weights").Split(p.Path).Normal(p.Value.Floats(), 0, gptDeviation)
		}
	}
	return n, nil
}

func bertSizes(in In, out int, s Settings) error {
	layers, heads, width, hidden := s.Int("layers"), s.Int("heads"), s.Int("width"), s.Int("hidden")
	if err := cmp.Or(
		between("layers", layers, 1, 1000), between("width", width, 1, maxWidth), between("heads", heads, 1, width),
		between("hidden", hidden, 1, 8*maxWidth), between("segments", s.Int("segments"), 0, 1000), between("eps", s.Float("eps"), 0, 1),
		between("dropout", s.Float("dropout"), 0, 0.95), between("padding", s.Int("padding"), -1, maxVocab),
	); err != nil {
		return err
	}
	collect := s.Text("collect")
	switch {
	case !slices.Contains(collects, collect):
		return fmt.Errorf("setting collect is %q; there is %v", collect, collects)
	case len(in.Vocab) != 1:
		return fmt.Errorf("an input with vocabularies %v, want that of a text", in.Vocab)
	case width%heads != 0:
		return fmt.Errorf("setting width is %d, which %d heads do not divide", width, heads)
	case (collect == collectSentence || collect == collectStates) && out != width:
		return fmt.Errorf("%d outputs where collect is %q: they are as many as width, %d", out, collect, width)
	case max(in.Vocab[0], in.Shape.Dim(0), out, hidden) > maxWeights/width:
		return fmt.Errorf("a layer has more than %d weights", maxWeights)
	}
	return modest(float64(layers) * float64(width) * float64(4*width+2*hidden))
}

// bertRules is the names of transformers' BertModel; down is the last linear map
// of a block, which stands behind a dropout or not.
func bertRules() []Rule {
	block, theirs := "blocks.#.", "encoder.layer.#."
	attention := block + "attention."
	return slices.Concat(
		[]Rule{
			{Ours: "embed.weight", Theirs: "embeddings.word_embeddings.weight"},
			{Ours: "position.weight", Theirs: "embeddings.position_embeddings.weight"},
			{Ours: "segment.weight", Theirs: "embeddings.token_type_embeddings.weight"},
		},
		scaleRules("norm", "embeddings.LayerNorm"),
		turnedRules(attention+"query", theirs+"attention.self.query"),
		turnedRules(attention+"key", theirs+"attention.self.key"),
		turnedRules(attention+"value", theirs+"attention.self.value"),
		turnedRules(attention+"output", theirs+"attention.output.dense"),
		scaleRules(block+"norm1", theirs+"attention.output.LayerNorm"),
		turnedRules(block+"feedforward.0", theirs+"intermediate.dense"),
		turnedRules(block+"feedforward.2", theirs+"output.dense"),
		turnedRules(block+"feedforward.3", theirs+"output.dense"),
		scaleRules(block+"norm3", theirs+"output.LayerNorm"),
		turnedRules("pooler", "pooler.dense"),
		turnedRules("head", "classifier"),
	)
}

func init() {
	text := In{Type: tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(512)}, Vocab: []int{30522}}
	mini := Settings{"layers": 6, "width": 384, "hidden": 1536, "collect": collectSentence}
	Register(Entry{
		Name:  "bert",
		Doc:   "an encoder of transformer blocks, for texts",
		Cite:  "Devlin et al., 2019",
		Takes: []int{1},
		Settings: Settings{
			"layers":   12,
			"heads":    12,
			"width":    768,     // features of a token
			"hidden":   3072,    // of the network for each place
			"segments": 2,       // texts that an input may hold; 0 for no vectors of them
			"padding":  0,       // the token that is none; -1 for none
			"eps":      1e-12,   // of the normalisations
			"collect":  "first", // token, through a layer and a linear map; "mean" over tokens, through a linear map; "sentence": the mean, of length 1; "states": all
			"dropout":  0.1,
		},
		Variants: []Variant{
			{Name: "bert-base", In: text, Out: 2},
			{Name: "bert-large", Settings: Settings{"layers": 24, "heads": 16, "width": 1024, "hidden": 4096}, In: text, Out: 2},
			{Name: "minilm-l6", Settings: mini, In: text, Out: 384, Cite: "Wang et al., 2020"},
		},
		Weights: []Mapping{{
			Name: "transformers", From: "BertModel and BertForSequenceClassification; sentence encoders such as all-MiniLM-L6-v2 with collect = \"sentence\"",
			Prefixes: []string{"bert.", "0.auto_model."}, Rules: bertRules(),
			Ignore: []string{"embeddings.position_ids", "pooler.dense.*", "cls.*"},
		}},
		Build: newBERT,
	})
}
