package task

import "github.com/ihae/ihae/data"

func init() {
	Register(Spec{
		Name: "objects",
		Doc:  "Tell ten kinds of things on small colour photographs apart.",
		Data: "cifar10",
		Arch: "resnet",
		Net:  map[string]any{"depth": 20},
		Input: data.Input{
			Name: "image", Kind: "image", Width: 32, Height: 32, Channels: 3,
			Mean: []float64{0.4914, 0.4822, 0.4465}, Deviation: []float64{0.2470, 0.2435, 0.2616},
		},
		// He et al., "Deep Residual Learning", 2015, 4.2: pad by 4, crop, flip.
		// The rate ends at nothing, so that the last checkpoint needs no choice: a
		// small set loses none of its examples to one.
		Recipe: Recipe{
			Epochs: 140, Batch: 64, LR: 0.1,
			Optimizer: "sgd", Momentum: 0.9, Decay: 5e-4, Schedule: "one-cycle",
			Valid: 0.1, ValidFrom: 10_000,
			Flip: true, Crop: 4, Cutout: 8,
		},
		Floor: 0.60,
	})
}
