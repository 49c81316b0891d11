// Package sets is the datasets. Each file is one: what it is, how its bytes
// become examples, and its registration. Import it for its registrations.
package sets

import (
	"context"

	"github.com/ihae/ihae/data"
)

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
