package task_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

func tableJob(t *testing.T, text string, set ...string) (train.Job, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := task.Lookup("table")
	if err != nil {
		t.Fatal(err)
	}
	return s.Job(t.Context(), task.Options{Data: file, Dir: filepath.Join(t.TempDir(), "run"), Set: set, Threads: 2})
}

// flowers is 200 rows: two measures decide the kind, a third is noise.
func flowers() string {
	r, b := rng.New(3).Rand(), &strings.Builder{}
	fmt.Fprintln(b, "id,long,wide,colour,noise,area,kind")
	for i := range 200 {
		x, y := r.NormFloat64(), r.NormFloat64()
		kind := "small"
		if x+y > 0 {
			kind = "large"
		}
		colour := []string{"red", "blue", ""}[r.IntN(3)]
		fmt.Fprintf(b, "%d,%.3f,%.3f,%s,%.3f,%.4f,%s\n", i+1, x, y, colour, r.NormFloat64(), 3*x-y, kind)
	}
	return b.String()
}

// TestTableOfClasses learns, says what it does, and answers for rows.
func TestTableOfClasses(t *testing.T) {
	job, err := tableJob(t, flowers(), "ignore=area")
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(job.Notes, "\n")
	for _, want := range []string{`target: "kind"`, "number: long, wide, noise", "category: colour", "another value in each row: id", "left out as asked: area"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q:\n%s", want, notes)
		}
	}
	r, err := train.Fit(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if r.Split != "test" || r.Count != 30 || r.Metrics["accuracy"] < 0.85 || r.Baseline == nil || r.Baseline.Metrics["accuracy"] < 0.85 {
		t.Errorf("%s split, %d rows: %v, baseline %+v", r.Split, r.Count, r.Metrics, r.Baseline)
	}
	run, err := train.OpenRun(r.Run)
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	p, err := run.Predictor(pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := run.Model.Input.Table.Encoder([]string{"colour", "wide", "long", "noise"})
	if err != nil {
		t.Fatal(err)
	}
	var inputs []tensor.Tensor
	for _, cells := range [][]string{{"red", "2", "2", "0"}, {"green", "-2", "-2", ""}} {
		x := tensor.New(run.Model.Input.Type())
		if err := enc.Encode(x.Floats(), cells); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, x)
	}
	answers, err := p.AnswerAll(t.Context(), inputs)
	if err != nil || answers[0].Guesses[0].Label != "large" || answers[1].Guesses[0].Label != "small" {
		t.Errorf("%+v, %v", answers, err)
	}
	ds, err := run.Data(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if e, err := train.Evaluate(t.Context(), p, ds, ""); err != nil || e.Metrics["accuracy"] != r.Metrics["accuracy"] {
		t.Errorf("measured again: %v, %v; before %v", e.Metrics, err, r.Metrics)
	}
}

// TestTableOfValues learns a number, and goes on to the same bits.
func TestTableOfValues(t *testing.T) {
	job, err := tableJob(t, flowers(), "target=area", "ignore=kind", "epochs=60")
	if err != nil {
		t.Fatal(err)
	}
	r, err := train.Fit(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if r.Metrics["r2"] < 0.9 || r.Baseline.Metrics["r2"] < 0.99 || r.PerClass != nil {
		t.Errorf("%v, baseline %+v", r.Metrics, r.Baseline)
	}
	again, err := task.Resume(t.Context(), task.Options{Dir: r.Run})
	if err != nil {
		t.Fatal(err)
	}
	text, err := again.Model.Text()
	old, _ := job.Model.Text()
	if err != nil || string(text) != string(old) {
		t.Errorf("a run that goes on has another model: %v", err)
	}
}

// TestTableWarns of columns that give the target away and of rows that stand in
// two splits.
func TestTableWarns(t *testing.T) {
	b := &strings.Builder{}
	fmt.Fprintln(b, "x,code,y")
	for i := range 60 {
		fmt.Fprintf(b, "%d,%s,%s\n", i%10, []string{"A", "B"}[i%2], []string{"no", "yes"}[i%2])
	}
	job, err := tableJob(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(job.Notes, "\n")
	for _, want := range []string{`column "code" says the same as the target`, "stand in the training split too"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q:\n%s", want, notes)
		}
	}
}

// TestTableRefuses: one error that names what is wrong, and where.
func TestTableRefuses(t *testing.T) {
	many := &strings.Builder{}
	fmt.Fprintln(many, "x,y")
	for i := range 3000 {
		fmt.Fprintf(many, "%d,name%d\n", i%7, i)
	}
	column := func(cells string) string { // 40 rows whose last cell of a is another
		return "a,y\n" + strings.Repeat("1,no\n2,yes\n", 20) + cells + ",no\n"
	}
	for name, c := range map[string]struct {
		text string
		set  []string
		want string
	}{
		"one class":      {"x,y\n1,a\n2,a\n3,a\n", nil, "same value"},
		"no target":      {"x,y\n1,\n2,NA\n", nil, "empty in every row"},
		"one column":     {"y\n1\n2\n", nil, "one column"},
		"unknown target": {"x,y\n1,a\n2,b\n", []string{"target=z"}, `"z"`},
		"unknown ignore": {"x,y\n1,a\n2,b\n", []string{"ignore=z"}, `"z"`},
		"no number":      {"x,y\n1,a\n2,b\n", []string{"kind=value"}, "t.csv:2"},
		"many names":     {many.String(), nil, "neither classes nor numbers"},
		"infinity":       {column("1e999"), nil, "t.csv:42"},
		"a slip":         {column("l"), nil, `column "a"`},
		"constant":       {"x,y\n" + strings.Repeat("1,a\n1,b\n", 20), nil, "no column is left"},
		"constant value": {"x,y\n" + strings.Repeat("1,1.5\n2,1.5\n", 20), []string{"kind=value"}, "nothing to learn"},
		"unknown key":    {"x,y\n1,a\n2,b\n3,a\n4,b\n", []string{"widht=3"}, "width"},
		"huge numbers":   {"x,y\n" + strings.Repeat("1e308,1\n-1e308,2\n", 20), nil, "no column is left"},
	} {
		_, err := tableJob(t, c.text, c.set...)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; wanted %q", name, err, c.want)
		}
	}
}

// TestZooAnimals trains on the UCI's table of animals, which has no header.
func TestZooAnimals(t *testing.T) {
	file := filepath.Join(shared, "vision", "zoo_uci", "zoo.data")
	if _, err := os.Stat(file); err != nil {
		t.Skip("the table is not here:", err)
	}
	s, err := task.Lookup("table")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Run(t.Context(), task.Options{Data: file, Dir: filepath.Join(t.TempDir(), "run"), Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.Metrics["accuracy"] < 0.85 || r.Split != string(data.Test) {
		t.Errorf("%s: %v", r.Split, r.Metrics)
	}
}
