package train

import (
	"context"

	"github.com/ihae/ihae/data"
)

// Baseline is what a simpler model than the network comes to on the split that
// the run is measured on.
type Baseline struct {
	Name    string            `json:"name"`
	Metrics map[string]Figure `json:"metrics"`

	// Of texts: what in them speaks most for each class, the strongest first.
	Telling map[string][]string `json:"telling,omitempty"`
}

// BaselineFunc fits a simpler model to the training split of ds, chooses by its
// valid split if there is something to choose, and measures it on split.
type BaselineFunc func(ctx context.Context, ds data.Dataset, split data.Split) (Baseline, error)
