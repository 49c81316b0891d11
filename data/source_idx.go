package data

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// The layout of MNIST: a file of images and a file of labels for each split,
// plain or gzip; t10k is the test split.
func init() {
	kinds.Set("idx", kind{
		doc: "idx files <train|valid|test|t10k>-images-idx3-ubyte[.gz] with matching labels",
		find: func(fsys fs.FS) bool {
			for name := range idxNames {
				if idxFile(fsys, name, "images") != "" {
					return true
				}
			}
			return false
		},
		open: openIDX,
	})
}

var idxNames = map[string]Split{"train": Train, "valid": Valid, "test": Test, "t10k": Test}

// idxFile is the file of that part which exists, or nothing.
func idxFile(fsys fs.FS, name, part string) string {
	axes := map[string][]string{"images": {"idx3", "idx4"}, "labels": {"idx1"}}
	for _, a := range axes[part] {
		for _, end := range []string{"", ".gz"} {
			file := name + "-" + part + "-" + a + "-ubyte" + end
			if info, err := fs.Stat(fsys, file); err == nil && info.Mode().IsRegular() {
				return file
			}
		}
	}
	return ""
}

func openIDX(ctx context.Context, fsys fs.FS, s Source) (Dataset, error) {
	listed, err := readClasses(fsys)
	if err != nil {
		return nil, err
	}
	parts, classes := map[Split]Part{}, 0
	for _, name := range []string{"train", "valid", "test", "t10k"} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if idxFile(fsys, name, "images") == "" {
			continue
		}
		split := idxNames[name]
		if _, taken := parts[split]; taken {
			return nil, fmt.Errorf("both test and t10k files; one of them only")
		}
		part, top, err := idxPart(fsys, name, s.Limits)
		if err != nil {
			return nil, err
		}
		parts[split], classes = part, max(classes, top+1)
	}
	if s.Card.Classes, err = numberedClasses(classes, listed, s.Card.Classes); err != nil {
		return nil, err
	}
	return NewPacked(s.Card, parts)
}

// idxPart reads one split and its largest label.
func idxPart(fsys fs.FS, name string, l media.Limits) (Part, int, error) {
	file := idxFile(fsys, name, "images")
	images, err := readIDX(fsys, file, l)
	if err != nil {
		return Part{}, 0, err
	}
	file = idxFile(fsys, name, "labels")
	if file == "" {
		return Part{}, 0, fmt.Errorf("%s-labels-idx1-ubyte[.gz] is missing beside the images", name)
	}
	labels, err := readIDX(fsys, file, l)
	if err != nil {
		return Part{}, 0, err
	}
	if labels.DType() != tensor.Uint8 || labels.Shape().Rank() != 1 {
		return Part{}, 0, fmt.Errorf("%s: %v; wanted uint8[N]", file, labels.Type())
	}
	part, top := Part{Images: images, Labels: make([]int32, labels.Shape().Size())}, 0
	for i, v := range labels.Bytes() {
		part.Labels[i], top = int32(v), max(top, int(v))
	}
	return part, top, nil
}

func readIDX(fsys fs.FS, file string, l media.Limits) (tensor.Tensor, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return tensor.Tensor{}, err
	}
	defer f.Close()
	t, err := media.DecodeIDX(f, l)
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}
