package train

import (
	"context"
	"fmt"
	"sync"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// Classifier computes the probabilities of a network's classes. It is safe for
// concurrent use as long as nobody trains the network.
type Classifier struct {
	net  nn.Layer
	pool *exec.Pool

	mu       sync.Mutex
	compiled map[tensor.Shape]*compiled
}

type compiled struct {
	fn     *exec.Function
	params []tensor.Tensor
}

// NewClassifier prepares net for inference on pool.
func NewClassifier(net nn.Layer, pool *exec.Pool) *Classifier {
	return &Classifier{net: net, pool: pool, compiled: map[tensor.Shape]*compiled{}}
}

// InferenceFunc is the function from an image batch [N H W C] and the used
// parameters to probabilities [N K].
func InferenceFunc(net nn.Layer, image tensor.Shape) (*graph.Func, []nn.Named, error) {
	c := nn.NewCtx(net)
	x := c.Graph.Leaf("image", tensor.Type{DType: tensor.Float32, Shape: image})
	p := ops.Softmax(c.In("", net, x), -1) // [N K]
	in := append([]*graph.Node{x}, nodes(c, c.Used())...)
	f, err := graph.NewFunc("infer", in, []*graph.Node{p})
	return f, c.Used(), err
}

// Probabilities runs the network on images [N H W C] and returns [N K].
func (c *Classifier) Probabilities(ctx context.Context, image tensor.Tensor) (tensor.Tensor, error) {
	p, err := c.program(image.Shape())
	if err != nil {
		return tensor.Tensor{}, err
	}
	out, err := p.fn.Call(ctx, append([]tensor.Tensor{image}, p.params...)...)
	if err != nil {
		return tensor.Tensor{}, err
	}
	return out[0], nil
}

func (c *Classifier) program(image tensor.Shape) (*compiled, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.compiled[image]; ok {
		return p, nil
	}
	f, used, err := InferenceFunc(c.net, image)
	if err != nil {
		return nil, fmt.Errorf("build the network for %v: %w", image, err)
	}
	fn, err := exec.Compile(f, c.pool, plan.Options{})
	if err != nil {
		return nil, fmt.Errorf("plan the network for %v: %w", image, err)
	}
	p := &compiled{fn: fn}
	for _, n := range used {
		p.params = append(p.params, n.Value)
	}
	c.compiled[image] = p
	return p, nil
}
