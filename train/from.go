package train

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/nn"
)

// StartFrom makes the run of h start from the weights of the run in dir: of its
// best checkpoint, or where that is damaged of the newest that is whole. An
// empty dir changes nothing.
func (h *Header) StartFrom(dir string) error {
	if dir == "" {
		return nil
	}
	r, err := OpenRun(dir)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	_, step, err := r.Best(nil)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	if h.From, err = filepath.Abs(dir); err != nil {
		return &RunError{dir, err.Error()}
	}
	h.FromStep = step
	return nil
}

// transfer copies into the network what fits of the run that this one starts
// from, layer by layer. What does not stays as it was drawn, and is reported.
func (f *fitter) transfer() error {
	from := f.Header.From
	c, err := readCheckpoint(store{Disk{}, from}, f.Header.FromStep)
	if err != nil {
		return &RunError{from, fmt.Sprintf("its weights cannot be taken to start from: %v", err)}
	}
	params := nn.Params(f.net)
	fresh := misfits(params, c)
	taken := 0
	for _, p := range params {
		if _, misfit := fresh[layerOf(p.Path)]; misfit {
			continue
		}
		if err := fill(c.model, p.Path, p.Value); err != nil {
			return &RunError{from, err.Error()}
		}
		taken++
	}
	if taken == 0 {
		return &RunError{from, "has no layer of this network's names and shapes to start from; give the same architecture"}
	}
	f.log.Info("from", "run", from, "step", f.Header.FromStep, "tensors", taken, "fresh", fresh)
	if len(fresh) > 0 {
		var list []string
		for _, layer := range slices.Sorted(maps.Keys(fresh)) {
			list = append(list, fmt.Sprintf("%s (%s)", layer, fresh[layer]))
		}
		f.warn(fmt.Sprintf("%d tensors are those of %s; drawn freshly: %s", taken, from, strings.Join(list, ", ")))
	}
	f.warnOfInputs(from)
	return nil
}

// warnOfInputs tells if the weights of a run were trained on inputs that mean
// something else: other scaling, other columns, other numbers of tokens.
func (f *fitter) warnOfInputs(from string) {
	text := func(in data.Input) string {
		in.Text.Encoder = nil // read from a file, which is compared below
		return fmt.Sprintf("%+v", in)
	}
	if r, err := OpenRun(from); err == nil && text(r.Model.Input) != text(f.Model.Input) {
		f.warn(from + " was trained on inputs that are made in another way; see its " + modelTOML)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Beside)) {
		if old, err := f.Files.ReadFile(filepath.Join(from, name)); err != nil || !bytes.Equal(old, f.Beside[name]) {
			f.warn(fmt.Sprintf("%s has another %s: what its weights say of a number is not what the number means here", from, name))
		}
	}
}

// misfits is the layers of which a checkpoint lacks a tensor, or has one of
// another shape, and why.
func misfits(params []nn.Named, c *checkpoint) map[string]string {
	why := map[string]string{}
	for _, p := range params {
		t, err := c.model.Tensor(p.Path)
		switch layer := layerOf(p.Path); {
		case err != nil:
			why[layer] = "not there"
		case t.Type() != p.Value.Type() && why[layer] == "":
			why[layer] = fmt.Sprintf("%v, there %v", p.Value.Shape(), t.Shape())
		}
	}
	return why
}

// layerOf is the path of the layer that a parameter belongs to.
func layerOf(path string) string {
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		return path[:at]
	}
	return path
}
