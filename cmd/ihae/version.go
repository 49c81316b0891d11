package main

import (
	"runtime"

	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(versionCommand) }

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  exactly(0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			version, commit := train.Version()
			if a.json {
				a.emit(map[string]string{"version": version, "commit": commit, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
				return nil
			}
			a.printf("ihae %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
