package task

import "github.com/ihae/ihae/data"

func init() {
	Register(Spec{
		Name:  "faces",
		Doc:   "Tell photographs of faces from photographs of other things.",
		Data:  "faces",
		Arch:  "faces-cnn",
		Input: data.Input{Name: "image", Kind: "image", Width: 25, Height: 25, Channels: 1, Mean: []float64{0.5}, Deviation: []float64{0.25}},
		// The 140 photographs that the program carries are too few to lose some
		// for validation: the last checkpoint is the one that counts. The values
		// are those of the least loss in cross-validation, see docs/numbers.md.
		Recipe: Recipe{
			Epochs: 100, Batch: 20, LR: 0.005,
			Optimizer: "adamw", Decay: 0.01, Schedule: "one-cycle",
			Valid: 0.1, ValidFrom: 1000,
			Flip: true, Rotate: 10, Shift: 1.5, Scale: 0.1, Cutout: 8, EdgeFill: true,
		},
		Floor: 0.93,
	})
}
