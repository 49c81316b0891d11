package nn_test

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// ExampleNewLSTM reads a sequence in both directions, and goes on from where a
// run ended one step at a time, as a decoder does.
func ExampleNewLSTM() {
	both := nn.NewLSTM(rng.New(1), 8, 16, nn.RecurrentOptions{Layers: 2, Bidirectional: true})
	c := nn.NewCtx(both)
	x := c.Graph.Leaf("x", tensor.F32(4, 10, 8)) // [N L C]
	y, state := both.Run(c, x, nn.RecurrentRun{})
	fmt.Println(y.Shape(), len(state), "states of", state[0].Shape())

	decoder := nn.NewGRU(rng.New(2), 8, 16, nn.RecurrentOptions{})
	c = nn.NewCtx(decoder)
	_, state = decoder.Run(c, c.Graph.Leaf("x", tensor.F32(4, 10, 8)), nn.RecurrentRun{})
	next, state := decoder.Step(c, c.Graph.Leaf("token", tensor.F32(4, 8)), state)
	fmt.Println(next.Shape(), len(state), c.Graph.Err())
	// Output:
	// [4 10 32] 8 states of [4 16]
	// [4 16] 1 <nil>
}

// ExampleCTC is the loss of a label under two frames of even chances: three of
// the four paths spell it.
func ExampleCTC() {
	g := graph.New()
	ints := func(v int32, dims ...int) *graph.Node {
		return g.Fill(float64(v), tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims...)})
	}
	even := g.Fill(0, tensor.F32(1, 2, 2))
	loss := nn.CTC(ops.LogSoftmax(even, -1), ints(1, 1, 1), ints(2, 1), ints(1, 1), 0)
	f, err := graph.NewFunc("loss", nil, []*graph.Node{loss})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", graph.Eval(f, nil)[0].F[0]) // -log 3/4
	// Output: 0.2877
}
