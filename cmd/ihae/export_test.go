package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// TestRunsInONNX trains a little of each kind of task, exports the run twice, and
// asks that both files are the same and answer as the run does, for any batch.
func TestRunsInONNX(t *testing.T) {
	for _, c := range []struct {
		name, in, out string
		args          []string
	}{
		{"faces", "image", "probability", []string{"faces", "--epochs", "1"}},
		{"images", "image", "probability", []string{"images", "--data", "stripes", "--epochs", "1"}},
		{"value", "row", "price", []string{"table", "--data", "houses.csv", "--steps", "20"}},
		{"categories", "row", "town", []string{"table", "--data", "many.csv", "--steps", "20", "--set", "target=town"}},
		{"text", "text", "label", []string{"text", "--data", "texts.csv", "--epochs", "1", "--set", "width=8", "--set", "channels=8"}},
		{"gpt", "text", "probability", []string{"chars", "--data", "a.txt", "--steps", "10", "--set", "context=16", "--set", "layers=2", "--set", "width=16", "--set", "heads=2"}},
		{"lstm", "text", "probability", []string{"chars", "--data", "a.txt", "--steps", "10", "--set", "context=12", "--set", "model=lstm", "--set", "width=8", "--set", "hidden=12"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			writeStripes(t)
			put(t, "houses.csv", houses(120))
			put(t, "many.csv", manyTowns(200))
			put(t, "texts.csv", "text,label\n"+strings.Repeat("the film is good,yes\nthe film is bad,no\n", 60))
			put(t, "a.txt", strings.Repeat("all happy families are alike; ", 60))
			must(t, slices.Concat([]string{"train"}, c.args, []string{"--out", "run", "-q"})...)
			must(t, "export", "run", "first.onnx")
			must(t, "export", "run", "second.onnx")
			m := sameModel(t, "first.onnx", "second.onnx")
			if in, out := m.Graph.Inputs[0].Name, m.Graph.Outputs[0].Name; in != c.in || out != c.out {
				t.Errorf("from %q to %q, want %q and %q", in, out, c.in, c.out)
			}
			checkMeta(t, m)
			answersAlike(t, m)
			if ask := map[string]string{"value": "houses.csv", "categories": "many.csv", "text": "texts.csv"}[c.name]; ask != "" {
				if a, b := must(t, "predict", "run", ask), must(t, "predict", "first.onnx", ask); a != b {
					t.Errorf("the run says\n%s, what it exports\n%s", a, b)
				}
			}
		})
	}
}

// manyTowns is a table with a category of too many values for a place each.
func manyTowns(rows int) string {
	b := &strings.Builder{}
	fmt.Fprintln(b, "street,rooms,town")
	for i := range rows {
		fmt.Fprintf(b, "s%d,%d,%s\n", i%25, i%6, []string{"Ulsan", "Jeju", "Busan"}[i%3])
	}
	return b.String()
}

// sameModel reads two files that must be the same.
func sameModel(t *testing.T, a, b string) *onnx.Model {
	t.Helper()
	first, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(b); err != nil || !bytes.Equal(first, second) {
		t.Errorf("%s and %s differ, %v", a, b, err)
	}
	m, err := onnx.Read(first, onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// checkMeta compares what a model says of itself with the run's description.
func checkMeta(t *testing.T, m *onnx.Model) {
	t.Helper()
	run, err := train.OpenRun("run")
	if err != nil {
		t.Fatal(err)
	}
	d, err := zoo.Describe(m, "nowhere.onnx", "")
	if err != nil || d.Origin != zoo.FromFile || d.Task != run.Model.Task || !slices.Equal(d.Labels, run.Model.Labels) {
		t.Errorf("the metadata describe %+v, %v", d, err)
	}
	var labels []string
	if text := m.MetaValue("ihae.labels"); text != "" {
		if err := json.Unmarshal([]byte(text), &labels); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(labels, run.Model.Labels) || m.MetaValue("ihae.task") != run.Model.Task || m.MetaValue("ihae.input.kind") != run.Model.Input.Kind || m.Producer != "ihae" {
		t.Errorf("metadata %v", m.Meta)
	}
	beside, err := zoo.Describe(m, "first.onnx", "")
	if err != nil || beside.Origin != zoo.FromBeside || beside.Input.Type() != run.Model.Input.Type() {
		t.Errorf("the file beside describes %+v, %v", beside, err)
	}
}

// answersAlike compares a model with the run, to 1e-6 of the largest answer.
func answersAlike(t *testing.T, m *onnx.Model) {
	t.Helper()
	pool := exec.NewPool(1)
	defer pool.Close()
	run, err := train.OpenRun("run")
	if err != nil {
		t.Fatal(err)
	}
	p, err := run.Predictor(pool, func(text string) { t.Error(text) })
	if err != nil {
		t.Fatal(err)
	}
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2, 5} {
		x := inputsFor(run.Model.Input, n)
		want, err := p.Answers(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Run(t.Context(), map[string]tensor.Tensor{m.Graph.Inputs[0].Name: x})
		if err != nil {
			t.Fatal(err)
		}
		if off := farthest(got[m.Graph.Outputs[0].Name], want); !(off <= 1e-6) {
			t.Errorf("batch %d is off by %g of the largest answer", n, off)
		}
	}
}

// inputsFor is n inputs, drawn.
func inputsFor(in data.Input, n int) tensor.Tensor {
	t := in.Type()
	t.Shape = tensor.Dims(append([]int{n}, t.Shape.Dims()...)...)
	x, rand := tensor.New(t), rng.New(uint64(n)).Rand()
	vocab := in.Vocab()
	if t.DType == tensor.Int32 {
		for i := range tensor.Of[int32](x) {
			tensor.Of[int32](x)[i] = int32(rand.IntN(vocab[0]))
		}
		return x
	}
	width := t.Shape.Dim(-1)
	for i := range x.Floats() {
		x.Floats()[i] = rand.Float32()
		if k := i%width - (width - len(vocab)); k >= 0 {
			x.Floats()[i] = float32(rand.IntN(vocab[k]))
		}
	}
	return x
}

// farthest is the largest difference relative to the largest of want; NaN for
// other types.
func farthest(got, want tensor.Tensor) float64 {
	if got.Type() != want.Type() {
		return math.NaN()
	}
	most, off := 1e-30, 0.0
	for i, v := range want.Floats() {
		most, off = max(most, math.Abs(float64(v))), max(off, math.Abs(float64(v-got.Floats()[i])))
	}
	return off / most
}

// TestExportIsCareful refuses what cannot be written, and writes over nothing
// unless asked to.
func TestExportIsCareful(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "train", "faces", "--epochs", "1", "--out", "run", "-q")
	line := lines(t, must(t, "export", "run", "a.onnx", "--json"))[0]
	if line["opset"] != 21.0 || line["run"] != "run" || fmt.Sprint(line["files"]) != "[a.onnx a.toml]" {
		t.Errorf("it says %v", line)
	}
	put(t, "b.toml", "mine")
	for _, c := range []struct {
		code int
		args []string
		want string
	}{
		{2, []string{"export", "run", "a.onnx"}, "a.onnx is there already; write over it with --force"},
		{2, []string{"export", "run", "b.onnx"}, "b.toml is there already"},
		{2, []string{"export", "run", "c.onnx", "--opset", "9"}, "--opset 9; there is 18 to 26"},
		{2, []string{"export", "run"}, "wants a RUN and a file to write"},
		{3, []string{"export", "nowhere", "c.onnx"}, "nowhere"},
		{3, []string{"export", "run", "none/c.onnx"}, "none"},
	} {
		if code, _, errs := ihae(t.Context(), c.args...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %s, want %d and %q", c.args, code, errs, c.code, c.want)
		}
	}
	if left, err := filepath.Glob("[.bc]*.onnx*"); err != nil || len(left) > 0 {
		t.Errorf("there is %v, %v", left, err)
	}
	must(t, "export", "run", "b.onnx", "--force", "--opset", "18")
	if b, err := onnx.Open("b.onnx", onnx.Limits{}); err != nil || b.Opset("") != 18 {
		t.Error(err)
	}
}

// TestExportedLogits: their softmax is the probabilities.
func TestExportedLogits(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "train", "faces", "--epochs", "1", "--out", "run", "-q")
	must(t, "export", "run", "p.onnx")
	must(t, "export", "run", "l.onnx", "--logits")
	run, err := train.OpenRun("run")
	if err != nil {
		t.Fatal(err)
	}
	x := inputsFor(run.Model.Input, 3)
	answer := map[string][]float32{}
	for _, name := range []string{"p.onnx", "l.onnx"} {
		m := sameModel(t, name, name)
		s, err := lower.NewSession(m, lower.Options{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Run(t.Context(), map[string]tensor.Tensor{"image": x})
		if err != nil {
			t.Fatal(err)
		}
		answer[m.Graph.Outputs[0].Name] = out[m.Graph.Outputs[0].Name].Floats()
	}
	p, l := answer["probability"], answer["logits"]
	if len(p) != 6 || len(l) != 6 {
		t.Fatalf("outputs %v", answer)
	}
	for i := 0; i < 6; i += 2 {
		if want := 1 / (1 + math.Exp(float64(l[i+1]-l[i]))); math.Abs(float64(p[i])-want) > 1e-6 {
			t.Errorf("logits %v and probabilities %v", l[i:i+2], p[i:i+2])
		}
	}
	if out := must(t, "predict", "l.onnx", facePicture(t)); out != strings.Replace(must(t, "predict", "p.onnx", "face.png"), "p.onnx", "l.onnx", 1) {
		t.Errorf("by logits the answer is %s", out)
	}
}

// facePicture writes a picture to ask about.
func facePicture(t *testing.T) string {
	must(t, "data", "show", "faces", "--split", "test", "--count", "1", "--columns", "1", "--out", "face.png")
	return "face.png"
}

// TestExportOfWhatWasONNX writes a network that came from an ONNX file: the file
// with new weights, and without its softmax if asked.
func TestExportOfWhatWasONNX(t *testing.T) {
	t.Chdir(t.TempDir())
	writeModel(t, "model.onnx")
	put(t, "model.onnx.toml", smallSpec)
	writeStripes(t)
	must(t, "finetune", "model.onnx", "--data", "stripes", "--out", "run", "--epochs", "1", "--set", "batch=8", "-q")
	must(t, "export", "run", "p.onnx")
	must(t, "export", "run", "l.onnx", "--logits")
	p, l := sameModel(t, "p.onnx", "p.onnx"), sameModel(t, "l.onnx", "l.onnx")
	if p.Graph.Outputs[0].Name != "probability" || l.Graph.Outputs[0].Name != "logits" || len(l.Graph.Nodes) != len(p.Graph.Nodes)-1 {
		t.Errorf("outputs %q and %q", p.Graph.Outputs[0].Name, l.Graph.Outputs[0].Name)
	}
	answersAlike(t, p)
	picture := pictureOf(t)
	if a, b := must(t, "predict", "p.onnx", picture), must(t, "predict", "l.onnx", picture); a != b {
		t.Errorf("probabilities say %s, logits %s", a, b)
	}
	if code, _, errs := ihae(t.Context(), "export", "run", "o.onnx", "--opset", "19"); code != 2 || !strings.Contains(errs, "keeps its opset") {
		t.Errorf("exit %d, %s", code, errs)
	}
}
