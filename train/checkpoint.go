package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
)

// stateKey is where state.safetensors holds the state, in JSON.
const stateKey = "state"

// trainedPrefix names the weights that are trained, where the model's are their
// averages.
const trainedPrefix = "trained/"

// blobs is the files of a checkpoint: the model's tensors by path, and the
// optimizer's with the state. They depend on nothing but the training.
func (f *fitter) blobs(state string) []blob {
	var model, rest []safetensors.Named
	for _, p := range nn.Params(f.shown()) {
		model = append(model, safetensors.Named{Name: p.Path, Tensor: p.Value})
	}
	for i, s := range f.step.Slots {
		rest = append(rest, safetensors.Named{Name: s.Path, Tensor: f.step.slots[i]})
	}
	if f.average != nil {
		for _, p := range nn.Params(f.net) {
			rest = append(rest, safetensors.Named{Name: trainedPrefix + p.Path, Tensor: p.Value})
		}
	}
	return []blob{
		{modelFile, func(w io.Writer) error { return safetensors.Write(w, model, nil) }},
		{stateFile, func(w io.Writer) error {
			return safetensors.Write(w, rest, map[string]string{stateKey: state})
		}},
	}
}

// checkpoint is a checkpoint that was read and found whole.
type checkpoint struct {
	dir      string
	manifest Manifest
	model    *safetensors.File
	slots    *safetensors.File
	state    state
}

// readCheckpoint reads the checkpoint of a step. Its errors are of type
// [DamageError].
func readCheckpoint(s store, step int) (*checkpoint, error) {
	m, files, err := s.read(step)
	if err != nil {
		return nil, err
	}
	c := &checkpoint{dir: filepath.Join(s.dir(), stepName(step)), manifest: m}
	if c.model, err = c.parse(files, modelFile); err != nil {
		return nil, err
	}
	if c.slots, err = c.parse(files, stateFile); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(c.slots.Meta[stateKey]), &c.state); err != nil || c.state.Step != step {
		return nil, &DamageError{filepath.Join(c.dir, stateFile), "holds no state of this step"}
	}
	return c, nil
}

func (c *checkpoint) parse(files map[string][]byte, name string) (*safetensors.File, error) {
	content, ok := files[name]
	if !ok {
		return nil, &DamageError{filepath.Join(c.dir, manifestFile), "does not list " + name}
	}
	f, err := safetensors.Read(bytes.NewReader(content), int64(len(content)), safetensors.Limits{})
	if err != nil {
		return nil, &DamageError{filepath.Join(c.dir, name), err.Error()}
	}
	return f, nil
}

// fillModel copies the model's tensors into net, which must have the same.
func (c *checkpoint) fillModel(net nn.Layer) error {
	params := nn.Params(net)
	for _, p := range params {
		if err := fill(c.model, p.Path, p.Value); err != nil {
			return &DamageError{filepath.Join(c.dir, modelFile), err.Error()}
		}
	}
	if n := len(c.model.Names()); n != len(params) {
		return &DamageError{filepath.Join(c.dir, modelFile), fmt.Sprintf("has %d tensors, the model has %d", n, len(params))}
	}
	return nil
}

// fillTrained copies the weights that are trained, where the model's are averages.
func (c *checkpoint) fillTrained(net nn.Layer) error {
	for _, p := range nn.Params(net) {
		if err := fill(c.slots, trainedPrefix+p.Path, p.Value); err != nil {
			return &DamageError{filepath.Join(c.dir, stateFile), err.Error()}
		}
	}
	return nil
}

// fillSlots copies the optimizer's memory.
func (c *checkpoint) fillSlots(slots []Slot, memory []tensor.Tensor) error {
	for i, s := range slots {
		if err := fill(c.slots, s.Path, memory[i]); err != nil {
			return &DamageError{filepath.Join(c.dir, stateFile), err.Error()}
		}
	}
	return nil
}

func fill(f *safetensors.File, name string, into tensor.Tensor) error {
	t, err := f.Tensor(name)
	if err != nil {
		return err
	}
	if t.Type() != into.Type() {
		return fmt.Errorf("tensor %q is %v, the model wants %v", name, t.Type(), into.Type())
	}
	copy(into.Bytes(), t.Bytes())
	return nil
}

// sound says whether a tensor has no NaN and no infinity.
func sound(t tensor.Tensor) bool {
	if t.DType() != tensor.Float32 {
		return true
	}
	// The sum of x·0 is NaN exactly if some x is not finite.
	sum := float32(0)
	for _, x := range t.Floats() {
		sum += x * 0
	}
	return !math.IsNaN(float64(sum))
}
