package lower

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// settingsOf says, by operator, from which operand on operands are settings and
// no weights.
var settingsOf = map[string]int{
	"Clip": 1, "Resize": 1, "Upsample": 1, "Pad": 1, "Pow": 1, "Dropout": 1, "TopK": 1, "OneHot": 0, "Range": 0,
	"QuantizeLinear": 0, "DequantizeLinear": 0, "QLinearConv": 0, "QLinearMatMul": 0, "GridSample": 1, "RotaryEmbedding": 1, "STFT": 1,
}

// Weights lists the initialisers of m's own graph that training changes, in the
// order of the file, and those among them that are statistics, which training
// gathers: the running means and variances of batch normalisations. Weights are
// float tensors of at least two elements that are not settings of an operator.
func Weights(m *onnx.Model) (weights, statistics []string) {
	setting, statistic, used := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for n := range m.AllNodes() {
		from, has := settingsOf[n.Op]
		for i, name := range n.In {
			used[name] = true
			switch {
			case has && i >= from:
				setting[name] = true
			case n.Op == "BatchNormalization" && i >= 3:
				statistic[name] = true
			}
		}
	}
	for _, t := range m.Graph.Inits {
		d, ok := t.Elem.DType()
		if n, _ := t.Size(); !ok || !d.Float() || n < 2 || !used[t.Name] || setting[t.Name] {
			continue
		}
		weights = append(weights, t.Name)
		if statistic[t.Name] {
			statistics = append(statistics, t.Name)
		}
	}
	slices.Sort(statistics)
	return weights, statistics
}
