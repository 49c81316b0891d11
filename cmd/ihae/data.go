package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media"
	"github.com/spf13/cobra"
)

func init() { register(dataCommand) }

// debianData is where Debian's packages dataset-* put their files. It is the
// last place to be looked in.
const debianData = "/usr/share/datasets"

func dataCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "list, get, check and look at datasets",
		Args:  knownCommand,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(dataList(a), dataCheck(a), dataShow(a), dataGet(a))
	return c
}

func dataList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the datasets with their licences",
		Args:  exactly(0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, name := range data.Names() {
				e, err := data.Lookup(name)
				if err != nil {
					return err
				}
				if a.json {
					a.emit(cardLine(e.Card))
					continue
				}
				classes := "yours"
				if n := len(e.Classes); n > 0 {
					classes = fmt.Sprintf("%d classes", n)
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Name, classes, counts(e.Count), e.Licence, e.Doc)
			}
			return w.Flush()
		},
	}
}

func counts(of map[data.Split]int) string {
	var parts []string
	for _, s := range data.Splits {
		if n := of[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", s, n))
		}
	}
	return strings.Join(parts, ", ")
}

func cardLine(c data.Card) any {
	return struct {
		Name    string             `json:"name"`
		Doc     string             `json:"doc"`
		Source  string             `json:"source"`
		Licence string             `json:"licence"`
		Classes []string           `json:"classes"`
		Count   map[data.Split]int `json:"count"`
	}{c.Name, c.Doc, c.Source, c.Licence, c.Classes, c.Count}
}

// onBadFile gives c the flag that decides about files that cannot be read.
func onBadFile(c *cobra.Command, decision *string) {
	c.Flags().StringVar(decision, "on-bad-file", "error", "error, or skip: leave out files that cannot be read, if they are at most 1 %")
	_ = c.RegisterFlagCompletionFunc("on-bad-file", cobra.FixedCompletions([]string{"error", "skip"}, cobra.ShellCompDirectiveNoFileComp))
}

// openNamed opens a dataset by name, from path if that is given.
func (a *app) openNamed(c *cobra.Command, name, path, badFiles string) (data.Dataset, error) {
	if _, err := data.Lookup(name); err != nil {
		return nil, usage("%v", err)
	}
	bad, err := data.ParseOnBadFile(badFiles)
	if err != nil {
		return nil, usage("--on-bad-file: %v", err)
	}
	ds, err := data.OpenWith(c.Context(), name, path, bad, a.roots()...)
	if err != nil {
		return nil, &inputError{path, err}
	}
	return ds, nil
}

func dataCheck(a *app) *cobra.Command {
	var path, bad string
	c := &cobra.Command{
		Use:               "check NAME",
		Short:             "read every example of a dataset and say what is wrong",
		Args:              exactly(1, "one NAME"),
		ValidArgsFunction: completeDatasets,
		RunE: func(c *cobra.Command, args []string) error {
			ds, err := a.openNamed(c, args[0], path, bad)
			if err != nil {
				return err
			}
			r, err := data.Check(c.Context(), ds)
			if err != nil {
				return err
			}
			pairs, err := data.Near(c.Context(), ds)
			if err != nil {
				return err
			}
			a.showCheck(args[0], r, data.NearText(ds, pairs))
			if len(r.Broken) > 0 {
				return &inputError{r.Broken[0].Path, fmt.Errorf("%d files cannot be read", len(r.Broken))}
			}
			return nil
		},
	}
	c.Flags().StringVar(&path, "data", "", "folder, file or zip with the data")
	onBadFile(c, &bad)
	return c
}

// showCheck shows what was found, and what looks alike.
func (a *app) showCheck(name string, r data.Report, near string) {
	warnings := r.Warnings()
	if near != "" {
		warnings = append(warnings, near)
	}
	if a.json {
		a.emit(struct {
			Name     string             `json:"name"`
			Count    map[data.Split]int `json:"count"`
			Warnings []string           `json:"warnings"`
		}{name, r.Count, warnings})
		return
	}
	a.printf("%s: %s\n", name, counts(r.Count))
	for _, w := range warnings {
		a.printf("warning: %s\n", w)
	}
}

func dataShow(a *app) *cobra.Command {
	var path, bad, split, out string
	var n, cols int
	c := &cobra.Command{
		Use:               "show NAME",
		Short:             "draw a contact sheet of a dataset as a PNG file",
		Args:              exactly(1, "one NAME"),
		ValidArgsFunction: completeDatasets,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := data.ParseSplit(split)
			if err != nil {
				return usage("--split: %v", err)
			}
			if n < 1 || cols < 1 {
				return usage("--count and --columns want at least 1")
			}
			ds, err := a.openNamed(c, args[0], path, bad)
			if err != nil {
				return err
			}
			sheet, err := data.ContactSheet(ds, s, n, cols)
			if err != nil {
				return &inputError{path, err}
			}
			if out == "" {
				out = args[0] + ".png"
			}
			if err := writePNG(out, sheet); err != nil {
				return err
			}
			a.printf("%s\n", out)
			return nil
		},
	}
	c.Flags().StringVar(&path, "data", "", "folder, file or zip with the data")
	onBadFile(c, &bad)
	c.Flags().StringVar(&split, "split", "train", "train, valid or test")
	c.Flags().StringVar(&out, "out", "", "the file to write (default NAME.png); it must not be there yet")
	_ = c.RegisterFlagCompletionFunc("split", completeSplits)
	c.Flags().IntVar(&n, "count", 100, "examples")
	c.Flags().IntVar(&cols, "columns", 10, "examples in a row")
	return c
}

// writePNG writes a new file.
func writePNG(name string, m media.Image) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return usage("--out %s: the file is there already", name)
	}
	if err != nil {
		return err
	}
	if err := media.EncodePNG(f, m); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
