// Prof trains a task for a number of steps and writes a CPU profile.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"strconv"

	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name, steps, out string) error {
	spec, err := task.Lookup(name)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(steps)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "prof")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	job, err := spec.Job(context.Background(), task.Options{Dir: dir, Roots: []string{"../shared/data"}, Data: os.Getenv("DATA")})
	if err != nil {
		return err
	}
	job.Config.Steps = n
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	_, err = train.Fit(context.Background(), job)
	return err
}
