package task_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

// Train a task, then ask the best network of its run about a photograph.
func Example() {
	ctx := context.Background()
	dir := must(os.MkdirTemp("", "run"))
	defer os.RemoveAll(dir)
	file := unseen(ctx, dir)

	faces := must(task.Lookup("faces")) // a dataset, a network and a recipe
	result := must(faces.Run(ctx, task.Options{Dir: filepath.Join(dir, "run"), Set: []string{"epochs=10"}}))
	fmt.Println(result.Count, "unseen photographs")

	run := must(train.OpenRun(result.Run)) // checkpoints and all that prediction needs
	pool := exec.NewPool(0)                // all cores
	defer pool.Close()
	network := must(run.Predictor(pool, nil)) // safe for concurrent use
	photo := must(media.ReadImage(file, media.Limits{}))
	guesses := must(network.Predict(ctx, photo))
	fmt.Println(guesses[0].Label)
	// Output:
	// 60 unseen photographs
	// face
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// unseen writes the first photograph of the test split to a file.
func unseen(ctx context.Context, dir string) string {
	ds := must(data.Open(ctx, "faces", ""))
	e := must(data.ExampleOf(ds, data.Test, 0))
	file := filepath.Join(dir, "face.png")
	f := must(os.Create(file))
	if err := media.EncodePNG(f, must(media.ImageOf(e[data.FieldImage]))); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
	return file
}
