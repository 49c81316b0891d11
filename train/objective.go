package train

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Objective is what a network is trained for: how its output is held against
// the label. It is a plain struct, so that a run can print and store it.
type Objective interface {
	Name() string
	// Label is the name of the field of a batch that holds the labels.
	Label() string
	// LabelType is the type of the labels of a batch, for an output of type out.
	LabelType(batch int, out tensor.Type) tensor.Type
	// Loss is the mean over the batch, float32 [], and the number of right
	// answers, float32 [], which is 0 where that has no meaning.
	Loss(out, label *graph.Node) (loss, right *graph.Node)
}

// Mixing is an objective for examples that are a mixture of two: Zhang et al.,
// "mixup", ICLR 2018. A batch then has the second labels as the field
// [FieldOther], and as [FieldShare] how much the first ones count.
type Mixing interface {
	Objective
	// MixedLoss is Loss with share float32 [N] of label and the rest of other. An
	// answer is right that is the label with the larger share.
	MixedLoss(out, label, other, share *graph.Node) (loss, right *graph.Node)
}

// The fields of a batch of mixtures besides those of the first labels.
const (
	FieldOther = data.FieldOther // of the type of the labels
	FieldShare = data.FieldShare // float32 [N], in [0, 1]
)

// everyAxis lists the axes of s.
func everyAxis(s tensor.Shape) []int {
	list := make([]int, s.Rank())
	for i := range list {
		list[i] = i
	}
	return list
}
