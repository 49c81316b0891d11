package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

// The size of the runs that [Task] compares.
const (
	taskExamples = 48 // of each split
	taskSteps    = 5
)

// Task checks a task without waiting for it to learn: its fields are filled; its
// settings have documentation and defaults that they accept; its floor is above
// the share of the largest class; and two short runs of one seed, on one thread
// and on three, agree to the last bit. It works in dir. If the task's data is
// not on this machine the error wraps [data.ErrAbsent].
func Task(ctx context.Context, s task.Spec, dir string, roots ...string) error {
	if s.Doc == "" || s.Data == "" || s.Arch == "" || s.Floor <= 0 {
		return fmt.Errorf("%s: an empty field", s.Name)
	}
	if err := taskSettings(s); err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	job, err := s.Job(ctx, task.Options{Roots: roots, Set: []string{"steps=" + fmt.Sprint(taskSteps), "batch=16"}})
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	errs := []error{taskFloor(s, job.Data)}
	job.Data = firstOf(job.Data, taskExamples)
	var files [2][]byte
	for i, threads := range []int{1, 3} {
		job.Dir, job.Threads = filepath.Join(dir, fmt.Sprint(i)), threads
		if files[i], err = taskWeights(ctx, job); err != nil {
			return errors.Join(append(errs, fmt.Errorf("%s: %w", s.Name, err))...)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		errs = append(errs, fmt.Errorf("%s: two runs of one seed differ on one thread and on three", s.Name))
	}
	return errors.Join(errs...)
}

// TaskLearns runs the task's recipe and asks that it reaches its floor.
func TaskLearns(ctx context.Context, s task.Spec, dir string, roots ...string) error {
	r, err := s.Run(ctx, task.Options{Dir: dir, Roots: roots})
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	if got := float64(r.Metrics["accuracy"]); !(got >= s.Floor) {
		return fmt.Errorf("%s: accuracy %.3f on %s, floor %.3f", s.Name, got, r.Split, s.Floor)
	}
	return nil
}

func taskSettings(s task.Spec) error {
	var set []string
	seen := map[string]bool{}
	for _, k := range s.Settings() {
		if k.Doc == "" || seen[k.Key] {
			return fmt.Errorf("setting %s has no doc or stands twice", k.Key)
		}
		seen[k.Key] = true
		set = append(set, k.Key+"="+k.Text())
	}
	if _, _, err := task.Parse(s.Settings(), set); err != nil {
		return fmt.Errorf("the defaults are refused: %w", err)
	}
	return nil
}

// taskFloor compares the floor with always answering the largest class.
func taskFloor(s task.Spec, ds data.Dataset) error {
	split := data.Test
	if ds.Len(split) == 0 {
		split = data.Train
	}
	counts, most := map[int]int{}, 0
	for i := range ds.Len(split) {
		l, err := data.Label(ds, split, i)
		if err != nil {
			return err
		}
		counts[l]++
		most = max(most, counts[l])
	}
	if share := float64(most) / float64(max(ds.Len(split), 1)); s.Floor <= share {
		return fmt.Errorf("%s: floor %.3f, but always answering one class gives %.3f", s.Name, s.Floor, share)
	}
	return nil
}

// firstOf is n examples of each split, evenly apart.
func firstOf(ds data.Dataset, n int) data.Dataset {
	refs := map[data.Split][]data.Ref{}
	for _, s := range data.Splits {
		all := data.All(ds, s)
		for i := range min(n, len(all)) {
			refs[s] = append(refs[s], all[i*len(all)/min(n, len(all))])
		}
	}
	return data.Subset(ds, refs)
}

// taskWeights trains and returns the files of the last checkpoint.
func taskWeights(ctx context.Context, job train.Job) ([]byte, error) {
	if _, err := train.Fit(ctx, job); err != nil {
		return nil, err
	}
	last := filepath.Join(job.Dir, "checkpoints", fmt.Sprintf("step-%06d", train.NewestStep(job.Dir)))
	var all []byte
	for _, name := range []string{"model.safetensors", "state.safetensors"} {
		b, err := os.ReadFile(filepath.Join(last, name))
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	return all, nil
}
