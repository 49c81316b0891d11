package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/rng"
)

// features is the settings that keep something over a run.
var features = map[string]func(*Config){
	"clip":       func(c *Config) { c.ClipNorm, c.ClipValue = 0.5, 0.1 },
	"accumulate": func(c *Config) { c.Accumulate = 4 },
	"ema":        func(c *Config) { c.Average = Average{Kind: AverageEMA, Decay: 0.9} },
	"swa":        func(c *Config) { c.Average = Average{Kind: AverageSWA, Start: 0.3, Rate: 0.2} },
	"freeze":     func(c *Config) { c.Freeze = []string{"*.norm"} },
	"spare":      func(c *Config) { c.Spare = true },
	"adam":       func(c *Config) { c.Optimizer, c.LR = optim.Adam{AMSGrad: true, WeightDecay: 1e-3}, 0.01 },
	"plateau": func(c *Config) {
		c.Schedule = optim.Plateau{Factor: 0.5, Patience: 1, MinGain: 0.2}
	},
	"all": func(c *Config) {
		c.ClipNorm, c.Accumulate, c.Average = 1, 2, Average{Kind: AverageEMA}
		c.Schedule = optim.Warmup{Steps: 3, Then: optim.Plateau{Factor: 0.5, MinGain: 0.2}}
	},
}

// TestFeaturesResume stops a training with each feature, twice, and goes on: the
// bits of a training that was never stopped.
func TestFeaturesResume(t *testing.T) {
	for name, set := range features {
		t.Run(name, func(t *testing.T) {
			job := func(dir string) Job {
				j := fiveEpochs(t, dir)
				j.Config.Epochs = 3
				set(&j.Config)
				return j
			}
			whole := job(t.TempDir())
			want := mustFit(t, whole)
			broken := job(t.TempDir())
			for _, stop := range []int{4, 10} { // within an epoch, and at its end
				ctx, cancel := context.WithCancel(t.Context())
				broken.Reporter = at{stop, cancel}
				var interrupted *InterruptedError
				if _, err := Fit(ctx, broken); !errors.As(err, &interrupted) {
					t.Fatalf("stopped after step %d: %v", stop, err)
				}
				cancel()
				broken.Resume, broken.Threads = true, 1
			}
			broken.Reporter = nil
			got := mustFit(t, broken)
			if weights(t, whole.Dir) != weights(t, broken.Dir) || fmt.Sprint(got.Metrics) != fmt.Sprint(want.Metrics) {
				t.Error("other weights, state or metrics")
			}
			sameRecords(t, broken.Dir, whole.Dir)
		})
	}
}

// modelOf is the model's tensors of the newest checkpoint, and the trained ones
// where they are others.
func modelOf(t *testing.T, dir string) (model, trained map[string][]float32) {
	t.Helper()
	c, err := readCheckpoint(store{Disk{}, dir}, NewestStep(dir))
	if err != nil {
		t.Fatal(err)
	}
	model, trained = map[string][]float32{}, map[string][]float32{}
	for _, name := range c.model.Names() {
		v, err := c.model.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		model[name] = append([]float32{}, v.Floats()...)
		if v, err = c.slots.Tensor(trainedPrefix + name); err == nil {
			trained[name] = append([]float32{}, v.Floats()...)
		}
	}
	return model, trained
}

// TestAveragesAreOfTheWeights follows a training beside one without averages:
// the same weights are trained, and the averages are those of the formula.
func TestAveragesAreOfTheWeights(t *testing.T) {
	const decay = 0.9
	free := fiveEpochs(t, t.TempDir())
	var want map[string][]float64
	n := 0.0
	free.Config.CheckpointEvery = 1
	free.Reporter = onCheckpoint(func() {
		now, _ := modelOf(t, free.Dir)
		keep := min(decay, (1+n)/(10+n))
		if want == nil {
			want, keep = map[string][]float64{}, 0
		}
		n++
		for path, v := range now {
			if want[path] == nil {
				want[path] = make([]float64, len(v))
			}
			for i, x := range v {
				want[path][i] = keep*want[path][i] + (1-keep)*float64(x)
			}
		}
	})
	mustFit(t, free)

	averaged := fiveEpochs(t, t.TempDir())
	averaged.Config.Average = Average{Kind: AverageEMA, Decay: decay}
	mustFit(t, averaged)
	model, trained := modelOf(t, averaged.Dir)
	last, _ := modelOf(t, free.Dir)
	if fmt.Sprint(trained) != fmt.Sprint(last) {
		t.Error("averaging changes the training")
	}
	for path, v := range model {
		for i, x := range v {
			if math.Abs(float64(x)-want[path][i]) > 1e-5*max(1, math.Abs(want[path][i])) {
				t.Fatalf("%s[%d] is %v, want %v", path, i, x, want[path][i])
			}
		}
	}
}

// onCheckpoint is called for each checkpoint.
type onCheckpoint func()

// Report implements Reporter.
func (f onCheckpoint) Report(p Progress) {
	if p.Event == EventCheckpoint {
		f()
	}
}

// TestSWAHoldsTheRate looks at the recorded rates, and that the batch norm's
// statistics are neither those of the weights nor untouched.
func TestSWAHoldsTheRate(t *testing.T) {
	job := fiveEpochs(t, t.TempDir())
	job.Config.Average = Average{Kind: AverageSWA, Start: 0.4, Rate: 0.5}
	mustFit(t, job)
	records, err := Records(job.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		begun := r.Step > 10
		if held := math.Abs(float64(r.LR)-0.5*job.Config.LR) < 1e-12; held != begun {
			t.Errorf("step %d: rate %v", r.Step, r.LR)
		}
	}
	model, trained := modelOf(t, job.Dir)
	differ := 0
	for path, v := range model {
		if strings.HasSuffix(path, "variance") && fmt.Sprint(v) != fmt.Sprint(trained[path]) && v[0] != 1 {
			differ++
		}
	}
	if differ == 0 {
		t.Error("no running variance was computed anew")
	}
}

// TestFreezing keeps a layer, and refuses patterns that name nothing.
func TestFreezing(t *testing.T) {
	job := fiveEpochs(t, t.TempDir())
	net, err := job.Model.Net(rng.New(job.Header.Seed).Split("model"))
	if err != nil {
		t.Fatal(err)
	}
	var frozen []string
	for _, p := range nn.Params(net) {
		if strings.Contains(p.Path, "0.") {
			frozen = append(frozen, p.Path)
		}
	}
	job.Config.Freeze = frozen[:2]
	mustFit(t, job)
	model, _ := modelOf(t, job.Dir)
	for _, p := range nn.Params(net) {
		same := fmt.Sprint(model[p.Path]) == fmt.Sprint(p.Value.Floats())
		if want := p.Path == frozen[0] || p.Path == frozen[1]; same != want {
			t.Errorf("%s kept its value: %v", p.Path, same)
		}
	}
	for _, c := range []struct{ pattern, want string }{
		{"nothing", `"nothing" names no parameter; there is `},
		{strings.Replace(frozen[0], "weight", "wait", 1), frozen[0]},
		{"[", "no pattern"},
		{"*", "leaves no parameter to train"},
	} {
		job := fiveEpochs(t, t.TempDir())
		job.Config.Freeze = []string{c.pattern}
		var e *ConfigError
		if _, err := Fit(t.Context(), job); !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.pattern, err, c.want)
		}
	}
}

// TestFromARun starts from a run's weights: with the same head, another head,
// and what has nothing to start from.
func TestFromARun(t *testing.T) {
	first := fiveEpochs(t, t.TempDir())
	mustFit(t, first)
	second := fiveEpochs(t, t.TempDir())
	if err := second.Header.StartFrom(first.Dir); err != nil {
		t.Fatal(err)
	}
	step := second.Header.FromStep
	second.Config.Steps, second.Config.LR = 1, 1e-30
	heard := &warnings{}
	second.Reporter = heard
	mustFit(t, second)
	c, err := readCheckpoint(store{Disk{}, first.Dir}, step)
	if err != nil {
		t.Fatal(err)
	}
	model, _ := modelOf(t, second.Dir)
	for path, v := range model {
		was, err := c.model.Tensor(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "weight") && fmt.Sprint(v) != fmt.Sprint(was.Floats()) {
			t.Errorf("%s is not the run's", path)
		}
	}
	if len(heard.texts) > 0 {
		t.Error("warned of", heard.texts)
	}
	scaled := fiveEpochs(t, t.TempDir())
	scaled.Header.From, scaled.Header.FromStep = first.Dir, step
	scaled.Model.Input.Mean, scaled.Config.Steps = []float64{0.5}, 1
	scaled.Beside = map[string][]byte{"tokenizer.json": []byte("{}")}
	other := &warnings{}
	scaled.Reporter = other
	mustFit(t, scaled)
	if len(other.texts) != 2 || !strings.Contains(other.texts[0], "inputs") || !strings.Contains(other.texts[1], "another tokenizer.json") {
		t.Error("warned of", other.texts)
	}
	if h, err := ReadHeader(second.Dir); err != nil || h.From != first.Dir || h.FromStep != step {
		t.Errorf("config.toml says %q, step %d: %v", h.From, h.FromStep, err)
	}

	wider := fiveEpochs(t, t.TempDir())
	wider.Header.From, wider.Header.FromStep = first.Dir, step
	wider.Model.Architecture.Settings["widths"] = []int{4, 12}
	wider.Config.Steps, wider.Reporter = 1, heard
	mustFit(t, wider)
	if len(heard.texts) != 1 || !strings.Contains(heard.texts[0], "drawn freshly: ") || !strings.Contains(heard.texts[0], "there [") {
		t.Error("warned of", heard.texts)
	}
}

// TestFromARunAfterDeath dies before the first checkpoint and goes on: the start
// is that of the run, even if that has trained on since.
func TestFromARunAfterDeath(t *testing.T) {
	first := fiveEpochs(t, t.TempDir())
	first.Config.Steps = 3
	mustFit(t, first)
	start := func() Job {
		job := fiveEpochs(t, t.TempDir())
		job.Config.Average = Average{Kind: AverageEMA}
		job.Header.From, job.Header.FromStep = first.Dir, 3
		return job
	}
	whole, dead := start(), start()
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

// TestFromARunRefuses names what cannot be started from.
func TestFromARunRefuses(t *testing.T) {
	if err := new(Header).StartFrom(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "--from") {
		t.Error("a run that is not there:", err)
	}
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, configFile), []byte("task = 'x'\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := new(Header).StartFrom(empty); err == nil {
		t.Error("a run without a model")
	}
	first := fiveEpochs(t, t.TempDir())
	first.Config.Steps = 1
	mustFit(t, first)
	other := fiveEpochs(t, t.TempDir())
	other.Header.From, other.Header.FromStep = first.Dir, 1
	other.Model.Architecture.Name, other.Model.Architecture.Settings = "mlp", nil
	var bad *RunError
	if _, err := Fit(t.Context(), other); !errors.As(err, &bad) {
		t.Errorf("another architecture: %v", err)
	}
	gone := fiveEpochs(t, t.TempDir())
	gone.Header.From, gone.Header.FromStep = first.Dir, 7
	if _, err := Fit(t.Context(), gone); !errors.As(err, &bad) || !strings.Contains(err.Error(), first.Dir) {
		t.Errorf("a checkpoint that is gone: %v", err)
	}
}

// TestMixturesAreFed trains on mixtures; two runs of one seed agree.
func TestMixturesAreFed(t *testing.T) {
	loss := func(mix data.Mix) Figure {
		job := fiveEpochs(t, t.TempDir())
		job.Config.Mix = mix
		r, err := Fit(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		return r.Metrics["loss"]
	}
	a, b := loss(data.Mix{Mixup: 0.4, CutMix: 1}), loss(data.Mix{Mixup: 0.4, CutMix: 1})
	if a != b || a == loss(data.Mix{}) {
		t.Errorf("losses %v and %v", a, b)
	}
	job := fiveEpochs(t, t.TempDir())
	job.Config.Mix = data.Mix{Mixup: -1}
	if _, err := Fit(t.Context(), job); err == nil {
		t.Error("a negative mixture is accepted")
	}
}
