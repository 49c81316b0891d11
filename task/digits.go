package task

import "github.com/ihae/ihae/data"

func init() {
	Register(Spec{
		Name:  "digits",
		Doc:   "Read handwritten digits.",
		Data:  "mnist",
		Arch:  "digits-cnn",
		Input: data.Input{Name: "image", Kind: "image", Width: 28, Height: 28, Channels: 1, Mean: []float64{0.1307}, Deviation: []float64{0.3081}},
		Recipe: Recipe{
			Epochs: 10, Batch: 128, LR: 0.003,
			Optimizer: "adamw", Decay: 0.01, Schedule: "one-cycle", Smoothing: 0.1, Valid: 0.05,
			Rotate: 10, Shift: 2, Scale: 0.1, Shear: 5,
		},
		Floor: 0.99,
	})
}
