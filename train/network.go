package train

import (
	"context"
	"fmt"
	"sync"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// Network computes the answers of the network that a model describes. It is
// safe for concurrent use as long as nobody trains it.
type Network struct {
	net   nn.Layer
	model zoo.Model
	pool  *exec.Pool
	fixed bool // the weights never change: programs hold them as they need them
	room  int  // bytes for the largest value of a portion

	mu       sync.Mutex
	compiled map[question]*compiled
	widest   int // bytes of the largest value for one example; 0 before it is asked for
}

// question is a program that a Network may have: on batches of a size, the
// answers, or what the objective says of them.
type question struct {
	batch  int
	scored bool
}

type compiled struct {
	fn     *exec.Function
	params []tensor.Tensor
}

// NewNetwork prepares net, built from m, for inference on pool.
func NewNetwork(net nn.Layer, m zoo.Model, pool *exec.Pool) *Network {
	return &Network{net: net, model: m, pool: pool, room: portionRoom, compiled: map[question]*compiled{}}
}

// AnswerFunc is the function from a batch of inputs and the parameters that net
// uses to its answers: of classes the probabilities [N K], of a value the
// standardised output [N], of next tokens the probabilities [N L V].
func AnswerFunc(net nn.Layer, m zoo.Model, batch int) (*graph.Func, []nn.Named, error) {
	return answerFunc(net, m, batch, false)
}

// answerFunc is AnswerFunc, with the parameters as constants if they are fixed.
func answerFunc(net nn.Layer, m zoo.Model, batch int, fixed bool) (*graph.Func, []nn.Named, error) {
	c := nn.NewCtx(net)
	c.Known = fixed
	x := c.Graph.Leaf(m.Input.Field(), inputs(m, batch))
	y := c.In("", net, x)
	if m.Output.Is(data.OutputClass) && y.Shape().Rank() != 2 {
		c.Graph.Fail("answer", fmt.Errorf("architecture %s gives %v, want [N K] for classes", m.Architecture.Name, y.Type()))
	}
	if m.Output.Is(data.OutputValue) {
		y = ops.Reshape(y, tensor.Dims(batch))
	} else {
		y = ops.Softmax(y, -1)
	}
	f, err := graph.NewFunc("infer", append([]*graph.Node{x}, nodes(c, c.Used())...), []*graph.Node{y})
	return f, c.Used(), err
}

// scoreFunc is the function from inputs, labels and parameters to the mean loss
// and the number of right answers.
func scoreFunc(net nn.Layer, m zoo.Model, batch int, o Objective) (*graph.Func, []nn.Named, error) {
	c := nn.NewCtx(net)
	x := c.Graph.Leaf(m.Input.Field(), inputs(m, batch))
	y := c.In("", net, x)
	label := c.Graph.Leaf(o.Label(), o.LabelType(batch, y.Type()))
	loss, right := o.Loss(y, label)
	f, err := graph.NewFunc("score", append([]*graph.Node{x, label}, nodes(c, c.Used())...), []*graph.Node{loss, right})
	return f, c.Used(), err
}

// inputs is the type of a batch of inputs.
func inputs(m zoo.Model, batch int) tensor.Type {
	t := m.Input.Type()
	t.Shape = batched(t.Shape, batch)
	return t
}

// Answers runs the network on a batch of inputs, a portion at a time. See
// [AnswerFunc].
func (n *Network) Answers(ctx context.Context, x tensor.Tensor) (tensor.Tensor, error) {
	batch := x.Shape().Dim(0)
	k, err := n.portion(batch)
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("build the network: %w", err)
	}
	if k == batch {
		return n.whole(ctx, x)
	}
	var all tensor.Tensor
	for at := 0; at < batch; at += k {
		rows, err := part(x, at, at+k)
		if err != nil {
			return all, err
		}
		out, err := n.whole(ctx, rows)
		if err != nil {
			return all, err
		}
		if at == 0 {
			t := out.Type()
			t.Shape = t.Shape.With(0, batch)
			all = tensor.New(t)
		}
		copy(all.Bytes()[at/k*len(out.Bytes()):], out.Bytes())
	}
	return all, nil
}

// whole runs the network on inputs, all at a time.
func (n *Network) whole(ctx context.Context, x tensor.Tensor) (tensor.Tensor, error) {
	p, err := n.program(question{batch: x.Shape().Dim(0)})
	if err != nil {
		return tensor.Tensor{}, err
	}
	out, err := p.fn.Call(ctx, append([]tensor.Tensor{x}, p.params...)...)
	if err != nil {
		return tensor.Tensor{}, err
	}
	return out[0], nil
}

// score is the mean loss and the number of right answers of a batch.
func (n *Network) score(ctx context.Context, x, label tensor.Tensor) (loss, right float64, err error) {
	p, err := n.program(question{x.Shape().Dim(0), true})
	if err != nil {
		return 0, 0, err
	}
	out, err := p.fn.Call(ctx, append([]tensor.Tensor{x, label}, p.params...)...)
	if err != nil {
		return 0, 0, err
	}
	return scalar(out[0]), scalar(out[1]), nil
}

func (n *Network) program(q question) (*compiled, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p, ok := n.compiled[q]; ok {
		return p, nil
	}
	build := func() (*graph.Func, []nn.Named, error) { return answerFunc(n.net, n.model, q.batch, n.fixed) }
	if q.scored {
		build = func() (*graph.Func, []nn.Named, error) { return scoreFunc(n.net, n.model, q.batch, Next{}) }
	}
	f, used, err := build()
	if err != nil {
		return nil, fmt.Errorf("build the network for batches of %d: %w", q.batch, err)
	}
	fn, err := exec.Compile(f, n.pool, plan.Options{})
	if err != nil {
		return nil, fmt.Errorf("plan the network for batches of %d: %w", q.batch, err)
	}
	p := &compiled{fn: fn, params: values(used)}
	n.compiled[q] = p
	return p, nil
}

// Model is the description that the network was built from.
func (n *Network) Model() zoo.Model { return n.model }
