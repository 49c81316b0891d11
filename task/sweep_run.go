package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/internal/cpu"
	"github.com/ihae/ihae/train"
)

// validShare is what a sweep holds out of train to choose by, where the task
// itself would hold out nothing.
const validShare = 0.2

// Outcome is what a trial came to.
type Outcome struct {
	Trial
	Run    string       // its folder
	Data   data.Dataset // with its splits as they were
	Result train.Result
	Err    error // why it has no result
}

// Sweep runs the trials of w, each in a folder of its own below o.Dir, several
// at a time with a share of the threads each. Trials of the same sweep that are
// finished already are not run again, and unfinished ones go on. What the trials
// say while they run goes to progress, from several goroutines, and each outcome
// to done, from one at a time.
//
// The outcomes come back with the best by validation first, those without a
// result last. Where only the seed differs there is nothing to choose, and the
// order is that of the trials. An error is about the sweep as a whole: a trial
// that fails is an outcome.
func (s Spec) Sweep(ctx context.Context, o Options, w Sweep, progress func(Trial, train.Progress), done func(Outcome)) ([]Outcome, error) {
	trials, err := w.Trials(o.Seed)
	if err != nil {
		return nil, err
	}
	set, err := s.choosing(o.Set, w)
	if err != nil {
		return nil, err
	}
	threads := cmp.Or(o.Threads, cpu.Cores())
	jobs := min(cmp.Or(w.Jobs, threads), len(trials))
	for _, t := range trials {
		if err := s.possible(slices.Concat(set, t.Set)); err != nil {
			return nil, err
		}
	}
	outcomes := make([]Outcome, len(trials))
	next := make(chan int)
	var all sync.WaitGroup
	var one sync.Mutex
	for j := range jobs {
		share := max(1, (threads+j)/jobs)
		all.Go(func() {
			for i := range next {
				t := o
				t.Threads, t.Seed, t.Dir = share, trials[i].Seed, trials[i].folder(o.Dir)
				t.Set = slices.Concat(set, trials[i].Set)
				t.Reporter = tagged{trials[i], progress}
				outcomes[i] = s.trial(ctx, trials[i], t)
				one.Lock()
				done(outcomes[i])
				one.Unlock()
			}
		})
	}
	for i := range trials {
		next <- i
	}
	close(next)
	all.Wait()
	if w.Chooses() {
		slices.SortStableFunc(outcomes, byValidation)
	}
	return outcomes, ctx.Err()
}

// Chooses says whether the sweep tries anything but seeds.
func (s Sweep) Chooses() bool {
	return slices.ContainsFunc(s.Axes, func(a Axis) bool { return a.Key != KeySeed })
}

// choosing is the assignments that all trials share. A sweep that chooses needs
// a validation split: the test split never chooses.
func (s Spec) choosing(set []string, w Sweep) ([]string, error) {
	if !w.Chooses() {
		return set, nil
	}
	values, origin, err := Parse(s.Settings(), set)
	if err != nil {
		return nil, err
	}
	switch {
	case origin["valid"] == FromFlag && values.Float("valid") == 0:
		return nil, &train.ConfigError{Key: "--set valid=0", Reason: "a sweep chooses by validation; hold some of train out"}
	case origin["valid"] == FromDefault:
		share := cmp.Or(values.Float("valid"), validShare)
		return append(slices.Clone(set), fmt.Sprintf("valid=%v", share)), nil
	}
	return set, nil
}

// trial runs one trial, or goes on with it.
func (s Spec) trial(ctx context.Context, t Trial, o Options) Outcome {
	out := Outcome{Trial: t, Run: o.Dir}
	if out.Err = ctx.Err(); out.Err != nil {
		return out
	}
	job, err := s.Job(ctx, o)
	if _, begun := train.ReadHeader(o.Dir); err == nil && begun == nil {
		want := job.Header
		if job, err = Resume(ctx, o); err == nil {
			err = same(want, job.Header, o.Dir)
		}
	}
	if err != nil {
		out.Err = err
		return out
	}
	if out.Err = os.MkdirAll(o.Dir, 0o755); out.Err != nil {
		out.Err = &train.StorageError{Doing: "make the folder " + o.Dir, Err: out.Err}
		return out
	}
	out.Data = job.Data
	if out.Result, out.Err = train.Fit(ctx, job); out.Err != nil {
		_ = os.Remove(o.Dir) // which works only on a run that did not begin
	}
	return out
}

// same refuses a folder that holds the run of another sweep.
func same(want, have train.Header, dir string) error {
	if want.Task == have.Task && want.Seed == have.Seed && fmt.Sprint(want.Settings) == fmt.Sprint(have.Settings) {
		return nil
	}
	return &train.ConfigError{Key: "--out", Reason: dir + " holds a run with other settings; choose another folder for this sweep"}
}

// byValidation orders the best first.
func byValidation(a, b Outcome) int {
	switch x, y := a.Result.Valid, b.Result.Valid; {
	case a.Err == nil && b.Err != nil:
		return -1
	case a.Err != nil && b.Err == nil:
		return 1
	case a.Err != nil || x == nil || y == nil:
		return 0
	case x.Better(*y):
		return -1
	case y.Better(*x):
		return 1
	}
	return 0
}

// Best is the first outcome with a result, or an error that joins all of theirs.
func Best(outcomes []Outcome) (Outcome, error) {
	var errs []error
	for _, o := range outcomes {
		if o.Err == nil {
			return o, nil
		}
		errs = append(errs, fmt.Errorf("trial %s: %w", o.Name, o.Err))
	}
	return Outcome{}, errors.Join(errs...)
}

// tagged tells whose progress it is.
type tagged struct {
	Trial
	to func(Trial, train.Progress)
}

// Report implements train.Reporter.
func (r tagged) Report(p train.Progress) { r.to(r.Trial, p) }
