// Command ihae trains, runs and explains deep networks.
//
// Results go to standard output, everything for people who wait goes to
// standard error. With --json every line on standard output is a JSON object.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/ihae/ihae/internal/cpu"
	"github.com/spf13/cobra"
)

func main() {
	// Writes to a closed pipe then fail quietly instead of ending a training.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := withSignals(context.Background())
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// app is what a command has to work with.
type app struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	json     bool
	quiet    bool
	noColor  bool
}

// commands is filled by one file for each command.
var commands []func(*app) *cobra.Command

func register(c func(*app) *cobra.Command) { commands = append(commands, c) }

// run is the whole program: it returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	w := &checked{w: out}
	a := &app{in: in, out: w, err: err, env: os.Getenv}
	root := a.root()
	root.SetArgs(args)
	// A flag that cannot be read must not decide how its error is shown.
	a.json = slices.Contains(args, "--json")
	return a.end(bySignal(ctx, root.ExecuteContext(ctx)), w.err)
}

const rootHelp = `ihae trains, runs and explains deep networks.

  ihae demo                     watch a network learn faces, in half a minute
  ihae train digits             train one of the tasks
  ihae predict RUN photo.jpg    ask a trained network
  ihae inspect model.onnx       look into a model made elsewhere

Exit codes: 0 done; 1 a fault of this program; 2 usage or settings; 3 input
refused; 4 a resource is missing (disk, memory) or in use; 5 the training
diverged; 6 network or peer; 130 interrupted, 143 terminated, 129 hung up, all
three after saving.

Flags stand before environment variables, these before defaults: IHAE_DATA
(--data), IHAE_THREADS (--threads), IHAE_CPU (plain, avx2, avx512), NO_COLOR.`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:                        "ihae",
		Short:                      "train, run and explain deep networks",
		Long:                       rootHelp,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		SilenceUsage:               true,
		Args:                       knownCommand,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if err := cpu.Err(); err != nil {
				return usage("%v", err)
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	f := root.PersistentFlags()
	f.BoolVar(&a.json, "json", false, "write JSON objects, one a line, to standard output")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no progress")
	f.BoolVar(&a.noColor, "no-color", false, "no colours")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%v; see %s --help", err, c.CommandPath())
	})
	for _, c := range commands {
		root.AddCommand(c(a))
	}
	strictCompletion(root)
	return root
}

// knownCommand refuses what is not a command.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usage("no command %q; did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usage("no command %q; see ihae --help", args[0])
}

// exactly asks for n arguments, whose names are in what.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("%s wants %s, got %d arguments; see %s --help", c.CommandPath(), what, len(args), c.CommandPath())
		}
		return nil
	}
}
