package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

// sweepFlags is what a sweep is asked for besides what a training is.
type sweepFlags struct {
	axes         []string
	trials, jobs int
}

func (f *sweepFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.axes, "sweep", nil, "`key=a,b,c` or key=LOW..HIGH: try several values, seed too; can be repeated")
	fl.IntVar(&f.trials, "trials", 0, "draw `N` trials of a sweep at random (default every combination)")
	fl.IntVar(&f.jobs, "jobs", 0, "trials of a sweep at a time (default one a thread)")
	_ = c.RegisterFlagCompletionFunc("sweep", completeSettings)
}

// sweep reads the flags.
func (f *sweepFlags) sweep() (task.Sweep, error) {
	w := task.Sweep{Draws: f.trials, Jobs: f.jobs}
	if f.trials < 0 || f.jobs < 0 {
		return w, usage("--trials and --jobs want at least 1")
	}
	for _, text := range f.axes {
		a, err := task.ParseAxis(text)
		if err != nil {
			return w, err
		}
		w.Axes = append(w.Axes, a)
	}
	return w, nil
}

// sweep runs a task with several settings and shows what is best.
func (a *app) sweep(ctx context.Context, f *trainFlags, args []string) error {
	w, err := f.sweepFlags.sweep()
	if err != nil {
		return err
	}
	if f.resume != "" || len(args) != 1 {
		return usage("a sweep wants one TASK; to go on with one, give the same flags and its --out again")
	}
	spec, err := task.Lookup(args[0])
	if err != nil {
		return err
	}
	o, err := f.options(a)
	if err != nil {
		return err
	}
	trials, err := w.Trials(o.Seed)
	if err != nil {
		return err
	}
	if o.Dir == "" {
		if o.Dir, err = train.NewFolder(filepath.Join("runs", spec.Name), "sweep"); err != nil {
			return err
		}
	}
	show := &sweepProgress{a: a, trials: len(trials), began: time.Now(), running: map[string]train.Progress{}}
	share, leave := a.neighbours(o.Threads)
	defer leave()
	at := min(cmp.Or(w.Jobs, o.Threads, cores()), len(trials))
	o.Share = func() int { return max(1, share()/at) }
	outcomes, err := spec.Sweep(ctx, o, w, show.progress, func(out task.Outcome) {
		if out.Err == nil && ctx.Err() == nil {
			out.Err = a.writeReport(ctx, out.Run, out.Data, 1)
		}
		show.done(out)
	})
	_ = os.Remove(o.Dir) // which works only on a sweep that did not begin
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("the sweep in %s is stopped and saved; the same command with --out %s goes on: %w", o.Dir, o.Dir, context.Cause(ctx))
	}
	if err != nil {
		return err
	}
	return a.showSweep(o.Dir, w, outcomes)
}

// sweepProgress says how far a sweep is.
type sweepProgress struct {
	a       *app
	trials  int
	began   time.Time
	mu      sync.Mutex
	running map[string]train.Progress
	over    int
	last    time.Time
}

func (s *sweepProgress) progress(t task.Trial, p train.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[t.Name] = p
	if s.a.quiet || s.a.json || time.Since(s.last) < 5*time.Second {
		return
	}
	s.last = time.Now()
	part := float64(s.over)
	for _, p := range s.running {
		part += float64(p.Step) / float64(max(1, p.Steps))
	}
	part /= float64(s.trials)
	left := time.Duration(float64(time.Since(s.began)) * (1 - part) / max(part, 1e-6))
	text := fmt.Sprintf("%d of %d trials over, %d at work, %.0f %% in all", s.over, s.trials, len(s.running), 100*part)
	if part > 0.01 {
		text += ", ETA " + left.Round(time.Second).String()
	}
	s.a.notef("%s\n", text)
}

func (s *sweepProgress) done(out task.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, out.Name)
	s.over++
	if s.a.json {
		s.a.emit(trialOf(out))
		return
	}
	if s.a.quiet {
		return
	}
	verdict := "no result: "
	if out.Err != nil {
		verdict += out.Err.Error()
	} else if verdict = "done"; out.Result.Valid != nil {
		verdict = scoreText(*out.Result.Valid)
	}
	s.a.notef("trial %s %s: %s\n", out.Name, settingsOf(out.Trial), verdict)
}

// settingsOf is what a trial differs in.
func settingsOf(t task.Trial) string {
	return strings.Join(append(t.Set, fmt.Sprintf("seed=%d", t.Seed)), " ")
}

func scoreText(s train.Score) string {
	if math.IsNaN(float64(s.Accuracy)) { // of values there is none
		return fmt.Sprintf("valid loss %.4f", float64(s.Loss))
	}
	return fmt.Sprintf("valid %s, loss %.4f", train.Percent(float64(s.Accuracy)), float64(s.Loss))
}

// trialLine is a trial for programs.
type trialLine struct {
	Event   string                  `json:"event"`
	Trial   string                  `json:"trial"`
	Run     string                  `json:"run"`
	Set     []string                `json:"set"`
	Seed    uint64                  `json:"seed"`
	Valid   *train.Score            `json:"valid,omitempty"`
	Metrics map[string]train.Figure `json:"metrics,omitempty"`
	Error   string                  `json:"error,omitempty"`
}

// trialOf leaves the figures of the test split to those who ask for them.
func trialOf(out task.Outcome) trialLine {
	l := trialLine{Event: "trial", Trial: out.Name, Run: out.Run, Set: append([]string{}, out.Set...), Seed: out.Seed}
	if out.Err != nil {
		l.Error = out.Err.Error()
		return l
	}
	l.Valid = out.Result.Valid
	return l
}

// showSweep prints a table with the best first, and what the best one is worth.
// Only then does anybody look at the test split: it chooses nothing.
func (a *app) showSweep(dir string, w task.Sweep, outcomes []task.Outcome) error {
	best, err := task.Best(outcomes)
	if err != nil {
		return err
	}
	if !w.Chooses() {
		return a.showSeeds(dir, outcomes)
	}
	if a.json {
		a.emit(doneLine{"done", best.Run, best.Result.Split, best.Result.Count, best.Result.Step, best.Result.Seconds, best.Result.Metrics, best.Result.Baseline})
		return nil
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, o := range outcomes {
		verdict := "no result"
		if o.Err == nil && o.Result.Valid != nil {
			verdict = scoreText(*o.Result.Valid)
		}
		_, _ = io.WriteString(t, o.Name+"\t"+strings.Join(append(o.Set, fmt.Sprintf("seed=%d", o.Seed)), "\t")+"\t"+verdict+"\n")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	a.printf("best by validation: %s in %s\n", settingsOf(best.Trial), best.Run)
	return a.showResult(best.Result)
}
