package task

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// Finetune is the name of the task that goes on with a model made elsewhere.
const Finetune = "finetune"

// Pretrained is a model made elsewhere, to start from.
type Pretrained struct {
	Model *onnx.Model
	Desc  zoo.Model // how it is fed, and its classes
}

// modelFile is the model in a run's folder.
const modelFile = "model.onnx"

// The parts of a network that fine-tuning trains.
const (
	partAll  = "all"
	partHead = "head"
)

func init() {
	Register(Spec{
		Name: Finetune, Doc: "Go on with a model made elsewhere on your own images, a folder for each class: ihae finetune MODEL.",
		Data: "images", Arch: zoo.ImportedName,
		Input: data.Input{Name: "image", Kind: data.KindImage, Width: 224, Height: 224, Channels: 3},
		Recipe: Recipe{
			Epochs: 10, Batch: 32, LR: 0.005, Optimizer: "sgd", Momentum: 0.9, Decay: 1e-4, Schedule: "one-cycle",
			Clip: 5, Valid: 0.1, Test: 0.2, ValidFrom: 10_000, Flip: true, EdgeFill: true,
		},
		Extra: []Setting{{Key: "part", Doc: "what is trained: the whole network, or its last layer alone", Default: partAll, Among: []string{partAll, partHead}}},
		Floor: 0.5, // of images like those that the model knows
		Adapt: adaptFinetune,
	})
}

// adaptFinetune brings a model made elsewhere into the task: its input, and a
// head for the data's classes.
func adaptFinetune(u *Setup) error {
	if u.pretrained == nil {
		return &train.ConfigError{Key: "task", Reason: "finetune wants a model: ihae finetune MODEL --data PATH"}
	}
	p := *u.pretrained
	u.Input = p.Desc.Input
	if !u.Input.Is(data.KindImage) {
		return &train.ConfigError{Key: "model", Reason: fmt.Sprintf("takes %s; fine-tuning is for images", u.Input.Kind)}
	}
	if err := u.Cut(); err != nil {
		return err
	}
	facts, err := imageFactsOf(u.Dataset)
	if err != nil {
		return &train.DataError{Err: err}
	}
	if u.header.Settings == nil {
		for _, text := range facts.notes() {
			u.Note(text)
		}
		if err := u.imageWarnings(facts); err != nil {
			return &train.DataError{Err: err}
		}
	}
	if float64(facts.most) >= unbalancedAt*float64(max(facts.least, 1)) {
		u.Recipe.Balance = balanceWeights
	}
	if _, ok := sided(facts.classes); ok || u.Input.Channels == 1 {
		u.Recipe.Flip = false
	}
	u.Recipe.Crop = max(1, min(u.Input.Width, u.Input.Height)/16)
	u.Dataset = data.Fitted(u.Dataset, u.Input)
	return u.keepModel(p)
}

// keepModel gives the model a head for the data's classes, unless it is one for
// them already, and keeps it beside model.toml.
func (u *Setup) keepModel(p Pretrained) error {
	m, classes := p.Model, u.Dataset.Card().Classes
	head, err := zoo.FindHead(m)
	if err != nil {
		return &train.ConfigError{Key: "model", Reason: err.Error()}
	}
	if !slices.Equal(classes, p.Desc.Labels) {
		if m, err = head.WithClasses(m, len(classes), rng.New(u.Seed).Split("head")); err != nil {
			return &train.ConfigError{Key: "model", Reason: err.Error()}
		}
		u.Note(fmt.Sprintf("the last layer (%s, %d classes) is drawn anew for %d classes", head.Weight, head.Classes, len(classes)))
	}
	b, err := onnx.Encode(m)
	if err != nil {
		return err
	}
	u.Keep(modelFile, b)
	return u.freezeAllBut(m, head)
}

// freezeAllBut freezes the weights of all layers but the last, if that is asked.
func (u *Setup) freezeAllBut(m *onnx.Model, head *zoo.Head) error {
	if part, _ := u.Asked("part"); part != partHead {
		return nil
	}
	net, err := zoo.NewImported(m, false)
	if err != nil {
		return &train.ConfigError{Key: "model", Reason: err.Error()}
	}
	var frozen []string
	for name := range net.Weights {
		if name != head.Weight && name != head.Bias {
			frozen = append(frozen, "weights."+strings.Map(asPattern, name))
		}
	}
	slices.Sort(frozen)
	u.Recipe.Freeze = strings.Join(frozen, ",")
	return nil
}

// asPattern is a letter of a name in a pattern: those that mean something there
// stand for any.
func asPattern(r rune) rune {
	if strings.ContainsRune("*[]\\, ", r) {
		return '?'
	}
	return r
}

// keptModel is the model that a run's folder holds, with the head that it has.
func keptModel(dir string) (*Pretrained, error) {
	run, err := train.OpenRun(dir)
	if err != nil {
		return nil, err
	}
	b, err := run.Model.Architecture.Open(modelFile)
	if err == nil {
		var m *onnx.Model
		if m, err = onnx.Read(b, onnx.Limits{}); err == nil {
			return &Pretrained{m, run.Model}, nil
		}
	}
	return nil, &train.RunError{Dir: dir, Reason: fmt.Sprintf("its model cannot be read: %v", err)}
}
