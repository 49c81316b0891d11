package main

import (
	"bytes"
	"context"
	"path/filepath"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/report"
	"github.com/ihae/ihae/train"
)

// reportFile is the page of a run, in its folder.
const reportFile = "report.html"

// writeReport writes report.html into a finished run's folder. ds is the data
// of the run with its splits as they were.
func (a *app) writeReport(ctx context.Context, dir string, ds data.Dataset, threads int) error {
	run, err := train.OpenRun(dir)
	if err != nil {
		return err
	}
	pool := exec.NewPool(threads)
	defer pool.Close()
	p, err := report.Gather(ctx, run, ds, pool, func(text string) { a.notef("warning: %s\n", text) })
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := report.Write(&b, p); err != nil {
		return err
	}
	return train.WriteFile(filepath.Join(dir, reportFile), b.Bytes())
}
