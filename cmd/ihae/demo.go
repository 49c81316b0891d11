package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(demoCommand) }

func demoCommand(a *app) *cobra.Command {
	f := trainFlags{}
	c := &cobra.Command{
		Use:   "demo",
		Short: "watch a network learn faces from photographs, in half a minute",
		Long: `Train a convolutional network, from random weights and raw pixels, on the 140
photographs that this program carries, and ask it about 60 that it has not seen.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error { return f.demo(c, a) },
	}
	c.Flags().StringVar(&f.out, "out", "", "the run's folder, new or empty (default ./runs/faces/demo-N)")
	c.Flags().Int64Var(&f.seed, "seed", 0, "seed of everything random")
	c.Flags().IntVar(&f.threads, "threads", 0, "threads (default all cores); the result does not depend on it")
	c.Flags().StringArrayVar(&f.set, "set", nil, "key=value, can be repeated; see ihae tasks faces")
	_ = c.RegisterFlagCompletionFunc("set", func(c *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return completeSettings(c, []string{"faces"}, word)
	})
	return c
}

func (f *trainFlags) demo(c *cobra.Command, a *app) error {
	o, err := f.options(a)
	if err != nil {
		return err
	}
	spec, err := task.Lookup("faces")
	if err != nil {
		return err
	}
	o.Roots = nil // the photographs that the program carries, whatever else there is
	job, err := spec.Job(c.Context(), o)
	if err != nil {
		return err
	}
	if job.Dir == "" {
		if job.Dir, err = train.NewFolder(filepath.Join("runs", spec.Name), "demo"); err != nil {
			return err
		}
	}
	a.notef("A network learns to tell faces from other things: 140 photographs to learn from, 60 unseen ones to be asked about.\n")
	r, err := a.fit(c.Context(), job)
	if err != nil {
		return err
	}
	if a.json {
		return a.showResult(r)
	}
	right := int(float64(r.Metrics["accuracy"])*float64(r.Count) + 0.5)
	a.printf("right on %d of %d unseen photographs: accuracy %s\n", right, r.Count, train.Percent(float64(r.Metrics["accuracy"])))
	a.printf("\nNext:\n  open %s\n  %s predict %s YOUR-PHOTO.jpg\n", filepath.Join(r.Run, reportFile), invocation(os.Args[0]), r.Run)
	return nil
}

// invocation is how to call this program again: as it was, or by go run, which
// builds programs into a temporary folder.
func invocation(program string) string {
	if strings.Contains(filepath.ToSlash(program), "/go-build") {
		return "go run ./cmd/ihae"
	}
	return program
}
