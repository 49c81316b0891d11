package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// recurrent is a sample's body: of h [2 3], u [3 3] and x [2 3], the next h,
// tanh(h·u + x), and what it was times x.
func recurrent() *graph.Func {
	return bodyOf("recurrent", []tensor.Type{tensor.F32(2, 3), tensor.F32(3, 3), tensor.F32(2, 3)}, func(in []*graph.Node) []*graph.Node {
		h, u, x := in[0], in[1], in[2]
		return []*graph.Node{Tanh(Add(MatMul(h, u), x)), Mul(h, x)}
	})
}

// clocked is a sample's body of two carries, one of them whole numbers, that
// reads a constant and gives nothing over time.
func clocked() *graph.Func {
	return bodyOf("clocked", []tensor.Type{tensor.Scalar[int32](0).Type(), tensor.F32(4), tensor.F32()}, func(in []*graph.Node) []*graph.Node {
		i, h, c := in[0], in[1], in[2]
		step := Mul(Sin(h), Add(c, Convert(i, tensor.Float32)))
		return []*graph.Node{Add(i, Like(i, 1)), Add(h, Scale(step, 0.1))}
	})
}

// steady is a sample's body that computes from its constant [3 3] what is the same
// in every step, and gives some of it over time.
func steady() *graph.Func {
	return bodyOf("steady", []tensor.Type{tensor.F32(2, 3), tensor.F32(3, 3)}, func(in []*graph.Node) []*graph.Node {
		h, u := in[0], Scale(Tanh(MatMul(in[1], in[1])), 0.5)
		return []*graph.Node{Tanh(MatMul(h, u)), ReduceSum(u, 0), Add(h, Scale(h, 2))}
	})
}

func init() {
	i32 := tensor.Scalar[int32](0).Type()
	h, u, x := tensor.F32(2, 3), tensor.F32(3, 3), tensor.F32(5, 2, 3)
	of := func(op scan, in ...tensor.Type) graph.Sample {
		return graph.Sample{Of: op, In: in, Low: -1, High: 1}
	}
	count := of(scan{Body: clocked(), Carry: 2, Consts: 1, Length: 4}, i32, tensor.F32(4), tensor.F32())
	count.Ranges = [][2]float64{{0, 5}, {-1, 1}, {-1, 1}}
	graph.Register(graph.Entry{
		Op:  scan{Body: recurrent(), Carry: 1, Consts: 1, Length: 5},
		Doc: "(hₜ₊₁, yₜ) = body(hₜ, c, xₜ) for t = 0, 1, …",
		Samples: []graph.Sample{
			of(scan{Body: recurrent(), Carry: 1, Consts: 1, Length: 5}, h, u, x),
			of(scan{Body: recurrent(), Carry: 1, Consts: 1, Length: 5, Reverse: true}, h, u, x),
			of(scan{Body: recurrent(), Carry: 1, Consts: 1, Length: 1}, h, u, tensor.F32(1, 2, 3)),
			of(scan{Body: recurrent(), Carry: 1, Consts: 1}, h, u, tensor.F32(0, 2, 3)),
			of(scan{Body: steady(), Carry: 1, Consts: 1, Length: 4}, h, u),
			count,
		},
	})
}
