package main

import (
	"os"
	"time"

	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(selftestCommand) }

func selftestCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "selftest",
		Short: "run published test cases",
		Args:  knownCommand,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(selftestONNX(a))
	return c
}

func selftestONNX(a *app) *cobra.Command {
	var dir string
	var threads int
	c := &cobra.Command{
		Use:   "onnx --data DIR",
		Short: "run the test cases that the ONNX project publishes",
		Long: `Run the test cases that the ONNX project publishes (onnx/backend/test/data).
DIR holds the folder node, or data/node; the folders simple, pytorch-converted,
pytorch-operator and light beside it are run too. Each case is a model, its
inputs, and the outputs it must give; a case without outputs is skipped. The
exit code is 1 if a case fails.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			if dir == "" {
				return usage("--data DIR is missing: the folder with the test cases")
			}
			return a.selftestONNX(c, dir, threads)
		},
	}
	c.Flags().StringVar(&dir, "data", "", "folder with the test cases")
	c.Flags().IntVar(&threads, "threads", 0, "threads (default all cores)")
	return c
}

func (a *app) selftestONNX(c *cobra.Command, dir string, threads int) error {
	tree := os.DirFS(dir)
	cases, err := conformance.Find(tree)
	if err != nil {
		return &inputError{dir, err}
	}
	pool, err := a.pool(threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	last, n := time.Now(), 0
	r, err := conformance.Run(c.Context(), tree, cases, pool, func(conformance.Case, error) {
		if n++; time.Since(last) > 2*time.Second {
			last = time.Now()
			a.notef("%d of %d cases\n", n, len(cases))
		}
	})
	if err != nil {
		return err
	}
	if a.json {
		a.emit(r)
	} else {
		for _, f := range r.Failures {
			a.printf("%s: %s\n", f.Case, train.Visible(f.Reason))
		}
		a.printf("%d passed, %d failed, %d skipped\n", r.Passed, r.Failed, r.Skipped)
	}
	if r.Failed > 0 {
		return saidError{exitInternal}
	}
	return nil
}
