package sets

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
)

// CBCL: the faces on which Viola and Jones's followers trained. Three faces of
// the train split stand twice.
func init() {
	card := data.Card{
		Name:    "cbcl",
		Doc:     "Faces and non-faces, 19x19 grey.",
		Source:  "CBCL Face Database #1, MIT Center For Biological and Computation Learning",
		Licence: "for research with credit; redistribution is not expressly granted",
		Classes: []string{"non-face", "face"},
		Shape:   tensor.Dims(19, 19, 1),
		Count:   map[data.Split]int{data.Train: 6_977},
		SHA256: map[string]string{
			"train-images-idx3-ubyte": "1c17f3da81747fb030103fca50c62752f4dae27a43cb8f22d514ebd4006c04e1",
			"train-labels-idx1-ubyte": "02a57397456473e4c4e5be378d4a652ea2a59c21b53facc7067f266fe0b4b807",
		},
		Folders: []string{"cbcl", "faces_cbcl", "vision/faces_cbcl"},
		How:     "Write the images as train-images-idx3-ubyte and train-labels-idx1-ubyte (1 is a face), plain or .gz, into a folder and name it with --data.",
	}
	data.Register(data.Entry{Card: card, Open: fromFiles(card)})
}
