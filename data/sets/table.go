package sets

import (
	"context"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/table"
)

// Anybody's table: what it is stands in its own file.
func init() {
	card := data.Card{
		Name:    "table",
		Doc:     "A CSV or TSV file of yours.",
		Source:  "whoever made the file",
		Licence: "the file's own",
		How:     "Name a file with --data, or a folder with train.csv and, as far as there are, valid.csv and test.csv.",
	}
	data.Register(data.Entry{Card: card, Open: func(ctx context.Context, path string, _ data.OnBadFile) (data.Dataset, error) {
		if path == "" {
			return nil, card.Absent("")
		}
		return data.OpenRows(ctx, path, card, table.Options{})
	}})
}
