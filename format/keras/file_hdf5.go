package keras

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/hdf5"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// openHDF5 reads a model that was saved whole in an HDF5 file: its JSON is the
// attribute model_config, its variables are in the group model_weights.
func openHDF5(path string) (*onnx.Model, error) {
	f, err := hdf5.Open(path, hdf5.Limits{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	root, err := f.Root()
	if err != nil {
		return nil, err
	}
	text, err := textAttr(root, "model_config")
	switch {
	case errors.Is(err, hdf5.ErrAbsent):
		return nil, fmt.Errorf("keras: the file has no model_config, only weights: save the whole model, with model.save")
	case err != nil:
		return nil, err
	}
	config, err := parseJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	version, err := textAttr(root, "keras_version")
	if err != nil && !errors.Is(err, hdf5.ErrAbsent) {
		return nil, err
	}
	if strings.HasPrefix(version, "0.") || strings.HasPrefix(version, "1.") {
		return nil, fmt.Errorf("keras: the file is of Keras %s; files of Keras 2 and later are read", version)
	}
	group, err := root.Group("model_weights")
	if err != nil {
		return nil, err
	}
	info := &budget{left: f.Size()*3/2 + 16<<20}
	w, err := listed(group, info)
	if err != nil {
		return nil, err
	}
	m, err := convert(config, version, byName(w.Find))
	if err != nil {
		return nil, err
	}
	return m, w.Unused()
}

// budget is how many bytes the variables of a file may take.
type budget struct{ left int64 }

// read reads a dataset within the budget.
func (b *budget) read(d *hdf5.Dataset) (tensor.Tensor, error) {
	t, err := d.Type()
	if err != nil {
		return tensor.Tensor{}, err
	}
	if b.left -= int64(t.Bytes()); b.left < 0 {
		return tensor.Tensor{}, fmt.Errorf("keras: the variables take far more than the file has bytes")
	}
	return d.Tensor()
}

// listed is the variables that the groups of layers list in their attributes.
func listed(group *hdf5.Group, b *budget) (*Weights, error) {
	layers, err := splitAttr(group, "layer_names")
	if err != nil {
		return nil, err
	}
	w := &Weights{}
	names := 0
	seen := map[string]bool{}
	if group.Has("top_level_model_weights") {
		layers = append(layers, "top_level_model_weights")
	}
	for _, layer := range layers {
		if seen[layer] {
			continue
		}
		seen[layer] = true
		g, err := group.Group(layer)
		if err != nil {
			return nil, err
		}
		list, err := splitAttr(g, "weight_names")
		if err != nil {
			return nil, err
		}
		if names += len(list); names > maxLayers*10 {
			return nil, fmt.Errorf("keras: more than %d variables", maxLayers*10)
		}
		for _, name := range list {
			w.Add(layer+"/"+name, func() (tensor.Tensor, error) {
				d, err := g.Dataset(name)
				if err != nil {
					return tensor.Tensor{}, err
				}
				return b.read(d)
			})
		}
	}
	return w, nil
}

// textAttr is an attribute that is one text.
func textAttr(g *hdf5.Group, name string) (string, error) {
	a, err := g.Attr(name)
	if err != nil {
		return "", err
	}
	return a.Text()
}

// splitAttr is an attribute that is a list of texts, or its parts, name0, name1
// and so on, into which Keras cuts a list that is too long for an attribute.
func splitAttr(g *hdf5.Group, name string) ([]string, error) {
	a, err := g.Attr(name)
	if err == nil {
		return texts(a)
	}
	if !errors.Is(err, hdf5.ErrAbsent) {
		return nil, err
	}
	var list []string
	for i := 0; ; i++ {
		a, e := g.Attr(fmt.Sprintf("%s%d", name, i))
		switch {
		case e == nil:
			part, err := texts(a)
			if err != nil {
				return nil, err
			}
			list = append(list, part...)
		case errors.Is(e, hdf5.ErrAbsent) && i > 0:
			return list, nil
		case errors.Is(e, hdf5.ErrAbsent):
			return nil, err
		default:
			return nil, e
		}
	}
}

// texts is a list of texts; an empty one is written as numbers.
func texts(a *hdf5.Attr) ([]string, error) {
	if d := a.Dims(); !a.IsText() && len(d) == 1 && d[0] == 0 {
		return nil, nil
	}
	return a.Strings()
}
