package train

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

// leaves declares the inputs of a step in a new graph.
type leaves struct {
	g                      *graph.Graph
	params, buffers, slots []*graph.Node
	batch, rates           []*graph.Node // batch with the key
}

func (p *StepProgram) leaves() leaves {
	l := leaves{g: graph.New()}
	for _, n := range p.Params {
		l.params = append(l.params, l.g.Leaf(n.Path, n.Value.Type()))
	}
	for _, n := range p.Buffers {
		l.buffers = append(l.buffers, l.g.Leaf(n.Path, n.Value.Type()))
	}
	for _, s := range p.Slots {
		l.slots = append(l.slots, l.g.Leaf(s.Path, s.Type))
	}
	var fed []*graph.Node
	for _, f := range p.Fed {
		fed = append(fed, l.g.Leaf(f.Name, f.Type))
	}
	l.batch, l.rates = fed[:len(fed)-2], fed[len(fed)-2:]
	return l
}

// join makes one function of the two.
func (p *StepProgram) join(gradient, update *graph.Func) error {
	l := p.leaves()
	grads, nextBuffers, told := p.differentiate(l, gradient)
	if l.g.Err() != nil {
		return l.g.Err()
	}
	fromUpdate := l.g.Inline(update, chain(l.params, l.slots, grads, l.rates)...)
	if l.g.Err() != nil {
		return l.g.Err()
	}
	n := len(l.params)
	next, length := fromUpdate[:n+len(l.slots)], fromUpdate[n+len(l.slots):]

	out := chain(next[:n], nextBuffers, next[n:], told, length)
	p.Options.Donate = donate(n, len(nextBuffers), len(l.buffers), len(l.slots))
	var err error
	p.Func, err = graph.NewFunc("step", chain(l.params, l.buffers, l.slots, l.batch, l.rates), out)
	return err
}

// differentiate puts the gradients into the graph, the next buffers, and loss
// and right answers.
func (p *StepProgram) differentiate(l leaves, gradient *graph.Func) (grads, buffers, told []*graph.Node) {
	out := l.g.Inline(gradient, chain(l.params, l.buffers, l.batch)...)
	if l.g.Err() != nil {
		return nil, nil, nil
	}
	n := len(l.params)
	return out[:n], out[n : len(out)-2], out[len(out)-2:]
}

// donate pairs outputs with inputs: params, then updated of the buffers, then
// rest.
func donate(params, updated, buffers, rest int) [][2]int {
	var pairs [][2]int
	for i := range params + updated {
		pairs = append(pairs, [2]int{i, i})
	}
	for i := range rest {
		pairs = append(pairs, [2]int{params + updated + i, params + buffers + i})
	}
	return pairs
}

// part makes a function that adds a piece's gradients up, and one that applies
// the sums.
func (p *StepProgram) part(gradient, update *graph.Func) error {
	l := p.leaves()
	grads, nextBuffers, told := p.differentiate(l, gradient)
	if l.g.Err() != nil {
		return l.g.Err()
	}
	var sums, nextSums []*graph.Node
	for i, n := range p.Params {
		sums = append(sums, l.g.Leaf("sum of "+n.Path, n.Value.Type()))
		nextSums = append(nextSums, ops.Add(sums[i], grads[i]))
	}
	for _, pair := range donate(0, len(nextBuffers), len(l.buffers), len(sums)) {
		pair[1] += len(l.params)
		p.Options.Donate = append(p.Options.Donate, pair)
	}
	p.ApplyOptions.Donate = donate(len(l.params), 0, 0, len(l.slots))
	p.Apply = update
	var err error
	p.Func, err = graph.NewFunc("piece", chain(l.params, l.buffers, sums, l.batch), chain(nextBuffers, nextSums, told))
	return err
}
