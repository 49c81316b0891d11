package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(runsCommand) }

func runsCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "runs [FOLDER]",
		Short: "list runs with their state and metrics",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("runs wants at most one FOLDER, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			root := "runs"
			if len(args) > 0 {
				root = args[0]
				if _, err := os.Stat(root); err != nil {
					return &inputError{root, err}
				}
			}
			return a.listRuns(findRuns(root))
		},
	}
	c.AddCommand(compareCommand(a))
	return c
}

// findRuns lists the folders of runs below root, at most three deep.
func findRuns(root string) []string {
	var runs []string
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if _, err := os.Stat(filepath.Join(path, "config.toml")); err == nil {
			runs = append(runs, path)
			return fs.SkipDir
		}
		if rel, err := filepath.Rel(root, path); err == nil && depth(rel) > 3 {
			return fs.SkipDir
		}
		return nil
	})
	return runs
}

func depth(path string) int {
	n := 1
	for _, r := range path {
		if r == filepath.Separator {
			n++
		}
	}
	return n
}

// runLine is a run for programs.
type runLine struct {
	Run     string                  `json:"run"`
	Task    string                  `json:"task"`
	State   string                  `json:"state"` // running, done, stopped
	PID     int                     `json:"pid,omitempty"`
	Step    int                     `json:"step"`
	Split   string                  `json:"split,omitempty"`
	Metrics map[string]train.Figure `json:"metrics,omitempty"`
}

func describeRun(dir string) runLine {
	line := runLine{Run: dir, State: "stopped"}
	if h, err := train.ReadHeader(dir); err == nil {
		line.Task = h.Task
	}
	line.Step = train.NewestStep(dir)
	if r, err := train.ReadResult(dir); err == nil {
		line.State, line.Step, line.Split, line.Metrics = "done", r.Steps, r.Split, r.Metrics
	} else if owner, ok := train.Writer(dir); ok {
		line.State, line.PID = "running", owner.PID
	}
	return line
}

func (a *app) listRuns(dirs []string) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, dir := range dirs {
		line := describeRun(dir)
		if a.json {
			a.emit(line)
			continue
		}
		text := line.Run + "\t" + line.Task + "\t" + line.State + "\tstep " + count(line.Step) + "\t"
		if line.Split != "" {
			text += line.Split + ": " + metricText(line.Metrics)
		}
		_, _ = w.Write([]byte(text + "\n"))
	}
	return w.Flush()
}
