package zoo

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/export"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
)

// Export writes net, fed batches of in, as an ONNX model for batches of any
// size. Its weights are initialisers under their paths in net; the input is
// "input", the output "output".
func Export(name string, net nn.Layer, in In, opset int64) (*onnx.Model, error) {
	return export.Batched(func(batch int) (*graph.Func, export.Spec, error) {
		c := nn.NewCtx(net)
		t := in.Type
		t.Shape = tensor.Dims(append([]int{batch}, t.Shape.Dims()...)...)
		x := c.Graph.Leaf("input", t)
		y := c.In("", net, x)
		spec := export.Spec{Name: name, Opset: opset, Outputs: []string{"output"}, Params: map[int]tensor.Tensor{}}
		leaves := []*graph.Node{x}
		for _, p := range c.Used() {
			spec.Params[len(leaves)] = p.Value
			leaves = append(leaves, c.Param(p.Param))
		}
		f, err := graph.NewFunc(name, leaves, []*graph.Node{y})
		return f, spec, err
	})
}
