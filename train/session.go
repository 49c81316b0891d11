package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/internal/cpu"
)

// open takes the folder and brings the run to where it stood.
func (f *fitter) open() error {
	if !f.Resume {
		if owner, ok := Writer(f.Dir); ok {
			return &LockedError{f.Dir, owner}
		}
		if err := UseFolder(f.Dir); err != nil {
			return err
		}
	} else if _, err := ReadHeader(f.Dir); err != nil {
		return err
	}
	var err error
	if f.lock, err = acquire(f.Dir, f.Now()); err != nil {
		return err
	}
	f.closers = append(f.closers, f.lock.release)
	f.openLog()
	if err := f.describe(); err != nil {
		f.close()
		return err
	}
	if err := f.restore(); err != nil {
		f.close()
		return err
	}
	f.rec = openRecorder(f.Files, f.Dir, f.s.Records, f.s.Step, f.warn)
	f.closers = append(f.closers, f.rec.close)
	f.log.Info("start", "resume", f.Resume, "step", f.s.Step, "steps", f.total, "threads", f.Threads, "pid", os.Getpid())
	return nil
}

func (f *fitter) close() {
	for i := len(f.closers) - 1; i >= 0; i-- {
		f.closers[i]()
	}
	f.closers = nil
}

// openLog starts log.jsonl; a run goes on without if that cannot be.
func (f *fitter) openLog() {
	f.log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	file, err := f.Files.Append(filepath.Join(f.Dir, logFile))
	if err != nil {
		f.warn(fmt.Sprintf("cannot write %s: %v", logFile, err))
		return
	}
	f.log = slog.New(slog.NewJSONHandler(file, nil))
	f.closers = append(f.closers, func() { _ = file.Close() })
}

// describe writes the files that say what the run is, config.toml first, since
// it is what makes the folder a run. A resumed run is held to them; those that
// are not there yet are written then.
func (f *fitter) describe() error {
	env := environment(string(cpu.Best()), f.Threads, f.Header.Seed, f.Now())
	var err error
	if env.Data, err = Fingerprint(f.Data); err != nil {
		return err
	}
	if !f.Resume {
		if err := writeHeader(f.Files, f.Dir, f.Header); err != nil {
			return err
		}
	}
	if old, err := ReadEnv(f.Dir); err != nil {
		if err := writeJSON(f.Files, filepath.Join(f.Dir, envFile), env); err != nil {
			return err
		}
	} else if old.Data != env.Data {
		return &ConfigError{"data", fmt.Sprintf("the run was trained on other data (checksum %.12s, now %.12s); give the old data with --data, or start a new run", old.Data, env.Data)}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Beside)) {
		if err := f.describeFile(name, f.Beside[name]); err != nil {
			return err
		}
	}
	text, err := f.Model.Text()
	if err != nil {
		return &ConfigError{"architecture", err.Error()}
	}
	if err := f.describeFile(modelTOML, text); err != nil {
		return err
	}
	if err := f.Files.MkdirAll(f.store.dir()); err != nil {
		return &StorageError{"make the folder of checkpoints", err}
	}
	return nil
}

// describeFile writes a file that says what the network is, or holds the run to
// it.
func (f *fitter) describeFile(name string, text []byte) error {
	path := filepath.Join(f.Dir, name)
	old, err := f.Files.ReadFile(path)
	if err == nil && !bytes.Equal(old, text) {
		return &ConfigError{"architecture", firstDifference(name, old, text)}
	}
	if err == nil {
		return nil
	}
	if err := replaceFile(f.Files, path, text); err != nil {
		return &StorageError{"write " + name, err}
	}
	return nil
}

// firstDifference tells the first line in which a run's file is another.
func firstDifference(name string, old, now []byte) string {
	a, b := strings.Split(string(old), "\n"), strings.Split(string(now), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%s of the run says %.200q in line %d, the task now %.200q; start a new run", name, a[i], i+1, b[i])
		}
	}
	return name + " of the run has another length than the task's now; start a new run"
}

// restore loads the newest checkpoint that is whole.
func (f *fitter) restore() error {
	for _, step := range f.store.steps() {
		c, err := readCheckpoint(f.store, step)
		if err == nil {
			err = f.load(c)
		}
		if err != nil {
			f.warn(fmt.Sprintf("checkpoint %s is damaged: %v; trying the one before", stepName(step), err))
			continue
		}
		f.s, f.saved, f.first = c.state, c.state, c.state.Step
		f.before = c.manifest.Seconds
		return f.repoint()
	}
	if f.Resume {
		f.warn("there is no checkpoint to go on from; starting from the beginning")
	}
	if f.Header.From != "" {
		return f.transfer()
	}
	return nil
}

// repoint makes the pointers agree with what was loaded.
func (f *fitter) repoint() error {
	if last, ok := f.store.pointed(lastPointer); !ok || last != f.s.Step {
		if err := f.store.point(lastPointer, f.s.Step); err != nil {
			return err
		}
	}
	return nil
}

// load copies a checkpoint into the network and the optimizer.
func (f *fitter) load(c *checkpoint) error {
	if err := c.fillModel(f.shown()); err != nil {
		return err
	}
	if f.average != nil {
		if err := c.fillTrained(f.net); err != nil {
			return err
		}
	}
	return c.fillSlots(f.step.Slots, f.step.slots)
}

// save writes a checkpoint unless the newest one is the same.
func (f *fitter) save() error {
	f.s.Records = f.rec.n
	if f.s == f.saved && f.s.Step > 0 {
		return nil
	}
	if f.s.Step == 0 {
		return nil
	}
	if !f.lock.held() {
		return &StorageError{"write a checkpoint into " + f.Dir, errRemoved}
	}
	if name := f.step.unsound(); name != "" {
		return f.diverged(f.s.Step, name)
	}
	f.rec.sync()
	text, err := json.Marshal(f.s)
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	m := Manifest{
		Step: f.s.Step, Epoch: f.s.Epoch, Written: f.Now().UTC(),
		Host: host, Threads: f.Threads, Seconds: f.seconds(),
	}
	f.refresh()
	if err := f.store.write(m, f.blobs(string(text))); err != nil {
		return err
	}
	if err := f.store.point(lastPointer, f.s.Step); err != nil {
		return err
	}
	best := f.best()
	if now, ok := f.store.pointed(bestPointer); !ok || now != best {
		if err := f.store.point(bestPointer, best); err != nil {
			return err
		}
	}
	f.store.prune(f.s.Step, best)
	f.saved = f.s
	f.log.Info("checkpoint", "step", f.s.Step, "epoch", f.s.Epoch)
	f.report(EventCheckpoint, "")
	return nil
}

// best is the step of the checkpoint to judge the run by: of the best
// validation, or the newest where nothing is validated.
func (f *fitter) best() int {
	if f.s.Best != nil {
		return f.s.Best.Step
	}
	return f.s.Step
}

func (f *fitter) elapsed() time.Duration { return f.Now().Sub(f.began) }

func (f *fitter) seconds() float64 { return f.before + f.elapsed().Seconds() }

func (f *fitter) rate() float64 {
	return float64((f.s.Step-f.first)*f.Config.batchOf(f.Data.Len("train"))) / max(f.elapsed().Seconds(), 1e-9)
}

func (f *fitter) warn(text string) {
	f.log.Warn(text)
	f.report(EventWarning, text)
}

func (f *fitter) record(split string, loss, accuracy float64) {
	f.rec.add(Record{
		Step: f.s.Step, Epoch: float64(f.s.Epoch) + float64(f.s.Batch)/float64(f.perEpoch), Split: split,
		Loss: Figure(loss), Accuracy: Figure(accuracy), LR: Figure(f.lr(f.s.Step - 1)), Seconds: f.seconds(), Rate: Figure(f.rate()),
	})
}

func (f *fitter) report(e Event, text string) {
	p := Progress{
		Event: e, Text: text, Run: f.Dir,
		Step: f.s.Step, Steps: f.total,
		Epoch: min(f.s.Epoch+1, f.epochs()), Epochs: f.epochs(),
		Loss: f.s.Running.loss(), Accuracy: f.accuracy(f.s.Running), LR: f.lr(f.s.Step - 1),
		Rate: f.rate(), Unit: f.Model.Unit(), Elapsed: f.elapsed(), Memory: PeakMemory(),
		Valid: f.s.Valid, Best: f.s.Best, Saved: f.saved.Step,
	}
	if done := f.s.Step - f.first; done > 0 {
		p.Left = time.Duration(float64(p.Elapsed) / float64(done) * float64(f.total-f.s.Step))
	}
	f.Reporter.Report(p)
}

// accuracy is that of t, NaN where answers are not right or wrong.
func (f *fitter) accuracy(t tally) float64 {
	if f.Model.Output.Is(data.OutputValue) {
		return math.NaN()
	}
	return t.accuracy()
}

func (f *fitter) epochs() int { return (f.total + f.perEpoch - 1) / f.perEpoch }
