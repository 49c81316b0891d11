// Crossval chooses recipes: it measures a task's settings on the training split
// alone. The split is cut into folds, stratified by class; a network is trained
// on all folds but one and measured on that one, in turn. The test split is
// never read.
//
//	go run ./bench/crossval -task faces -folds 5 -repeats 2 -set lr=0.01 -set batch=10
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/task"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, w io.Writer) error {
	flags := flag.NewFlagSet("crossval", flag.ContinueOnError)
	name := flags.String("task", "faces", "the task")
	path := flags.String("data", "", "data in place of the task's own")
	root := flags.String("root", "../shared/data", "folder to look for the task's own data in")
	folds := flags.Int("folds", 5, "parts that the training split is cut into")
	fits := flags.Int("fits", 0, "trainings a repeat; 0 leaves every fold out once")
	repeats := flags.Int("repeats", 2, "cuts, each with a seed of its own from 0")
	few := flags.Bool("few", false, "train on one fold and measure on the others: sets that are easy tell recipes apart so")
	threads := flags.Int("threads", 1, "threads of a training")
	misses := flags.Int("misses", 0, "how many examples that are often missed to name")
	var set []string
	flags.Func("set", "key=value, as for ihae train", func(s string) error { set = append(set, s); return nil })
	if err := flags.Parse(args); err != nil {
		return err
	}
	spec, err := task.Lookup(*name)
	if err != nil {
		return err
	}
	o := task.Options{
		Data: *path, Roots: []string{*root}, Threads: *threads,
		// What is held out is measured at the end, and chooses no checkpoint.
		Set: append([]string{"valid=0", task.KeyCheckpoint + "=1000000000"}, set...),
	}
	var total score
	for repeat := range *repeats {
		s, err := measure(ctx, spec, o, cut{*folds, *fits, *few}, uint64(repeat))
		if err != nil {
			return err
		}
		total.add(s)
	}
	fmt.Fprintf(w, "%s  %s\n", total.text(), strings.Join(set, " "))
	total.name(w, *misses)
	return nil
}

// cut is how the training split is divided.
type cut struct {
	folds, fits int
	few         bool
}

// measure does a training for each of the first fits folds, with one seed for
// the cut and for the trainings.
func measure(ctx context.Context, spec task.Spec, o task.Options, c cut, seed uint64) (score, error) {
	o.Seed = seed
	job, err := spec.Job(ctx, o)
	if err != nil {
		return score{}, err
	}
	parts, err := split(job.Data, c.folds, rng.New(seed).Split("folds"))
	if err != nil {
		return score{}, err
	}
	n := c.folds
	if c.fits > 0 {
		n = min(n, c.fits)
	}
	var total score
	for i := range n {
		j := job
		if c.few {
			j.Data = only(job.Data, parts, i)
		} else {
			j.Data = without(job.Data, parts, i)
		}
		s, err := fit(ctx, j)
		if err != nil {
			return total, err
		}
		total.add(s)
	}
	return total, nil
}
