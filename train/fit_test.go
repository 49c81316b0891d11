package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

const side = 8

// halves is a dataset of images that are brighter on one side; there is noise
// on top. with is its splits.
func halves(t *testing.T, with map[data.Split]int) data.Dataset {
	t.Helper()
	parts := map[data.Split]data.Part{}
	for s, n := range with {
		draw := rng.New(7).Split(string(s)).Rand()
		images := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(n, side, side, 1)})
		part := data.Part{Images: images, Labels: make([]int32, n)}
		for i := range n {
			part.Labels[i] = int32(i % 2)
			for k := range side * side {
				images.Bytes()[i*side*side+k] = byte(draw.IntN(128))
				if (k%side)*2/side == i%2 {
					images.Bytes()[i*side*side+k] += 100
				}
			}
		}
		parts[s] = part
	}
	ds, err := data.NewPacked(data.Card{Name: "halves", Classes: []string{"left", "right"}}, parts)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// fiveEpochs is a training of 25 steps with all that has state: momentum,
// buffers, dropout, augmentation, validation.
func fiveEpochs(t *testing.T, dir string) Job {
	t.Helper()
	ds := halves(t, map[data.Split]int{data.Train: 40, data.Valid: 12, data.Test: 20})
	return Job{
		Dir:    dir,
		Header: Header{Task: "halves", Dataset: "halves", Seed: 3, Settings: map[string]any{"epochs": 5}},
		Model: zoo.Model{
			Task:         "halves",
			Architecture: zoo.Architecture{Name: "faces-cnn", Settings: zoo.Settings{"widths": []int{4, 8}, "dropout": 0.2}},
			Labels:       ds.Card().Classes,
			Input:        data.Input{Name: "image", Kind: "image", Width: side, Height: side, Channels: 1},
		},
		Data: ds,
		Config: Config{
			Epochs: 5, Batch: 8, LR: 0.05, Schedule: optim.OneCycle{}, CheckpointEvery: 3,
			Optimizer: optim.SGD{Momentum: 0.9, Nesterov: true}, Augment: []data.Augment{data.Flip{}, data.Crop{Pad: 1}},
		},
		Threads: 2,
		Files:   hasty{},
	}
}

// hasty is a disk that does not wait for the platter.
type hasty struct{ Disk }

func (d hasty) Create(name string) (File, error) {
	f, err := d.Disk.Create(name)
	return hastyFile{f}, err
}

func (hasty) SyncDir(string) error { return nil }

type hastyFile struct{ File }

func (hastyFile) Sync() error { return nil }

// at calls do when a step is done.
type at struct {
	step int
	do   func()
}

func (a at) Report(p Progress) {
	if p.Event == EventStep && p.Step == a.step {
		a.do()
	}
}

// weights is the bytes of the newest checkpoint.
func weights(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	for _, name := range []string{modelFile, stateFile} {
		text, err := os.ReadFile(filepath.Join(dir, checkpointsDir, stepName(NewestStep(dir)), name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return strings.Join(all, "\n")
}

func mustFit(t *testing.T, job Job) Result {
	t.Helper()
	r, err := Fit(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestResumedEqualsUnbroken stops a training after every third step, goes on,
// and stops again; weights, optimizer, state, metrics and result must be those
// of a training that was never stopped.
func TestResumedEqualsUnbroken(t *testing.T) {
	whole := fiveEpochs(t, t.TempDir())
	want := mustFit(t, whole)
	for stop := 1; stop < 25; stop += 3 {
		dir := t.TempDir()
		for _, step := range []int{stop, stop + 2} {
			ctx, cancel := context.WithCancel(t.Context())
			job := fiveEpochs(t, dir)
			job.Resume, job.Threads = step != stop, 1+step%3
			job.Reporter = at{step, cancel}
			var interrupted *InterruptedError
			if _, err := Fit(ctx, job); !errors.As(err, &interrupted) && step < 25 {
				t.Fatalf("stopped after step %d: %v", step, err)
			}
			cancel()
		}
		job := fiveEpochs(t, dir)
		job.Resume = true
		got := mustFit(t, job)
		if weights(t, dir) != weights(t, whole.Dir) {
			t.Errorf("stopped after steps %d and %d: other weights or state", stop, stop+2)
		}
		if fmt.Sprint(got.Metrics, got.Step) != fmt.Sprint(want.Metrics, want.Step) {
			t.Errorf("stopped after step %d: %v, want %v", stop, got, want)
		}
		sameRecords(t, dir, whole.Dir)
	}
}

// sameRecords compares metrics without what depends on the clock.
func sameRecords(t *testing.T, a, b string) {
	t.Helper()
	var texts []string
	for _, dir := range []string{a, b} {
		records, err := Records(dir)
		if err != nil || len(records) == 0 {
			t.Fatal(len(records), err)
		}
		for i := range records {
			records[i].Seconds, records[i].Rate = 0, 0
		}
		texts = append(texts, fmt.Sprint(records))
	}
	if texts[0] != texts[1] {
		t.Errorf("records differ:\n%s\n%s", texts[0], texts[1])
	}
}

// TestLearns asks for more than guessing gives, and for the files of a run.
func TestLearns(t *testing.T) {
	job := fiveEpochs(t, t.TempDir())
	job.Config.Augment, job.Config.Epochs = nil, 20
	r := mustFit(t, job)
	if acc := float64(r.Metrics["accuracy"]); acc < 0.9 || r.Split != "test" || r.Count != 20 {
		t.Errorf("accuracy %v on %d of %s", acc, r.Count, r.Split)
	}
	for _, name := range []string{configFile, envFile, metricsFile, logFile, modelTOML, resultFile, costFile, predictionsFile} {
		if info, err := os.Stat(filepath.Join(job.Dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := ReadCost(job.Dir); err != nil || c.StepFLOPs == 0 || c.ExampleFLOPs == 0 || c.Parameters == 0 {
		t.Errorf("cost %+v, %v", c, err)
	}
	again := job
	again.Resume, again.Data = true, job.Data
	if second := mustFit(t, again); fmt.Sprint(second.Metrics) != fmt.Sprint(r.Metrics) {
		t.Error("resuming a finished run gives another result")
	}
}

// TestMeasuresWhereThereIsNoTestSplit falls back to valid, then to train.
func TestMeasuresWhereThereIsNoTestSplit(t *testing.T) {
	for want, splits := range map[string]map[data.Split]int{
		"valid": {data.Train: 40, data.Valid: 12},
		"train": {data.Train: 40},
	} {
		job := fiveEpochs(t, t.TempDir())
		job.Data = halves(t, splits)
		if r := mustFit(t, job); r.Split != want {
			t.Errorf("measured on %s, want %s", r.Split, want)
		}
	}
}

// TestKilledBeforeTheFirstCheckpoint goes on from nothing but config.toml.
func TestKilledBeforeTheFirstCheckpoint(t *testing.T) {
	whole, dead := fiveEpochs(t, t.TempDir()), fiveEpochs(t, t.TempDir())
	mustFit(t, whole)
	if err := writeHeader(Disk{}, dead.Dir, dead.Header); err != nil {
		t.Fatal(err)
	}
	dead.Resume = true
	mustFit(t, dead)
	if weights(t, dead.Dir) != weights(t, whole.Dir) {
		t.Error("other weights")
	}
}

// TestDivergenceStopsWithinOneStep has an optimizer that makes parameters
// infinite at step 5, which no checkpoint may hold, and a learning rate that
// makes the loss infinite.
func TestDivergenceStopsWithinOneStep(t *testing.T) {
	job := fiveEpochs(t, t.TempDir())
	job.Config.Optimizer, job.Config.CheckpointEvery = poison{}, 1
	var diverged *DivergedError
	if _, err := Fit(t.Context(), job); !errors.As(err, &diverged) || diverged.Step > 6 || diverged.Last != 4 {
		t.Errorf("error = %v", err)
	}
	if step := NewestStep(job.Dir); step != 4 {
		t.Errorf("the newest checkpoint is of step %d", step)
	}
	job = fiveEpochs(t, t.TempDir())
	job.Config.LR = 1e30
	if _, err := Fit(t.Context(), job); !errors.As(err, &diverged) {
		t.Errorf("error = %v", err)
	}
}

// poison divides by zero in its fifth update.
type poison struct{}

func (poison) Name() string               { return "poison" }
func (poison) Slots(tensor.Type) []string { return nil }
func (poison) Update(u optim.Step) (*graph.Node, []*graph.Node) {
	five := u.Count.Graph().Fill(5, scalarType)
	bad := ops.Div(u.Count.Graph().Fill(1e-30, scalarType), ops.Sub(five, u.Count))
	return ops.Add(u.Param, bad), nil
}

// TestEarlyStop trains with a rate that changes nothing.
func TestEarlyStop(t *testing.T) {
	job := fiveEpochs(t, t.TempDir())
	job.Config.Patience, job.Config.LR = 2, 1e-12
	job.Config.Epochs = 50
	if r := mustFit(t, job); r.Stopped == "" || r.Steps >= 250 {
		t.Errorf("stopped %q after %d steps", r.Stopped, r.Steps)
	}
}

// TestDamagedCheckpointsArePassedOver damages the newest of a stopped run.
func TestDamagedCheckpointsArePassedOver(t *testing.T) {
	whole := fiveEpochs(t, t.TempDir())
	mustFit(t, whole)
	for _, name := range []string{modelFile, stateFile, manifestFile} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		job := fiveEpochs(t, dir)
		job.Reporter = at{14, cancel}
		_, _ = Fit(ctx, job)
		path := filepath.Join(dir, checkpointsDir, stepName(14), name)
		if err := os.WriteFile(path, []byte("{rot"), 0o644); err != nil {
			t.Fatal(err)
		}
		_ = os.WriteFile(filepath.Join(dir, checkpointsDir, lastPointer), []byte("rot"), 0o644)
		job = fiveEpochs(t, dir)
		job.Resume = true
		w := &warnings{}
		job.Reporter = w
		mustFit(t, job)
		if len(w.texts) != 1 || !strings.Contains(w.texts[0], stepName(14)) {
			t.Errorf("%s: warnings %q", name, w.texts)
		}
		if weights(t, dir) != weights(t, whole.Dir) {
			t.Errorf("%s: other weights", name)
		}
	}
}

type warnings struct{ texts []string }

func (w *warnings) Report(p Progress) {
	if p.Event == EventWarning {
		w.texts = append(w.texts, p.Text)
	}
}

// full is a disk with room for some bytes, or that cannot write one file.
type full struct {
	Disk
	left   *int
	refuse string
}

func (d full) Create(name string) (File, error) {
	f, err := d.Disk.Create(name)
	return fullFile{f, d, name}, err
}

func (d full) Append(name string) (File, error) {
	f, err := d.Disk.Append(name)
	return fullFile{f, d, name}, err
}

type fullFile struct {
	File
	d    full
	name string
}

func (f fullFile) Write(p []byte) (int, error) {
	if *f.d.left -= len(p); *f.d.left < 0 || filepath.Base(f.name) == f.d.refuse {
		return 0, &os.PathError{Op: "write", Path: f.name, Err: syscall.ENOSPC}
	}
	return f.File.Write(p)
}

// TestFullDisk keeps the older checkpoints, leaves nothing behind, and goes on
// when there is room.
func TestFullDisk(t *testing.T) {
	whole := fiveEpochs(t, t.TempDir())
	mustFit(t, whole)
	for _, room := range []int{20_000, 40_000, 61_234} {
		job := fiveEpochs(t, t.TempDir())
		job.Files = full{left: &room}
		var storage *StorageError
		if _, err := Fit(t.Context(), job); !errors.As(err, &storage) || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("error = %v", err)
		}
		s := store{Disk{}, job.Dir}
		for _, name := range names(t, s) {
			if strings.HasPrefix(name, tmpPrefix) {
				t.Errorf("%s is left", name)
			}
		}
		for _, step := range s.steps() {
			if _, err := readCheckpoint(s, step); err != nil {
				t.Error(err)
			}
		}
		job.Files, job.Resume = nil, true
		mustFit(t, job)
		if weights(t, job.Dir) != weights(t, whole.Dir) {
			t.Error("other weights")
		}
	}
}

// TestLostMetricsDoNotStopATraining warns once.
func TestLostMetricsDoNotStopATraining(t *testing.T) {
	job, room, w := fiveEpochs(t, t.TempDir()), 1<<30, &warnings{}
	job.Files, job.Reporter = full{left: &room, refuse: metricsFile}, w
	mustFit(t, job)
	if len(w.texts) != 1 || !strings.Contains(w.texts[0], metricsFile) {
		t.Errorf("warnings %q", w.texts)
	}
}
