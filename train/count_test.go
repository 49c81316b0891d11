package train

import (
	"context"
	"testing"

	"github.com/ihae/ihae/optim"
)

// TestResumeKeepsTheCountOfUpdates stops a training whose optimizer corrects its
// averages by the count of updates, and goes on: the same bits.
func TestResumeKeepsTheCountOfUpdates(t *testing.T) {
	adam := func(dir string) Job {
		job := fiveEpochs(t, dir)
		job.Config.Optimizer = optim.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
		return job
	}
	whole, broken := adam(t.TempDir()), adam(t.TempDir())
	mustFit(t, whole)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	broken.Reporter = at{4, cancel}
	if _, err := Fit(ctx, broken); err == nil {
		t.Fatal("the training was not stopped")
	}
	broken.Resume, broken.Reporter = true, nil
	mustFit(t, broken)
	if weights(t, whole.Dir) != weights(t, broken.Dir) {
		t.Error("a resumed run has other weights or another state than an unbroken one")
	}
}
