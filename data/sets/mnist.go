package sets

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
)

// MNIST: handwritten digits.
func init() {
	card := data.Card{
		Name:    "mnist",
		Doc:     "Handwritten digits, 28x28 grey.",
		Source:  "LeCun, Cortes, Burges, The MNIST database (LeCun, Bottou, Bengio, Haffner, 1998)",
		Licence: "CC BY-SA 3.0",
		Classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Shape:   tensor.Dims(28, 28, 1),
		Count:   map[data.Split]int{data.Train: 60_000, data.Test: 10_000},
		SHA256: map[string]string{
			"train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
			"train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
			"t10k-images-idx3-ubyte":  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
			"t10k-labels-idx1-ubyte":  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
		},
		Folders: []string{"mnist", "vision/mnist"},
		Remote: idxFiles([4]int64{9_912_422, 28_881, 1_648_877, 4_542},
			"https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
		How: "`ihae data get mnist` downloads it. Or put {train,t10k}-{images-idx3,labels-idx1}-ubyte, plain or .gz, into a folder and name it with --data.",
	}
	data.Register(data.Entry{Card: card, Open: fromFiles(card)})
}
