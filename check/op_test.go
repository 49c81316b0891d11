package check_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// square is x², right or with one of the faults below.
type square struct{ fault string }

func (square) Name() string { return "square" }

func (op square) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if op.fault == "count" && len(in) > 0 {
		in = in[:1]
	}
	if op.fault == "panic" && len(in) == 1 && in[0].DType == tensor.Int8 {
		panic("int8")
	}
	return one(in)
}

func (op square) Ref(out, in []tensor.Wide) {
	n := len(out[0].F)
	if op.fault == "last element" {
		n--
	}
	for i, x := range in[0].F[:n] {
		out[0].F[i] = x * x
	}
	if op.fault == "operand" {
		in[0].F[0]++
	}
}

func (op square) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	switch op.fault {
	case "gradient":
		return []*graph.Node{ops.Mul(ct[0], n.In()[0])}
	case "second gradient":
		return []*graph.Node{graph.Apply1(cut{}, ops.Mul(ct[0], ops.Scale(n.In()[0], 2)))}
	}
	return []*graph.Node{ops.Mul(ct[0], ops.Scale(n.In()[0], 2))}
}

func (op square) Kernel(in, out []tensor.Type) *kernel.Code {
	return kernel.Serial(1, func(a *kernel.Args) {
		x, y := a.In[0].F32(), a.Out[0].F32()
		for i := range y {
			y[i] = x[i] * x[i]
		}
		switch op.fault {
		case "kernel":
			y[0] += 0.01
		case "fence":
			a.Out[0][:len(a.Out[0])+1][len(a.Out[0])] = 1
		case "kernel operand":
			x[0] = 7
		case "in place":
			y[0] = x[0] * x[0]
		}
	})
}

func (op square) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	if op.fault == "lane" {
		return in[0], true
	}
	return e.Mul(in[0], in[0]), true
}

func (square) InPlace() [][2]int { return [][2]int{{0, 0}} }

func (op square) FLOPs(in, _ []tensor.Type) int64 {
	if op.fault == "cost" {
		return -1
	}
	return int64(in[0].Shape.Size())
}

func (op square) Simplify(n *graph.Inst) []*graph.Node {
	if op.fault == "simplify" {
		return n.In()
	}
	return nil
}

func (op square) Permute([]int, []tensor.Type) (graph.Op, bool) {
	if op.fault == "permute" {
		return graph.Op(tripled{}), true
	}
	return op, true
}

// one takes a single floating-point operand and gives its type.
func one(in []tensor.Type) ([]tensor.Type, error) {
	if len(in) != 1 || !in[0].DType.Float() {
		return nil, errors.New("want one floating-point operand")
	}
	return in, nil
}

// cut is x with a wrong gradient; tripled is 3x.
type cut struct{}

func (cut) Name() string                                     { return "cut" }
func (cut) Infer(in []tensor.Type) ([]tensor.Type, error)    { return one(in) }
func (cut) Ref(out, in []tensor.Wide)                        { copy(out[0].F, in[0].F) }
func (cut) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{nil} }

type tripled struct{}

func (tripled) Name() string                                  { return "tripled" }
func (tripled) Infer(in []tensor.Type) ([]tensor.Type, error) { return one(in) }
func (tripled) Ref(out, in []tensor.Wide) {
	for i, x := range in[0].F {
		out[0].F[i] = 3 * x
	}
}

// TestOpFindsFaults plants one fault at a time and asks that Op names it.
func TestOpFindsFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"":                "",
		"count":           "Infer takes 2 operands",
		"panic":           "panic: int8",
		"last element":    "leaves element",
		"operand":         "changes element",
		"gradient":        "gradient of order 1",
		"second gradient": "gradient of order 2",
		"kernel":          "kernel result 0: gives",
		"fence":           "writes outside its memory",
		"kernel operand":  "changes operand 0",
		"in place":        "in the memory of operand 0",
		"lane":            "lane result 0: gives",
		"cost":            "FLOPs says -1",
		"simplify":        "Simplify with",
		"permute":         "Permute by",
	} {
		t.Run(fault, func(t *testing.T) {
			err := check.Op(graph.Entry{
				Op:      square{fault},
				Doc:     "x²",
				Samples: []graph.Sample{{In: []tensor.Type{tensor.F32(3, 2)}, Low: 1.5, High: 2}},
			})
			switch {
			case want == "" && err != nil:
				t.Errorf("the right op is refused: %v", err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error = %v, want %q in it", err, want)
			}
		})
	}
}
