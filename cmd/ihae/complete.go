package main

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/task"
	"github.com/spf13/cobra"
)

// completeTasks offers the names of tasks.
func completeTasks(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return task.Names(), cobra.ShellCompDirectiveNoFileComp
}

// completeRuns offers the folders of runs.
func completeRuns(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return findRuns("runs"), cobra.ShellCompDirectiveDefault
}

// completeRunThenFiles offers a run first, then files.
func completeRunThenFiles(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return completeRuns(c, args, word)
}

// completeDatasets offers the names of datasets.
func completeDatasets(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return data.Names(), cobra.ShellCompDirectiveNoFileComp
}

// completeSettings offers the settings of the task that is named before.
func completeSettings(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var keys []string
	if len(args) > 0 {
		if s, err := task.Lookup(args[0]); err == nil {
			for _, k := range s.Settings() {
				keys = append(keys, k.Key+"=")
			}
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// strictCompletion makes "completion" refuse a shell that it does not know.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd("completion")
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args = knownCommand
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
}

// completeSplits offers the names of splits.
var completeSplits = cobra.FixedCompletions([]string{"train", "valid", "test"}, cobra.ShellCompDirectiveNoFileComp)
