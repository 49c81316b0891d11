package sets

import (
	"context"

	"github.com/ihae/ihae/data"
)

// Anybody's texts with labels.
func init() {
	card := data.Card{
		Name:    "texts",
		Doc:     "Texts of yours, each with a label.",
		Source:  "whoever wrote them",
		Licence: "the texts' own",
		How:     "Name a CSV or TSV file with --data, or a folder with train.csv and test.csv, or one with a folder of texts for each class.",
	}
	data.Register(data.Entry{Card: card, Open: func(ctx context.Context, path string, _ data.OnBadFile) (data.Dataset, error) {
		if path == "" {
			return nil, card.Absent("")
		}
		return data.OpenTexts(ctx, path, card)
	}})
}
