package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// since is the opsets that element types came with.
var since = map[tensor.DType]int64{
	tensor.Float8E4M3FN: 19, tensor.Float8E4M3FNUZ: 19, tensor.Float8E5M2: 19, tensor.Float8E5M2FNUZ: 19,
	tensor.Int4: 21, tensor.Uint4: 21, tensor.Float4E2M1: 23, tensor.Float8E8M0: 24, tensor.Int2: 25, tensor.Uint2: 25,
}

// typed checks that the opset has an element type.
func (m *model) typed(d tensor.DType) {
	if _, ok := onnx.ElemOf(d); !ok {
		m.fail(fmt.Errorf("onnx: the format has no %v", d))
	}
	if since[d] > m.opset {
		m.missing[fmt.Sprintf("%v before opset %d", d, since[d])] = true
	}
}

// lacks is the element types that operators do not take in some opset that can be
// written, of those that operations here may have.
var lacks = map[string]string{
	"CumProd":     "int8 int16 uint8 uint16",
	"CumSum":      "int8 int16 uint8 uint16",
	"IsInf":       "float16 bfloat16",
	"MatMul":      "int8 int16 uint8 uint16",
	"Gemm":        "int8 int16 uint8 uint16",
	"Neg":         "uint8 uint16 uint32 uint64",
	"Pow":         "int8 int16 uint8 uint16 uint32 uint64",
	"PRelu":       "int8 int16 uint8 uint16",
	"ReduceMax":   "int16 uint16",
	"ReduceMin":   "int16 uint16",
	"ReduceProd":  "int8 int16 uint8 uint16",
	"ReduceSum":   "int8 int16 uint8 uint16",
	"TopK":        "bfloat16 bool",
	"AveragePool": "bfloat16", "MaxPool": "bfloat16", "Conv": "bfloat16", "ConvTranspose": "bfloat16", "Det": "bfloat16",
	"Acos": "bfloat16", "Acosh": "bfloat16", "Asin": "bfloat16", "Asinh": "bfloat16", "Atan": "bfloat16", "Atanh": "bfloat16",
	"Cos": "bfloat16", "Cosh": "bfloat16", "Sin": "bfloat16", "Sinh": "bfloat16", "Tan": "bfloat16", "Round": "bfloat16",
	"Elu": "bfloat16", "HardSigmoid": "bfloat16", "HardSwish": "bfloat16", "Mish": "bfloat16", "Selu": "bfloat16", "Softplus": "bfloat16",
}

// wider is the type to compute in where an operator does not take one: results are
// the same after they are converted back, since integers wrap around.
var wider = map[tensor.DType]tensor.DType{
	tensor.Bool: tensor.Uint8, tensor.Int8: tensor.Int32, tensor.Uint8: tensor.Int32, tensor.Int16: tensor.Int32, tensor.Uint16: tensor.Int32,
	tensor.Uint32: tensor.Int64, tensor.Uint64: tensor.Int64, tensor.Float16: tensor.Float32, tensor.BFloat16: tensor.Float32,
}

// plain writes one instruction as it stands, in a wider type if it must be.
func (w *writer) plain(n *graph.Inst, in []string) []string {
	before, outer := len(w.g.Nodes), w.used
	w.used = nil
	out := w.as(n, in)
	used := w.used
	w.used = outer
	if len(in) == 0 {
		return out
	}
	d := n.InTypes()[0].DType
	for _, op := range used {
		if slices.Contains(strings.Fields(lacks[op]), d.Name()) {
			w.g.Nodes = w.g.Nodes[:before]
			return w.inWider(n, in, d)
		}
	}
	return out
}

// inWider writes n with all that has elements of d converted there and back.
func (w *writer) inWider(n *graph.Inst, in []string, d tensor.DType) []string {
	types, operands := n.InTypes(), slices.Clone(in)
	cast := func(v string, to tensor.DType) string {
		return w.Add("Cast", []string{v}, graph.Attribute{Name: "to", Value: to})
	}
	for i := range types {
		if types[i].DType == d {
			types[i].DType = wider[d]
			operands[i] = cast(in[i], wider[d])
		}
	}
	nodes := graph.Apply(n.Op(), leavesOf(types)...)
	if nodes[0].Graph().Err() != nil {
		return w.Unsupported(fmt.Sprintf("%s of %v", n.Op().Name(), d), len(n.Out()))
	}
	out := w.plain(nodes[0].Inst(), operands)
	for i, y := range n.Out() {
		if y.DType() == d && nodes[i].DType() == wider[d] {
			out[i] = cast(out[i], d)
		}
	}
	return out
}
