package train

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/media/token"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// Continuer is the best network of a run, made ready to go on with a text. One
// text at a time: it remembers what it has read.
type Continuer struct {
	net    zoo.Stepper
	tokens *token.Tokenizer
	pool   *exec.Pool

	reading *continued // several tokens at a time
	writing *continued // one token at a time
	memory  []tensor.Tensor
	read    []int32 // what is remembered, in order
}

// continued is a program that reads so many tokens.
type continued struct {
	size    int
	machine *exec.Machine
	in      []tensor.Tensor // tokens, place, memory, parameters
}

// Continuer makes the best checkpoint ready on pool. A run whose network does not
// predict the next token is an error of type [RunError].
func (r *Run) Continuer(pool *exec.Pool, warn func(string)) (*Continuer, error) {
	enc, ok := r.Model.Input.Text.Encoder.(data.Tokens)
	if !r.Model.Output.Is(data.OutputNext) || !ok {
		return nil, &RunError{r.Dir, "its network does not go on with texts; ihae predict asks it"}
	}
	net, _, err := r.Best(warn)
	if err != nil {
		return nil, err
	}
	s, ok := net.(zoo.Stepper)
	if !ok {
		return nil, &RunError{r.Dir, fmt.Sprintf("the architecture %s cannot go on with texts", r.Model.Architecture.Name)}
	}
	return newContinuer(s, enc.Tokenizer, pool)
}

// readSize is how many tokens of a prompt are read at a time at most.
const readSize = 16

func newContinuer(net zoo.Stepper, tokens *token.Tokenizer, pool *exec.Pool) (*Continuer, error) {
	c := &Continuer{net: net, tokens: tokens, pool: pool}
	for _, t := range net.Memory(1) {
		c.memory = append(c.memory, tensor.New(t))
	}
	size := readSize
	if reach := net.Reach(); reach > 0 {
		size = max(1, min(size, reach/2))
	}
	var err error
	if c.writing, err = c.program(1); err != nil {
		return nil, err
	}
	c.reading, err = c.program(size)
	return c, err
}

// program plans the reading of size tokens. The memory is written in its place.
func (c *Continuer) program(size int) (*continued, error) {
	x := nn.NewCtx(c.net)
	integer := func(dims ...int) tensor.Type {
		return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims...)}
	}
	ids, at := x.Graph.Leaf("text", integer(1, size)), x.Graph.Leaf("at", integer())
	var memory []*graph.Node
	for i, t := range c.net.Memory(1) {
		memory = append(memory, x.Graph.Leaf(fmt.Sprintf("memory.%d", i), t))
	}
	logits, next := c.net.Advance(x, ids, memory, at)
	inputs := append([]*graph.Node{ids, at}, memory...)
	f, err := graph.NewFunc("continue", append(inputs, nodes(x, x.Used())...), append(next, logits))
	if err != nil {
		return nil, err
	}
	var o plan.Options
	for i := range next {
		o.Donate = append(o.Donate, [2]int{i, 2 + i})
	}
	p, err := plan.Compile(f, o)
	if err != nil {
		return nil, err
	}
	k := &continued{size: size, machine: exec.NewMachine(p, c.pool)}
	k.in = append(k.in, tensor.New(integer(1, size)), tensor.New(integer()))
	k.in = append(append(k.in, c.memory...), values(x.Used())...)
	return k, nil
}

// Tokens is the tokenizer of the network.
func (c *Continuer) Tokens() *token.Tokenizer { return c.tokens }

// advance reads tokens and returns the logits after the last one, valid until
// the next call.
func (c *Continuer) advance(ctx context.Context, ids []int32) ([]float32, error) {
	var logits []float32
	for len(ids) > 0 {
		k := c.writing
		if len(ids) >= c.reading.size {
			k = c.reading
		}
		if reach := c.net.Reach(); reach > 0 && len(c.read)+k.size > reach {
			if err := c.forget(ctx, reach/2); err != nil {
				return nil, err
			}
		}
		var err error
		if logits, err = c.step(ctx, k, ids[:k.size]); err != nil {
			return nil, err
		}
		ids = ids[k.size:]
	}
	return logits, nil
}

func (c *Continuer) step(ctx context.Context, k *continued, ids []int32) ([]float32, error) {
	copy(tensor.Of[int32](k.in[0]), ids)
	tensor.Of[int32](k.in[1])[0] = int32(len(c.read))
	out, err := k.machine.Run(ctx, k.in)
	if err != nil {
		return nil, err
	}
	c.read = append(c.read, ids...)
	if c.net.Reach() == 0 {
		c.read = c.read[:0] // nothing is read again
	}
	all := out[len(out)-1].Floats()
	return all[len(all)-len(all)/k.size:], nil
}

// forget starts anew with the last n tokens, since positions are counted from
// the first one that is remembered.
func (c *Continuer) forget(ctx context.Context, n int) error {
	last := append([]int32(nil), c.read[max(0, len(c.read)-n):]...)
	c.reset()
	for len(last) > 0 {
		k := c.writing
		if len(last) >= c.reading.size {
			k = c.reading
		}
		if _, err := c.step(ctx, k, last[:k.size]); err != nil {
			return err
		}
		last = last[k.size:]
	}
	return nil
}

// reset makes it as if nothing had been read.
func (c *Continuer) reset() {
	c.read = c.read[:0]
	for _, m := range c.memory {
		clear(m.Bytes())
	}
}

// Continue reads a prompt, which must have tokens, and goes on with it for n
// tokens, each drawn as s says from r.
func (c *Continuer) Continue(ctx context.Context, prompt []int32, n int, s Sampling, r rng.Stream) iter.Seq2[int32, error] {
	return func(yield func(int32, error) bool) {
		if len(prompt) == 0 {
			yield(0, errors.New("the prompt has no tokens"))
			return
		}
		next := prompt
		for i := range n {
			logits, err := c.advance(ctx, next)
			if err != nil {
				yield(0, err)
				return
			}
			id := s.Draw(logits, r.At(uint64(i)))
			if !yield(id, nil) {
				return
			}
			next = []int32{id}
		}
	}
}
