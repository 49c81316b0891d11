package main

import (
	"context"
	"errors"
	"os"

	"github.com/ihae/ihae/train"
)

// fit does a job and writes the report of its run.
func (a *app) fit(ctx context.Context, job train.Job) (train.Result, error) {
	share, leave := a.neighbours(job.Threads)
	defer leave()
	job.Share = share
	result, err := train.Fit(ctx, job)
	if err != nil {
		// A folder made for a run that could not begin is empty; others stay.
		_ = os.Remove(job.Dir)
		return result, err
	}
	if err := a.writeReport(ctx, result.Run, job.Data, job.Threads); err != nil {
		if errors.Is(err, context.Canceled) {
			return result, err
		}
		a.notef("warning: no report.html: %v\n", err)
	}
	return result, nil
}
