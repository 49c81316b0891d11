package task

import "github.com/ihae/ihae/data"

func init() {
	Register(Spec{
		Name:  "fashion",
		Doc:   "Tell articles of clothing apart.",
		Data:  "fashion-mnist",
		Arch:  "digits-cnn",
		Net:   map[string]any{"hidden": 256, "widths": []int{40, 80}, "dropout": 0.3},
		Input: data.Input{Name: "image", Kind: "image", Width: 28, Height: 28, Channels: 1, Mean: []float64{0.2860}, Deviation: []float64{0.3530}},
		// Clothes are worn either way round, so a mirrored one is another example;
		// shoes all point left, which mirroring does no harm to.
		Recipe: Recipe{
			Epochs: 18, Batch: 128, LR: 0.003,
			Optimizer: "adamw", Decay: 0.02, Schedule: "one-cycle", Smoothing: 0.1, Valid: 0.05,
			Flip: true, Crop: 2,
		},
		Floor: 0.93,
	})
}
