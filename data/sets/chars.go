package sets

import (
	"context"

	"github.com/ihae/ihae/data"
)

// Anybody's text, as a whole.
func init() {
	card := data.Card{
		Name:    "text-file",
		Doc:     "A text of yours.",
		Source:  "whoever wrote it",
		Licence: "the text's own",
		How:     "Name a text file with --data, or a folder with files *.txt.",
	}
	data.Register(data.Entry{Card: card, Open: func(ctx context.Context, path string, _ data.OnBadFile) (data.Dataset, error) {
		if path == "" {
			return nil, card.Absent("")
		}
		return data.OpenText(ctx, path, card)
	}})
}
