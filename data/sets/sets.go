// Package sets is the datasets. Each file is one: what it is, how its bytes
// become examples, and its registration. Import it for its registrations.
package sets

import (
	"context"

	"github.com/ihae/ihae/data"
)

// idxFiles is where MNIST's four files, or files named like them, are published:
// below each of the folders. The card has the checksums of what they unpack to.
func idxFiles(sizes [4]int64, folders ...string) []data.Remote {
	names := [4]string{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}
	var list []data.Remote
	for i, name := range names {
		r := data.Remote{Name: name, Size: sizes[i]}
		for _, f := range folders {
			r.URLs = append(r.URLs, f+name)
		}
		list = append(list, r)
	}
	return list
}

// fromFiles opens a set whose files are in one of the layouts of
// [data.OpenPath], with the classes of the card.
func fromFiles(card data.Card) func(ctx context.Context, path string, bad data.OnBadFile) (data.Dataset, error) {
	return func(ctx context.Context, path string, bad data.OnBadFile) (data.Dataset, error) {
		if path == "" {
			return nil, card.Absent("")
		}
		return data.OpenPath(ctx, path, data.Source{Card: card, OnBadFile: bad})
	}
}
