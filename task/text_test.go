package task_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

// write makes a file of that text.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// opinions is a table of n texts, whose label one word decides.
func opinions(n int) string {
	var b strings.Builder
	b.WriteString("id\treview\tsentiment\n")
	draw := rng.New(4).Rand()
	fillers := []string{"이", "영화는", "배우가", "정말", "그냥", "오늘", "음악이", "끝까지"}
	for i := range n {
		words := []string{}
		for range 4 {
			words = append(words, fillers[draw.IntN(len(fillers))])
		}
		label, word := "좋음", "재밌어요"
		if i%2 == 0 {
			label, word = "나쁨", "지루해요"
		}
		words[draw.IntN(4)] = word
		fmt.Fprintf(&b, "%d\t%s\t%s\n", i, strings.Join(words, " "), label)
	}
	return b.String()
}

// TestTextLearns learns which word decides, and finds the columns by itself.
func TestTextLearns(t *testing.T) {
	s, err := task.Lookup("text")
	if err != nil {
		t.Fatal(err)
	}
	for _, units := range []string{"auto", "jamo", "bytes", "words"} {
		o := task.Options{
			Dir: t.TempDir(), Data: write(t, "a.tsv", opinions(400)), Threads: 1,
			Set: []string{"epochs=6", "batch=16", "lr=0.005", "width=16", "channels=16", "sizes=2,3", "units=" + units, "vocabulary=600"},
		}
		r, err := s.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Metrics["accuracy"] < 0.95 || r.Baseline.Metrics["accuracy"] < 0.95 {
			t.Errorf("%s: accuracy %v, of the baseline %v", units, r.Metrics["accuracy"], r.Baseline.Metrics["accuracy"])
		}
		if top := r.Baseline.Telling["좋음"]; len(top) == 0 || !strings.Contains(top[0], "재밌어요") {
			t.Errorf("%s: what speaks for 좋음: %q", units, top)
		}
		run, err := train.OpenRun(o.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if in := run.Model.Input.Text; in.Column != "review" || in.Encoder == nil || in.Vocab < 10 {
			t.Errorf("%s: the run's input is %+v", units, in)
		}
		ds, err := run.Data(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if ds.Len("test") != r.Count {
			t.Errorf("%s: %d examples to test on, %d when it was trained", units, ds.Len("test"), r.Count)
		}
	}
}

// TestTextWarns names what is wrong with texts.
func TestTextWarns(t *testing.T) {
	s, err := task.Lookup("text")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"train.csv": "text,label\na b,x\nc d,y\na b,y\n,x\n", "test.csv": "text,label\na b,x\nnew,y\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	job, err := s.Job(t.Context(), task.Options{Data: dir, Set: []string{"valid=0"}})
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(job.Notes, "\n")
	for _, want := range []string{
		"1 texts of test or valid stand in the training split too, which flatters the result; the first test.csv:2",
		"1 texts came before with another label", "1 texts are empty", `the class "x" has only 2 texts`, "only 2 texts: its figures are rough",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note says %q:\n%s", want, notes)
		}
	}
}

// TestTextRefuses wants an error that says what to do.
func TestTextRefuses(t *testing.T) {
	s, err := task.Lookup("text")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file string
		set  []string
		want string
	}{
		{"a b\nc d\n", nil, "one column"},
		{"text,label\na b,1\nc d,1\n", nil, "1 different values"},
		{"text,label\na b,1\nc d,2\n", []string{"label=klass"}, `no column "klass"`},
		{"text,label\na b,1\nc d,2\n", []string{"text=label"}, "the same column"},
		{"text,label\na b,1\nc d,2\n", []string{"units=runes"}, "want one of"},
	} {
		_, err := s.Job(t.Context(), task.Options{Data: write(t, "a.csv", c.file), Set: c.set})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %v: error %v, want %q", c.file, c.set, err, c.want)
		}
	}
}

// TestCharsResume stops trainings of language models and goes on: the weights
// are those of a run that was not stopped, on another number of threads.
func TestCharsResume(t *testing.T) {
	s, err := task.Lookup("chars")
	if err != nil {
		t.Fatal(err)
	}
	text := write(t, "a.txt", strings.Repeat("다람쥐 헌 쳇바퀴에 타고파. The quick brown fox.\n", 60))
	for _, model := range []string{"gpt", "lstm"} {
		small := map[string]string{"gpt": "heads=2", "lstm": "hidden=16"}[model]
		o := task.Options{
			Data: text, Dir: t.TempDir(), Threads: 1,
			Set: []string{"model=" + model, small, "layers=1", "width=16", "context=12", "batch=4", "valid.every=7", "epochs=2", "units=jamo"},
		}
		if _, err := s.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		whole := weights(t, o.Dir, 14)

		ctx, stop := context.WithCancel(t.Context())
		o.Dir, o.Threads, o.Reporter = t.TempDir(), 2, stopAt{9, stop}
		var interrupted *train.InterruptedError
		if _, err := s.Run(ctx, o); !errors.As(err, &interrupted) {
			t.Fatalf("stopped with %v", err)
		}
		job, err := task.Resume(t.Context(), task.Options{Dir: o.Dir, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		r, err := train.Fit(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(weights(t, o.Dir, 14), whole) {
			t.Errorf("%s: a run that was stopped comes to other weights", model)
		}
		if r.Metrics["perplexity"] <= 1 || r.Split != "valid" {
			t.Errorf("%s: %+v", model, r)
		}
		samples, err := train.ReadSamples(o.Dir)
		if err != nil || len(samples) != 2 || samples[0].Step != 7 || samples[1].Text == "" {
			t.Errorf("%s: samples %+v, %v", model, samples, err)
		}
	}
}

// stopAt ends a training after a step.
type stopAt struct {
	step int
	stop func()
}

func (s stopAt) Report(p train.Progress) {
	if p.Step == s.step {
		s.stop()
	}
}

func weights(t *testing.T, dir string, step int) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "checkpoints", fmt.Sprintf("step-%06d", step), "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
