package main

import (
	"strconv"
	"text/tabwriter"

	"github.com/ihae/ihae/task"
	"github.com/spf13/cobra"
)

func init() { register(tasksCommand) }

func tasksCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "tasks [TASK]",
		Short:             "list the tasks, or the settings of one",
		ValidArgsFunction: completeTasks,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("tasks wants at most one TASK, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listTasks()
			}
			s, err := task.Lookup(args[0])
			if err != nil {
				return err
			}
			return a.showTask(s)
		},
	}
}

// taskLine is a task for programs.
type taskLine struct {
	Name     string        `json:"name"`
	Doc      string        `json:"doc"`
	Data     string        `json:"data"`
	Arch     string        `json:"architecture"`
	Floor    float64       `json:"floor"`
	Settings []settingLine `json:"settings,omitempty"`
}

// settingLine is a setting for programs.
type settingLine struct {
	Key     string `json:"key"`
	Type    string `json:"type"`
	Default any    `json:"default"`
	Doc     string `json:"doc"`
}

func (a *app) listTasks() error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, name := range task.Names() {
		s, err := task.Lookup(name)
		if err != nil {
			return err
		}
		if a.json {
			a.emit(taskLine{Name: s.Name, Doc: s.Doc, Data: s.Data, Arch: s.Arch, Floor: s.Floor})
			continue
		}
		_, _ = w.Write([]byte(s.Name + "\t" + s.Arch + " on " + s.Data + "\t" + s.Doc + "\n"))
	}
	return w.Flush()
}

func (a *app) showTask(s task.Spec) error {
	line := taskLine{Name: s.Name, Doc: s.Doc, Data: s.Data, Arch: s.Arch, Floor: s.Floor}
	for _, k := range s.Settings() {
		line.Settings = append(line.Settings, settingLine{k.Key, k.Type(), k.Default, k.Doc})
	}
	if a.json {
		a.emit(line)
		return nil
	}
	a.printf("%s: %s\nArchitecture %s on the data %s.\n\nSettings for --set key=value:\n", s.Name, s.Doc, s.Arch, s.Data)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, k := range s.Settings() {
		_, _ = w.Write([]byte("  " + k.Key + "\t" + k.Text() + "\t" + k.Type() + "\t" + k.Doc + "\n"))
	}
	return w.Flush()
}

func count(n int) string { return strconv.Itoa(n) }
