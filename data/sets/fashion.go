package sets

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
)

// Fashion-MNIST: articles of clothing in the format of MNIST, but harder.
func init() {
	card := data.Card{
		Name:    "fashion-mnist",
		Doc:     "Articles of clothing, 28x28 grey.",
		Source:  "Xiao, Rasul, Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms (2017), github.com/zalandoresearch/fashion-mnist",
		Licence: "MIT",
		Classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
		Shape:   tensor.Dims(28, 28, 1),
		Count:   map[data.Split]int{data.Train: 60_000, data.Test: 10_000},
		SHA256: map[string]string{
			"train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
			"train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
			"t10k-images-idx3-ubyte":  "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
			"t10k-labels-idx1-ubyte":  "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
		},
		Folders: []string{"fashion-mnist", "vision/fashion_mnist"},
		Remote: idxFiles([4]int64{26_421_880, 29_515, 4_422_102, 5_148},
			"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
			"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
		How: "`ihae data get fashion-mnist` downloads it. Or install Debian's package dataset-fashion-mnist, or put {train,t10k}-{images-idx3,labels-idx1}-ubyte, " +
			"plain or .gz, into a folder and name it with --data.",
	}
	data.Register(data.Entry{Card: card, Open: fromFiles(card)})
}
