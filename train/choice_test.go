package train

import (
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
)

// contrary is a dataset whose test labels are the other ones.
type contrary struct{ data.Dataset }

// Put implements data.Dataset.
func (c contrary) Put(e data.Example, s data.Split, i int) error {
	err := c.Dataset.Put(e, s, i)
	if err != nil || s != data.Test {
		return err
	}
	label, err := e.Label()
	e[data.FieldLabel] = tensor.Scalar(int32(1 - label))
	return err
}

// TestTheTestSplitChoosesNothing trains twice with validation and patience; all
// that differs is the truth of the test split, where the second network is as
// wrong as the first is right. What is kept, and when the training ends, must
// be the same.
func TestTheTestSplitChoosesNothing(t *testing.T) {
	run := func(ds func(data.Dataset) data.Dataset) (Result, string) {
		job := fiveEpochs(t, t.TempDir())
		job.Config.Patience = 1
		job.Data = ds(job.Data)
		return mustFit(t, job), job.Dir
	}
	right, dir := run(func(ds data.Dataset) data.Dataset { return ds })
	wrong, other := run(func(ds data.Dataset) data.Dataset { return contrary{ds} })
	if right.Split != "test" || right.Metrics["accuracy"]+wrong.Metrics["accuracy"] != 1 || right.Metrics["accuracy"] == wrong.Metrics["accuracy"] {
		t.Fatalf("accuracies %v and %v on %s do not add up to 1", right.Metrics["accuracy"], wrong.Metrics["accuracy"], right.Split)
	}
	if right.Step != wrong.Step || right.Steps != wrong.Steps || *right.Valid != *wrong.Valid || weights(t, dir) != weights(t, other) {
		t.Errorf("kept step %d of %d with %v, and step %d of %d with %v", right.Step, right.Steps, right.Valid, wrong.Step, wrong.Steps, wrong.Valid)
	}
}
