package task

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/train"
)

// Recipe is how a task trains: the defaults of its settings.
type Recipe struct {
	Epochs, Batch int
	LR            float64
	Optimizer     string
	Momentum      float64 // of sgd, 0 for others
	Decay         float64
	Schedule      string
	OptimizerWith string  // other settings of the optimizer, as beta2=0.99
	ScheduleWith  string  // and of the schedule, as final=0.1
	Warmup        float64 // share of the steps; 0 for none, and for one-cycle, which has its own
	Smoothing     float64
	Clip          float64 // 0 for none
	Average       string  // "none" where empty
	Balance       string  // of classes; "none" where empty
	Freeze        string  // patterns of what keeps its values
	Patience      int
	Valid         float64 // share of train where the set has no valid split
	Test          float64 // share of all to test on where the set has no test split
	ValidFrom     int     // but not from fewer examples than this, if there is a test split

	Flip                 bool
	Crop, Cutout         int     // samples
	Rotate, Shear        float64 // degrees
	Shift                float64 // samples
	Scale                float64
	Brightness, Contrast float64
	Jitter, Hue          float64 // of colours
	Erase                float64 // share of the images
	Resized              float64 // least share of the area
	Mixup, CutMix        float64
	EdgeFill             bool // repeat the border outside of an image, else black
}

// The names that scripts rely on.
const (
	KeyEpochs     = "epochs"
	KeySteps      = "steps"
	KeyBatch      = "batch"
	KeyLR         = "lr"
	KeyCheckpoint = "checkpoint.every"
)

// settings is the training settings with the recipe's values as defaults.
func (r Recipe) settings() []Setting {
	return append([]Setting{
		{Key: KeyEpochs, Doc: "passes over the training split", Default: r.Epochs, Low: 1, High: 1e6},
		{Key: KeySteps, Doc: "stop after this many steps; 0 leaves it to epochs", Default: 0, High: 1e9},
		{Key: KeyBatch, Doc: "examples a step", Default: r.Batch, Low: 1, High: 65536},
		{Key: KeyLR, Doc: "learning rate at its highest", Default: r.LR, Low: 1e-12, High: 1e6},
		{Key: "optimizer", Doc: "how gradients become updates", Default: r.Optimizer, Among: optim.Optimizers()},
		{Key: "optimizer.with", Doc: "its other settings, as beta2=0.95,eps=1e-6", Default: r.OptimizerWith},
		{Key: "momentum", Doc: "of sgd, Nesterov's, and of rmsprop", Default: r.Momentum, High: 0.9999},
		{Key: "decay", Doc: "weight decay", Default: r.Decay, High: 10},
		{Key: "schedule", Doc: "of the learning rate", Default: r.Schedule, Among: baseSchedules()},
		{Key: "schedule.with", Doc: "its other settings, as factor=0.5,shares=0.5:0.75", Default: r.ScheduleWith},
		{Key: "warmup", Doc: "share of the steps in which the rate rises first", Default: r.Warmup, High: 0.9},
		{Key: "smoothing", Doc: "label smoothing", Default: r.Smoothing, High: 0.9},
		{Key: "patience", Doc: "stop after this many epochs without a better validation; 0 never stops", Default: r.Patience, High: 1e6},
		{Key: "valid", Doc: r.validDoc(), Default: r.Valid, High: 0.9},
		{Key: "test", Doc: "share of train to test on where the set has no test split; 0 reports validation", Default: r.Test, High: 0.9},
		{Key: KeyCheckpoint, Doc: "steps between checkpoints; 0 writes one each epoch", Default: 0, High: 1e9},
	}, append(r.stepSettings(), r.augmentSettings()...)...)
}

func (r Recipe) validDoc() string {
	doc := "share of train to validate on where the set has no valid split; 0 takes the last checkpoint"
	if r.ValidFrom > 0 {
		doc += fmt.Sprintf("; by itself not of fewer than %d examples with a test split", r.ValidFrom)
	}
	return doc
}

// stepSettings is what a step does besides descending.
func (r Recipe) stepSettings() []Setting {
	average, balance := cmp.Or(r.Average, none), cmp.Or(r.Balance, none)
	return []Setting{
		{Key: "focal", Doc: "gamma of focal loss, at least 1 and without smoothing; 0 for cross-entropy", Default: 0.0, High: 10},
		{Key: "huber", Doc: "error of a value, in deviations, beyond which it counts itself; 0 squares all", Default: 0.0, High: 1e6},
		{Key: "clip", Doc: "largest length of the whole gradient; 0 for any", Default: r.Clip, High: 1e9},
		{Key: "clip.value", Doc: "largest component of the gradient; 0 for any", Default: 0.0, High: 1e9},
		{Key: "accumulate", Doc: "pieces that a batch is worked off in, to save memory", Default: 1, Low: 1, High: 65536},
		{Key: "recompute", Doc: "compute again what would be kept for the backward pass: less memory, a few percent slower", Default: false},
		{Key: "average", Doc: "of the weights over the run, to validate and keep: running, or of epochs", Default: average, Among: []string{none, train.AverageEMA, train.AverageSWA}},
		{Key: "average.decay", Doc: "of ema: how much stays at each step", Default: 0.999, Low: 1e-6, High: 0.999999},
		{Key: "average.start", Doc: "of swa: share of the run after which it begins", Default: 0.75, Low: 0.01, High: 0.99},
		{Key: "average.rate", Doc: "of swa: the rate from then on, in units of lr", Default: 0.25, Low: 1e-6, High: 10},
		{Key: "freeze", Doc: "layers and parameters that keep their values, as stem,block.0.*", Default: r.Freeze},
		{Key: "balance", Doc: "classes count alike, however many examples they have: by weights in the loss, or by repeating examples", Default: balance, Among: []string{none, balanceWeights, balanceSampling}},
	}
}

// none is the value of settings that choose nothing.
const none = "none"

func (r Recipe) augmentSettings() []Setting {
	return []Setting{
		{Key: "augment.flip", Doc: "mirror half of the images", Default: r.Flip},
		{Key: "augment.crop", Doc: "shift by up to this many whole samples", Default: r.Crop, High: 1000},
		{Key: "augment.rotate", Doc: "turn by up to this many degrees", Default: r.Rotate, High: 180},
		{Key: "augment.shift", Doc: "shift by up to this many samples, between them too", Default: r.Shift, High: 1000},
		{Key: "augment.scale", Doc: "enlarge or shrink by up to this share", Default: r.Scale, High: 0.9},
		{Key: "augment.shear", Doc: "slant by up to this many degrees", Default: r.Shear, High: 60},
		{Key: "augment.brightness", Doc: "add up to this, of a range of 1", Default: r.Brightness, High: 1},
		{Key: "augment.contrast", Doc: "stretch or squeeze by up to this share", Default: r.Contrast, High: 1},
		{Key: "augment.cutout", Doc: "hide a square with sides of this many samples", Default: r.Cutout, High: 1000},
		{Key: "augment.jitter", Doc: "change brightness, contrast and saturation by up to this share each", Default: r.Jitter, High: 1},
		{Key: "augment.hue", Doc: "turn the hue by up to this share of the circle", Default: r.Hue, High: 0.5},
		{Key: "augment.erase", Doc: "share of the images in which a rectangle is hidden", Default: r.Erase, High: 1},
		{Key: "augment.resized", Doc: "cut a rectangle of at least this share of the area and enlarge it; 0 for none", Default: r.Resized, High: 0.999},
		{Key: "augment.mixup", Doc: "mix images with one another; the a of Beta(a, a), 0 for none", Default: r.Mixup, High: 100},
		{Key: "augment.cutmix", Doc: "paste pieces of one another; the a of Beta(a, a), 0 for none", Default: r.CutMix, High: 100},
		{Key: "augment.edge", Doc: "repeat the border outside of an image, else black", Default: r.EdgeFill},
	}
}

// baseSchedules is the schedules that need no other.
func baseSchedules() []string {
	var names []string
	for _, n := range optim.Schedules() {
		if n != "warmup" {
			names = append(names, n)
		}
	}
	return names
}

// config turns values into what train wants. examples is the size of the
// training split, by which shares of steps become steps.
func (v Values) config(out data.Output, examples int) (train.Config, error) {
	c := train.Config{
		Epochs:          v.Int(KeyEpochs),
		Steps:           v.Int(KeySteps),
		Batch:           v.Int(KeyBatch),
		LR:              v.Float(KeyLR),
		Objective:       v.objective(out),
		ClipNorm:        v.Float("clip"),
		ClipValue:       v.Float("clip.value"),
		Accumulate:      v.Int("accumulate"),
		Spare:           v.Bool("recompute"),
		Freeze:          strings.FieldsFunc(v.String("freeze"), func(r rune) bool { return r == ',' || r == ' ' }),
		Average:         v.average(),
		Patience:        v.Int("patience"),
		CheckpointEvery: v.Int(KeyCheckpoint),
		Augment:         v.augment(),
		Mix:             data.Mix{Mixup: v.Float("augment.mixup"), CutMix: v.Float("augment.cutmix")},
	}
	var err error
	if c.Optimizer, err = v.optimizer(); err != nil {
		return c, err
	}
	with, err := pairs("schedule.with", v.String("schedule.with"))
	if err != nil {
		return c, err
	}
	if c.Schedule, err = optim.NewSchedule(v.String("schedule"), with); err != nil {
		return c, &train.ConfigError{Key: "schedule.with", Reason: err.Error()}
	}
	if w := v.Float("warmup"); w > 0 {
		c.Schedule = optim.Warmup{Steps: int(w * float64(c.TotalSteps(examples))), Then: c.Schedule}
	}
	return c, nil
}

// objective is what a network with that output is trained for.
func (v Values) objective(out data.Output) train.Objective {
	switch {
	case out.Is(data.OutputValue):
		return train.Value{Huber: v.Float("huber")}
	case out.Is(data.OutputNext):
		return train.Next{}
	}
	return train.Class{Smoothing: v.Float("smoothing"), Focal: v.Float("focal")}
}

func (v Values) average() train.Average {
	a := train.Average{Kind: v.String("average"), Decay: v.Float("average.decay"), Start: v.Float("average.start"), Rate: v.Float("average.rate")}
	if a.Kind == none {
		a.Kind = ""
	}
	return a
}

// pairs reads key=value,key=value.
func pairs(setting, text string) (map[string]any, error) {
	set := map[string]any{}
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, &train.ConfigError{Key: "--set " + setting + "=" + text, Reason: "want key=value, with commas between"}
		}
		set[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return set, nil
}

func (v Values) optimizer() (optim.Optimizer, error) {
	name := v.String("optimizer")
	e, err := optim.Lookup(name)
	if err != nil {
		return nil, &train.ConfigError{Key: "optimizer", Reason: err.Error()}
	}
	wanted := map[string]any{"momentum": v.Float("momentum"), "nesterov": v.Float("momentum") > 0, "weight-decay": v.Float("decay")}
	set, err := pairs("optimizer.with", v.String("optimizer.with"))
	if err != nil {
		return nil, err
	}
	for _, s := range optim.Settings(e.Default) {
		if value, ok := wanted[s.Name]; ok && set[s.Name] == nil {
			set[s.Name] = value
		}
	}
	o, err := optim.New(name, set)
	if err != nil {
		return nil, &train.ConfigError{Key: "optimizer.with", Reason: fmt.Sprintf("%v; --set optimizer.with= leaves out the task's own", err)}
	}
	return o, nil
}

// augment is the augmentations in a fixed order: geometry, light, cutout.
func (v Values) augment() []data.Augment {
	fill := data.FillZero
	if v.Bool("augment.edge") {
		fill = data.FillEdge
	}
	var list []data.Augment
	if least := v.Float("augment.resized"); least > 0 {
		list = append(list, data.ResizedCrop{Least: least})
	}
	if v.Bool("augment.flip") {
		list = append(list, data.Flip{})
	}
	a := data.Affine{
		Rotate: v.Float("augment.rotate"), Shift: v.Float("augment.shift"),
		Scale: v.Float("augment.scale"), Shear: v.Float("augment.shear"), Fill: fill,
	}
	if a != (data.Affine{Fill: fill}) {
		list = append(list, a)
	}
	if n := v.Int("augment.crop"); n > 0 {
		list = append(list, data.Crop{Pad: n, Fill: fill})
	}
	l := data.Light{Brightness: v.Float("augment.brightness"), Contrast: v.Float("augment.contrast")}
	if l != (data.Light{}) {
		list = append(list, l)
	}
	if s := v.Float("augment.jitter"); s > 0 || v.Float("augment.hue") > 0 {
		list = append(list, data.Jitter{Brightness: s, Contrast: s, Saturation: s, Hue: v.Float("augment.hue")})
	}
	if n := v.Int("augment.cutout"); n > 0 {
		list = append(list, data.Cutout{Size: n})
	}
	if share := v.Float("augment.erase"); share > 0 {
		list = append(list, data.Erase{Share: share})
	}
	return list
}
