package sets

import (
	"context"

	"github.com/ihae/ihae/data"
)

// Images: anybody's own.
func init() {
	card := data.Card{
		Name:    "images",
		Doc:     "Anybody's folder of images, a sub-folder for each class.",
		Source:  "the folder, zip or file that is named with --data",
		Licence: "as of the files",
		How: "Name with --data a folder or zip of images CLASS/FILE or <train|valid|test>/CLASS/FILE; " +
			"without a folder test some images of each class are set aside. Nothing is written into it.",
	}
	data.Register(data.Entry{Card: card, Open: func(ctx context.Context, path string, bad data.OnBadFile) (data.Dataset, error) {
		if path == "" {
			return nil, card.Absent("")
		}
		return data.OpenPath(ctx, path, data.Source{Card: data.Card{Doc: card.Doc, Source: card.Source, Licence: card.Licence}, OnBadFile: bad})
	}})
}
