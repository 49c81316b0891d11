package main

import (
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
