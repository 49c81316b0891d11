package train

import (
	"math"
	"strings"
	"testing"
)

// TestSWAIsTheMeanOfEpochs collects the weights at the end of each epoch after
// the start; the model is their mean.
func TestSWAIsTheMeanOfEpochs(t *testing.T) {
	job := fiveEpochs(t, t.TempDir())
	job.Config.Average = Average{Kind: AverageSWA, Start: 0.5, Rate: 0.5}
	job.Config.CheckpointEvery = 5 // an epoch
	sum, n := map[string][]float64{}, 0.0
	job.Reporter = onCheckpoint(func() {
		step := NewestStep(job.Dir)
		if step < 13 || step%5 != 0 {
			return
		}
		n++
		_, trained := modelOf(t, job.Dir)
		for path, v := range trained {
			if sum[path] == nil {
				sum[path] = make([]float64, len(v))
			}
			for i, x := range v {
				sum[path][i] += float64(x)
			}
		}
	})
	mustFit(t, job)
	if n != 3 { // after steps 15, 20 and 25
		t.Fatalf("%v checkpoints after the start", n)
	}
	model, _ := modelOf(t, job.Dir)
	for path, v := range model {
		if strings.HasSuffix(path, ".mean") || strings.HasSuffix(path, ".variance") {
			continue // computed anew
		}
		for i, x := range v {
			if want := sum[path][i] / n; math.Abs(float64(x)-want) > 1e-6*max(1, math.Abs(want)) {
				t.Fatalf("%s[%d] is %v, want %v", path, i, x, want)
			}
		}
	}
}
