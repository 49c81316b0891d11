//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallRuns trains a network of each kind on data written beside it, and gives
// the arguments that were used by the name of the run's folder.
func smallRuns(t *testing.T) map[string][]string {
	t.Helper()
	put(t, "verse.txt", strings.Repeat("I wandered lonely as a cloud\n", 60))
	put(t, "houses.csv", houses(120))
	b := &strings.Builder{}
	b.WriteString("text\tlabel\n")
	for i := range 120 {
		b.WriteString(strings.Repeat("very ", i%5) + []string{"good film\tyes\n", "bad film\tno\n"}[i%2])
	}
	put(t, "reviews.tsv", b.String())
	runs := map[string][]string{
		"verse":   {"chars", "--data", "verse.txt", "--set", "layers=1", "--set", "width=8", "--set", "heads=2", "--set", "context=8"},
		"houses":  {"table", "--data", "houses.csv"},
		"reviews": {"text", "--data", "reviews.tsv", "--set", "width=8", "--set", "channels=4"},
	}
	for name, args := range runs {
		must(t, append([]string{"train", "--out", name, "--steps", "2", "-q"}, args...)...)
	}
	return runs
}

// ruin copies a run and changes one of its files; what is nil is removed.
func ruin(t *testing.T, run, file string, to func(old []byte) []byte) {
	t.Helper()
	if err := os.RemoveAll("ruin"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS("ruin", os.DirFS(run)); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join("ruin", file))
	if err != nil || len(names) == 0 {
		t.Fatal(file, err)
	}
	for _, name := range names {
		old, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if text := to(old); text == nil {
			err = os.Remove(name)
		} else {
			err = os.WriteFile(name, text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamagedRuns asks runs with damaged, foreign and missing files: one line
// that names the file, and the exit code of refused input.
func TestDamagedRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	smallRuns(t)
	gone := func([]byte) []byte { return nil }
	half := func(b []byte) []byte { return b[:len(b)/2] }
	of := func(path string) func([]byte) []byte {
		return func([]byte) []byte {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	edit := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return []byte(strings.Replace(string(b), old, new, 1)) }
	}
	sample, predict := "sample ruin --prompt I", "predict ruin "
	for _, c := range []struct {
		run, file string
		to        func([]byte) []byte
		ask, want string
	}{
		{"verse", "tokenizer.json", gone, sample, "tokenizer.json"},
		{"verse", "tokenizer.json", half, sample, "tokenizer.json"},
		{"verse", "tokenizer.json", of("reviews/tokenizer.json"), sample, "the network was made for"},
		{"verse", "model.toml", edit("length = 8", "length = 160000"), sample, "ruin"},
		{"verse", "model.toml", edit("width = 8", "width = 1000000"), sample, "setting width is 1000000"},
		{"verse", "model.toml", edit("layers = 1", "layers = 1000000"), sample, "setting layers"},
		{"verse", "model.toml", edit("tokenizer = '", "tokenizer = '../"), sample, "not in the run's folder"},
		{"verse", "model.toml", of("houses/model.toml"), sample, "does not go on with texts"},
		{"houses", "model.toml", of("verse/model.toml"), predict + "houses.csv", "ruin"},
		{"reviews", "model.toml", of("houses/model.toml"), predict + "houses.csv", "no checkpoint that is whole"},
		{"houses", "model.toml", half, predict + "houses.csv", "model.toml"},
		{"houses", "config.toml", func([]byte) []byte { return []byte{} }, "train --resume ruin", "names no task"},
		{"houses", "checkpoints/*/model.safetensors", half, predict + "houses.csv", "no checkpoint that is whole"},
		{"houses", "checkpoints/*/model.safetensors", half, "train table --data houses.csv --out other --from ruin", "--from: ruin"},
		{"houses", "checkpoints/*/manifest.json", gone, "eval ruin", "no checkpoint that is whole"},
		{"verse", "config.toml", gone, "runs compare verse ruin", "no config.toml"},
	} {
		ruin(t, c.run, c.file, c.to)
		code, _, errs := ihae(t.Context(), strings.Fields(c.ask)...)
		last := errs[strings.LastIndex(strings.TrimSuffix(errs, "\n"), "\n")+1:]
		if code != exitInput || !strings.HasPrefix(last, "ihae: ") || !strings.Contains(last, c.want) {
			t.Errorf("%s, %s, %s: exit %d, %s", c.run, c.file, c.ask, code, errs)
		}
	}
	if _, err := os.Stat("other"); err == nil {
		t.Error("a training from a damaged run left a folder")
	}
}

// TestDataThatChanged edits what runs were trained on: they do not go on, and
// what they have is still there.
func TestDataThatChanged(t *testing.T) {
	t.Chdir(t.TempDir())
	for run, args := range smallRuns(t) {
		file := args[2]
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before := final(t, run)
		if err := os.Remove(filepath.Join(run, "result.json")); err != nil {
			t.Fatal(err)
		}
		last := len(old) - 1
		for what, change := range map[string][]byte{
			"appended": append(old[:last:last], old[last-40:]...), "cut": old[:len(old)*3/4], "emptied": {}, "gone": nil,
		} {
			if put(t, file, string(change)); change == nil {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
			code, _, errs := ihae(t.Context(), "train", "--resume", run, "-q")
			if code != exitUsage && code != exitInput || strings.Count(errs, "\n") != 1 || final(t, run) != before {
				t.Errorf("%s %s: exit %d, %s", file, what, code, errs)
			}
		}
		put(t, file, string(old))
		must(t, "train", "--resume", run, "-q")
	}
}
