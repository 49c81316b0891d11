package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/ihae/ihae/report"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func compareCommand(a *app) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "compare RUN RUN...",
		Short: "put runs side by side: results, settings, curves, answers",
		Long: `Put runs side by side: what they reach, what was set differently, how they
learned, what they cost, and on which examples only one of two is right, with the
probability that such a difference is luck. The page with the curves is written
to --out.`,
		Example: "  ihae runs compare runs/faces/faces-cnn-1 runs/faces/faces-cnn-2",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("compare wants at least two RUNs, got %d; ihae runs lists them", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeRuns,
		RunE: func(_ *cobra.Command, args []string) error {
			dirs := distinct(args)
			if len(dirs) < 2 {
				return usage("compare: %s is one run", strings.Join(args, " and "))
			}
			cmp, err := report.Compare(dirs)
			if err != nil {
				return err
			}
			var page bytes.Buffer
			if err := report.WriteComparison(&page, cmp); err != nil {
				return err
			}
			if err := train.WriteFile(out, page.Bytes()); err != nil {
				return &train.StorageError{Doing: "write the page " + out, Err: err}
			}
			return a.showComparison(dirs, cmp, out)
		},
	}
	c.Flags().StringVar(&out, "out", "compare.html", "the page to write, in place of an older one")
	return c
}

// comparisonLine is a comparison for programs.
type comparisonLine struct {
	Runs     []runLine           `json:"runs"`
	Settings map[string][]string `json:"settings"` // that differ, in the order of runs
	Pairs    []pairLine          `json:"pairs"`
	Page     string              `json:"page"`
}

type pairLine struct {
	A       string  `json:"a"`
	B       string  `json:"b"`
	Both    int     `json:"both_right"`
	OnlyA   int     `json:"only_a_right"`
	OnlyB   int     `json:"only_b_right"`
	Neither int     `json:"neither_right"`
	Luck    float64 `json:"luck"`
}

func (a *app) showComparison(dirs []string, c report.Comparison, out string) error {
	if a.json {
		l := comparisonLine{Settings: values(c.Settings), Pairs: []pairLine{}, Page: out}
		for _, dir := range dirs {
			l.Runs = append(l.Runs, describeRun(dir))
		}
		for _, p := range c.Pairs {
			l.Pairs = append(l.Pairs, pairLine{p.A, p.B, p.Both, p.OnlyA, p.OnlyB, p.Neither, p.Luck})
		}
		a.emit(l)
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name string, cells []string) {
		text := name + "\t"
		for _, cell := range cells {
			text += cell + "\t"
		}
		_, _ = w.Write([]byte(text + "\n"))
	}
	row("", c.Runs)
	for _, rows := range [][]report.Row{c.Metrics, c.Settings, c.Costs} {
		for _, r := range rows {
			row(r.Name, r.Values)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range c.Pairs {
		verdict := "may be luck"
		if p.Surely() {
			verdict = "is seldom luck"
		}
		a.printf("%s alone is right %d times, %s %d times: that %s (p = %.2g)\n", p.A, p.OnlyA, p.B, p.OnlyB, verdict, p.Luck)
	}
	for _, note := range c.Notes {
		a.warn(note)
	}
	a.printf("page: %s\n", out)
	return nil
}

// values is rows by name.
func values(rows []report.Row) map[string][]string {
	m := map[string][]string{}
	for _, r := range rows {
		m[r.Name] = r.Values
	}
	return m
}

// distinct leaves out folders that are listed before under another name, as
// runs/TASK/latest is.
func distinct(dirs []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, dir := range dirs {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil {
			real = dir // the reader will say what is wrong with it
		}
		if !seen[real] {
			seen[real] = true
			list = append(list, dir)
		}
	}
	return list
}
