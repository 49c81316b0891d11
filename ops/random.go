package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// RandomBits is uint32 numbers drawn evenly from all there are. Element i is
// word i mod 4 of the Philox block whose counter is i/4 and stream, so equal
// keys and streams give equal bits, whatever else is drawn. key is uint32[2].
func RandomBits(key *graph.Node, stream uint64, shape tensor.Shape) *graph.Node {
	return graph.Apply1(randomBits{stream, shape}, key)
}

// RandomUniform is numbers of a floating-point type drawn evenly from [0, 1):
// the upper 24 bits of what [RandomBits] draws, times 2⁻²⁴. key is uint32[2].
func RandomUniform(key *graph.Node, stream uint64, t tensor.Type) *graph.Node {
	return graph.Apply1(randomUniform{stream, t}, key)
}

type randomBits struct {
	Stream uint64
	Shape  tensor.Shape
}

func (randomBits) Name() string { return "random-bits" }

func (op randomBits) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := isKey(in); err != nil {
		return nil, err
	}
	return []tensor.Type{{DType: tensor.Uint32, Shape: op.Shape}}, nil
}

func (op randomBits) Ref(out, in []tensor.Wide) {
	drawBits(in[0], op.Stream, len(out[0].I), func(i int, word uint32) { out[0].I[i] = int64(word) })
}

// Kernel implements graph.Kerneled.
func (op randomBits) Kernel(_, _ []tensor.Type) *kernel.Code {
	return kernel.RandomBits(op.Shape.Size(), op.Stream)
}

type randomUniform struct {
	Stream uint64
	Of     tensor.Type
}

func (randomUniform) Name() string { return "random-uniform" }

func (op randomUniform) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := isKey(in); err != nil {
		return nil, err
	}
	if d := op.Of.DType; d != tensor.Float32 && d != tensor.Float64 {
		return nil, fmt.Errorf("%v cannot hold 24 random bits; convert float32", d)
	}
	return []tensor.Type{op.Of}, nil
}

func (op randomUniform) Ref(out, in []tensor.Wide) {
	drawBits(in[0], op.Stream, len(out[0].F), func(i int, word uint32) {
		out[0].F[i] = float64(word>>8) / (1 << 24)
	})
}

// VJP: a key has no gradient.
func (randomUniform) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{nil} }

// isKey asks for one operand that is a key.
func isKey(in []tensor.Type) error {
	if err := count(in, 1); err != nil {
		return err
	}
	if in[0] != (tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)}) {
		return fmt.Errorf("the key must be uint32[2]")
	}
	return nil
}

// drawBits gives n random words to set.
func drawBits(key tensor.Wide, stream uint64, n int, set func(i int, word uint32)) {
	k := [2]uint32{uint32(key.I[0]), uint32(key.I[1])}
	for i := 0; i < n; i += 4 {
		block := uint64(i / 4)
		words := rng.Philox(k, [4]uint32{uint32(block), uint32(block >> 32), uint32(stream), uint32(stream >> 32)})
		for j, w := range words[:min(4, n-i)] {
			set(i+j, w)
		}
	}
}

// Kernel implements graph.Kerneled.
func (op randomUniform) Kernel(in, out []tensor.Type) *kernel.Code {
	if op.Of.DType != tensor.Float32 {
		return nil
	}
	return kernel.RandomUniform(op.Of.Shape.Size(), op.Stream)
}

func init() {
	key := []tensor.Type{{DType: tensor.Uint32, Shape: tensor.Dims(2)}}
	graph.Register(graph.Entry{
		Op:  randomBits{7, tensor.Dims(3, 5)},
		Doc: "bits of Philox4x32-10 by counter",
		Samples: []graph.Sample{
			{In: key, High: 1 << 32},
			{Of: randomBits{1 << 40, tensor.Dims(4, 0)}, In: key, High: 1 << 32},
		},
	})
	graph.Register(graph.Entry{
		Op:  randomUniform{7, tensor.F32(3, 5)},
		Doc: "numbers of [0, 1) by Philox4x32-10",
		Samples: []graph.Sample{
			{In: key, High: 1 << 32},
			{Of: randomUniform{1 << 40, tensor.F32(1030)}, In: key, High: 1 << 32},
			{Of: randomUniform{0, tensor.F32(4, 0)}, In: key, High: 1 << 32},
		},
	})
}
