package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func dataGet(a *app) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "get NAME",
		Short: "download a dataset from where it is published",
		Long: `Download a dataset from where it is published, into a folder in which the tasks
find it. A file gets its name only when it is whole and its checksum is right;
a download that broke off goes on from where it was.`,
		Args:              exactly(1, "one NAME"),
		ValidArgsFunction: completeDatasets,
		RunE: func(c *cobra.Command, args []string) error {
			e, err := data.Lookup(args[0])
			if err != nil {
				return usage("%v", err)
			}
			if len(e.Remote) == 0 {
				return usage("data get %s: it is not to be had from a fixed address. %s", e.Name, e.How)
			}
			dir := out
			if dir == "" {
				dir = filepath.Join(a.roots()[0], e.Folders[0])
			}
			show := &transfer{a: a}
			version, _ := train.Version()
			err = data.Get(c.Context(), e.Card, dir, data.GetOptions{Agent: "ihae/" + version, Progress: show.progress})
			show.end()
			if err != nil {
				return err
			}
			if a.json {
				a.emit(struct {
					Event string `json:"event"`
					Name  string `json:"name"`
					Path  string `json:"path"`
				}{"done", e.Name, dir})
				return nil
			}
			a.printf("%s\n", dir)
			return nil
		},
	}
	c.Flags().StringVar(&out, "out", "", "the folder (default NAME in IHAE_DATA, or in ~/.ihae/data)")
	return c
}

// transfer shows how far a download is: a line that is written over on a
// terminal, else a line every five seconds.
type transfer struct {
	a     *app
	shown time.Time
	open  bool // a line that is not ended
}

func (t *transfer) progress(name string, got, size int64) {
	width, live := terminal(t.a.err)
	every := 5 * time.Second
	if live {
		every = 100 * time.Millisecond
	}
	if t.a.quiet || time.Since(t.shown) < every && got < size {
		return
	}
	t.shown = time.Now()
	text := fmt.Sprintf("%s  %.1f of %.1f MB  %d %%", name, float64(got)/1e6, float64(size)/1e6, 100*got/size)
	switch {
	case t.a.json:
		t.a.emit(struct {
			Event string `json:"event"`
			File  string `json:"file"`
			Bytes int64  `json:"bytes"`
			Size  int64  `json:"size"`
		}{"download", name, got, size})
	case live:
		_, _ = fmt.Fprintf(t.a.err, "\r%-*s", max(1, min(width-1, 79)), strings.TrimSpace(text))
		t.open = true
	default:
		_, _ = fmt.Fprintln(t.a.err, text)
	}
}

// end ends the line that is written over.
func (t *transfer) end() {
	if t.open {
		_, _ = fmt.Fprintln(t.a.err)
	}
}
