package task_test

import (
	"context"
	"fmt"
	"os"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

// Train a task, then ask the best network of its run about one image.
func Example() {
	if err := example(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: 60 test examples; the first is a face
}

func example(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	faces, err := task.Lookup("faces")
	if err != nil {
		return err
	}
	result, err := faces.Run(ctx, task.Options{Dir: dir, Set: []string{"epochs=10"}})
	if err != nil {
		return err
	}
	run, err := train.OpenRun(result.Run)
	if err != nil {
		return err
	}
	pool := exec.NewPool(0)
	defer pool.Close()
	network, err := run.Predictor(pool, nil)
	if err != nil {
		return err
	}
	photograph, err := firstTest(ctx)
	if err != nil {
		return err
	}
	guesses, err := network.Predict(ctx, photograph)
	if err != nil {
		return err
	}
	fmt.Printf("%d test examples; the first is a %s\n", result.Count, guesses[0].Label)
	return nil
}

// firstTest is the first photograph of the test split; an image of your own
// comes from media.ReadImage.
func firstTest(ctx context.Context) (media.Image, error) {
	ds, err := data.Open(ctx, "faces", "")
	if err != nil {
		return media.Image{}, err
	}
	e, err := ds.Example(data.Test, 0)
	if err != nil {
		return media.Image{}, err
	}
	return media.ImageOf(e[data.FieldImage])
}
