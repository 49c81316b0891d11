package report

import (
	"context"
	"math"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// Chars is what a page shows of a language model.
type Chars struct {
	Samples []train.Sample
	Passage []Surprise // of the validation text
	Bits    float64    // mean surprise of the passage
}

// Surprise is a token and how little the network expected it.
type Surprise struct {
	Text  string
	Bits  float64 // -log2 of its probability; negative for those that nothing was said of
	Share float64 // of what is shown strongest, from 0 to 1
}

// mostPassage is how many windows of the validation text are shown, and fullBits
// the surprise that is shown strongest.
const (
	mostPassage = 16
	mostMarks   = 1200
	fullBits    = 8
)

// chars collects the parts that language models have.
func (g *gatherer) chars(ctx context.Context) error {
	c := &Chars{}
	g.page.Chars = c
	c.Samples, _ = train.ReadSamples(g.run.Dir) // older runs have none
	enc, ok := g.run.Model.Input.Text.Encoder.(data.Tokens)
	if !ok {
		return nil
	}
	for i := range min(g.ds.Len(g.split), mostPassage) {
		if len(c.Passage) >= mostMarks {
			break
		}
		e, err := data.ExampleOf(g.ds, g.split, i)
		if err != nil {
			return err
		}
		if err := g.window(ctx, c, e, enc); err != nil {
			return err
		}
	}
	n := 0
	for _, s := range c.Passage {
		if s.Bits >= 0 {
			c.Bits += s.Bits
			n++
		}
	}
	c.Bits /= math.Max(float64(n), 1)
	return nil
}

// window appends one window of the text.
func (g *gatherer) window(ctx context.Context, c *Chars, e data.Example, enc data.Tokens) error {
	text, next := tensor.Of[int32](e[data.FieldText]), tensor.Of[int32](e[data.FieldNext])
	x, err := e[data.FieldText].Reshape(tensor.Dims(1, len(text)))
	if err != nil {
		return err
	}
	out, err := g.predictor.Answers(ctx, x)
	if err != nil {
		return err
	}
	p, v := out.Floats(), g.run.Model.Input.Text.Vocab
	if len(c.Passage) == 0 {
		c.Passage = append(c.Passage, Surprise{Text: enc.Decode(text[:1], true), Bits: -1})
	}
	for i, id := range next {
		if id < 0 || len(c.Passage) >= mostMarks {
			break
		}
		bits := -math.Log2(math.Max(float64(p[i*v+int(id)]), 1e-30))
		c.Passage = append(c.Passage, Surprise{enc.Decode([]int32{id}, true), bits, math.Min(bits/fullBits, 1)})
	}
	return nil
}
