package sets

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// facesIDX is 200 photographs of 25x25 samples, 100 faces and then 100 pieces of
// background, each sample v of lfw_subset.npy as round(255·v). With that file
// in ../shared/data this wrote it:
//
//	go test ./data/sets -run TestFacesAreOfTheirSource -update
//
//go:embed faces.idx
var facesIDX []byte

const (
	facesEach = 100 // examples a class
	facesTest = 30  // of them, the last ones
	facesFile = "lfw_subset.npy"
)

func init() {
	card := data.Card{
		Name: "faces",
		Doc:  "100 faces and 100 pieces of background cut from photographs, 25x25 grey.",
		Source: "lfw_subset of scikit-image (github.com/scikit-image/scikit-image), from Labeled Faces in the Wild " +
			"(Huang, Ramesh, Berg, Learned-Miller, University of Massachusetts, 2007)",
		Licence: "the package is BSD-3-Clause; the photographs were gathered from news for research and keep their makers' rights",
		Classes: []string{"non-face", "face"},
		Shape:   tensor.Dims(25, 25, 1),
		Count:   map[data.Split]int{data.Train: 2 * (facesEach - facesTest), data.Test: 2 * facesTest},
		How:     "It is part of the program: leave the path out.",
	}
	data.Register(data.Entry{Card: card, Open: func(ctx context.Context, path string, bad data.OnBadFile) (data.Dataset, error) {
		if path == "" {
			images, err := media.DecodeIDX(bytes.NewReader(facesIDX), media.Limits{})
			if err != nil {
				return nil, err
			}
			return newFaces(card, images)
		}
		if filepath.Base(path) != facesFile {
			if _, err := os.Stat(filepath.Join(path, facesFile)); err != nil {
				return data.OpenPath(ctx, path, data.Source{Card: card, OnBadFile: bad})
			}
			path = filepath.Join(path, facesFile)
		}
		images, err := facesFromNPY(path)
		if err != nil {
			return nil, err
		}
		return newFaces(card, images)
	}})
}

// newFaces cuts images [200 25 25] into the splits.
func newFaces(card data.Card, images tensor.Tensor) (data.Dataset, error) {
	if images.Shape() != tensor.Dims(2*facesEach, 25, 25) {
		return nil, fmt.Errorf("faces: images of %v; wanted [200 25 25]", images.Shape())
	}
	const one = 25 * 25
	parts := map[data.Split]data.Part{}
	for i := range 2 * facesEach {
		s := data.Train
		if i%facesEach >= facesEach-facesTest {
			s = data.Test
		}
		p := parts[s]
		p.Labels = append(p.Labels, int32(1-i/facesEach))
		p.IDs = append(p.IDs, fmt.Sprintf("lfw_subset/%d", i))
		parts[s] = p
	}
	for s, p := range parts {
		pix := make([]byte, 0, len(p.Labels)*one)
		for i := range 2 * facesEach {
			if (s == data.Test) == (i%facesEach >= facesEach-facesTest) {
				pix = append(pix, images.Bytes()[i*one:(i+1)*one]...)
			}
		}
		p.Images = tensor.From(tensor.Dims(len(p.Labels), 25, 25, 1), pix)
		parts[s] = p
	}
	return data.NewPacked(card, parts)
}

// facesFromNPY reads the file of scikit-image, float64 of 0 to 1.
func facesFromNPY(path string) (tensor.Tensor, error) {
	t, err := media.ReadNPY(path, media.Limits{})
	if err != nil {
		return tensor.Tensor{}, err
	}
	if t.DType() != tensor.Float64 {
		return tensor.Tensor{}, fmt.Errorf("%s: %v; wanted float64", path, t.Type())
	}
	out := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: t.Shape()})
	for i, v := range tensor.Of[float64](t) {
		if !(v >= 0 && v <= 1) {
			return tensor.Tensor{}, fmt.Errorf("%s: element %d is %v; wanted 0 to 1", path, i, v)
		}
		out.Bytes()[i] = uint8(math.Round(255 * v))
	}
	return out, nil
}
