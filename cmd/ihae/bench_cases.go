package main

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/tensor"
)

// benchCase is a program to measure.
type benchCase struct {
	name    string
	program func() (*plan.Program, error)
}

// benchCases is products and convolutions, which arithmetic limits; passes over
// arrays that fit into no cache, which memory limits; and training steps.
var benchCases = []benchCase{
	product(256),
	product(512),
	product(1024),
	product(2048),
	convolution("conv 3x3 64", []int{32, 28, 28, 64}, []int{3, 3, 64, 64}, 1),
	convolution("conv 1x1 256", []int{32, 28, 28, 64}, []int{1, 1, 64, 256}, 0),
	convolution("conv 7x7 rgb", []int{8, 112, 112, 3}, []int{7, 7, 3, 64}, 3),
	pass("gelu", func(x *graph.Node) *graph.Node { return ops.GELU(x) }),
	pass("softmax of 1024", func(x *graph.Node) *graph.Node { return ops.Softmax(x, -1) }),
	pass("layer norm of 1024", layerNorm),
	pass("sum of columns", func(x *graph.Node) *graph.Node { return ops.ReduceSum(x, 0) }),
	pass("transpose", func(x *graph.Node) *graph.Node { return ops.Transpose(x, 1, 0) }),
	trainStep("faces"),
	trainStep("digits"),
	trainStep("objects"),
}

// compileBench is the program of one result, fed with all its leaves.
func compileBench(out *graph.Node) (*plan.Program, error) {
	var in []*graph.Node
	for _, n := range graph.Reachable([]*graph.Node{out}) {
		if _, ok := n.Op().(graph.Leaf); ok {
			in = append(in, n.Out()...)
		}
	}
	f, err := graph.NewFunc("bench", in, []*graph.Node{out})
	if err != nil {
		return nil, err
	}
	return plan.Compile(f, plan.Options{})
}

// memoryProgram adds two arrays that fit into no cache.
func memoryProgram() (*plan.Program, error) {
	g := graph.New()
	t := tensor.F32(1 << 24)
	x, y := g.Leaf("x", t), g.Leaf("y", t)
	return compileBench(ops.Add(x, y))
}

func product(n int) benchCase {
	return benchCase{"product of " + count(n), func() (*plan.Program, error) {
		g := graph.New()
		x, y := g.Leaf("x", tensor.F32(n, n)), g.Leaf("y", tensor.F32(n, n))
		return compileBench(ops.MatMul(x, y))
	}}
}

func convolution(name string, image, filter []int, pad int) benchCase {
	return benchCase{name, func() (*plan.Program, error) {
		g := graph.New()
		x, w := g.Leaf("x", tensor.F32(image...)), g.Leaf("w", tensor.F32(filter...))
		around := ops.List(pad, pad)
		return compileBench(ops.Conv(x, w, nil, ops.ConvDims{PadLow: around, PadHigh: around}))
	}}
}

// pass is an operation on 16,384 rows of 1,024.
func pass(name string, f func(*graph.Node) *graph.Node) benchCase {
	return benchCase{name, func() (*plan.Program, error) {
		g := graph.New()
		x := g.Leaf("x", tensor.F32(1<<14, 1<<10))
		return compileBench(f(x))
	}}
}

func layerNorm(x *graph.Node) *graph.Node {
	width := x.Shape().Dim(-1)
	scale, bias := x.Graph().Leaf("scale", tensor.F32(width)), x.Graph().Leaf("bias", tensor.F32(width))
	y, _, _ := ops.Normalize(x, scale, bias, ops.NormDims{Axes: ops.List(1), Eps: 1e-5})
	return y
}

func trainStep(name string) benchCase {
	return benchCase{"train step of " + name, func() (*plan.Program, error) {
		s, err := task.Lookup(name)
		if err != nil {
			return nil, err
		}
		step, err := s.Step(nil)
		if err != nil {
			return nil, err
		}
		return plan.Compile(step.Func, step.Options)
	}}
}
