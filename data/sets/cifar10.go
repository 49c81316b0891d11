package sets

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
)

// CIFAR-10: small colour photographs of ten kinds of things.
func init() {
	card := data.Card{
		Name:    "cifar10",
		Doc:     "Photographs of ten kinds of things, 32x32 in colour.",
		Source:  "Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009)",
		Licence: "no formal licence; free for research with citation",
		Classes: []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
		Shape:   tensor.Dims(cifarSide, cifarSide, 3),
		Count:   map[data.Split]int{data.Train: 50_000, data.Test: 10_000},
		SHA256: map[string]string{
			"cifar10_subset_png.zip": "92385c6b9f5e4ceb5dfedfa368d70f19ed98a0c726a9bc3955bcab50bde94f39",
		},
		Folders: []string{"cifar10", "cifar-10-batches-bin", "vision/cifar10", "vision/cifar10_subset"},
		// The size and the MD5 of the archive stand on the set's page; its SHA-256 is
		// the one that several libraries have published alike.
		Remote: []data.Remote{{
			Name: "cifar-10-binary.tar.gz", URLs: []string{"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"},
			Size: 170_052_171, SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", Unpack: true,
		}},
		How: "`ihae data get cifar10` downloads it. Or name with --data a folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin, or a folder or zip of images <train|test>/CLASS/FILE.",
	}
	data.Register(data.Entry{Card: card, Open: fromFiles(card)})
}

const cifarSide = 32
