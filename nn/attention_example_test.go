package nn_test

import (
	"fmt"

	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Two sequences of five places look at memories of seven, with four heads that
// share two heads of keys and values.
func ExampleMultiHeadAttention_Attend() {
	l := nn.NewMultiHeadAttention(rng.New(1), nn.AttentionConfig{Width: 16, Memory: 12, Heads: 4, KVHeads: 2, NoBias: true})
	c := nn.NewCtx(l)
	x, memory := c.Graph.Leaf("x", tensor.F32(2, 5, 16)), c.Graph.Leaf("memory", tensor.F32(2, 7, 12))
	lengths := c.Graph.Leaf("lengths", tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(2)})
	y := l.Attend(c, x, memory, nn.LengthMask(lengths, 7))
	fmt.Println(y.Type())
	for _, p := range c.Used() {
		fmt.Println(p.Path, p.Value.Shape())
	}
	// Output:
	// float32[2 5 16]
	// query.weight [16 16]
	// key.weight [12 8]
	// value.weight [12 8]
	// output.weight [16 16]
}

// A block reads a text of eight places in two steps: six, then two more.
func ExampleTransformerBlock_Step() {
	b := nn.NewTransformerBlock(rng.New(1), nn.BlockConfig{AttentionConfig: nn.AttentionConfig{Width: 8, Heads: 2, Causal: true}})
	c := nn.NewCtx(b)
	empty := b.Attention.CacheType(1, 8)
	cache := nn.AttentionCache{Key: c.Graph.Fill(0, empty), Value: c.Graph.Fill(0, empty)}
	count := tensor.Type{DType: tensor.Int32}
	_, cache = b.Step(c, c.Graph.Leaf("first", tensor.F32(1, 6, 8)), cache, c.Graph.Fill(0, count))
	y, _ := b.Step(c, c.Graph.Leaf("second", tensor.F32(1, 2, 8)), cache, c.Graph.Fill(6, count))
	fmt.Println(empty, y.Type(), c.Graph.Err())
	// Output: float32[1 8 2 4] float32[1 2 8] <nil>
}
