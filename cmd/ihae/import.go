package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
	"github.com/spf13/cobra"
)

func init() { register(importCommand) }

// importFlags is what the import command is asked for.
type importFlags struct {
	out, network string
	force        bool
}

func importCommand(a *app) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE -o model.onnx",
		Short: "bring a model of another format into ONNX",
		Long: `Write a model saved by another program as an ONNX model, which every command
takes, and so does every runtime of ONNX. A file of weights alone needs the
network that they belong to: --network, one of ihae's architectures (see
docs/zoo.md), whose usual parameter names are understood.

Nothing that a file holds is run. Formats: ` + strings.Join(format.Formats(), ", ") + ".",
		Example: `  ihae import emotions.hdf5 -o emotions.onnx
  ihae import resnet20.th --network resnet-20 -o resnet20.onnx`,
		Args: exactly(1, "one FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.importModel(args[0], f) },
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "the file to write")
	c.Flags().StringVar(&f.network, "network", "", "the architecture that a file of weights is for")
	c.Flags().BoolVar(&f.force, "force", false, "write over a file that is there")
	return c
}

func (a *app) importModel(path string, f importFlags) error {
	if f.out == "" {
		return usage("-o FILE is missing: the ONNX model to write")
	}
	if !f.force {
		if _, err := os.Stat(f.out); !errors.Is(err, fs.ErrNotExist) {
			return usage("%s is there already; write over it with --force", f.out)
		}
	}
	file, err := format.Open(path)
	if err != nil {
		return refusedFile(path, err)
	}
	defer func() { _ = file.Close() }()
	m := file.Model
	switch {
	case m == nil:
		if m, err = networkOf(path, file, f.network); err != nil {
			return err
		}
	case f.network != "":
		return usage("--network is for files of weights; %s holds a whole model", path)
	}
	if d, err := zoo.Describe(m, path, ""); err == nil && d.Origin != zoo.FromGuess && m.MetaValue(zoo.MetaModel) == "" {
		text, err := d.Text()
		if err != nil {
			return refusedFile(path, err)
		}
		m.SetMeta(zoo.MetaModel, string(text))
	}
	b, err := onnx.Encode(m)
	if err != nil {
		return refusedFile(path, err)
	}
	if err := writeWhole(f.out, b); err != nil {
		return err
	}
	if a.json {
		a.emit(struct {
			File   string `json:"file"`
			Format string `json:"format"`
			Out    string `json:"out"`
			Bytes  int    `json:"bytes"`
			Nodes  int    `json:"nodes"`
		}{path, file.Format, f.out, len(b), len(m.Graph.Nodes)})
		return nil
	}
	a.printf("%s: %s model, %d nodes, written to %s\n", train.Visible(path), file.Format, len(m.Graph.Nodes), train.Visible(f.out))
	return nil
}

// networkOf builds the named architecture, fills it from a file of weights, and
// writes it as a model.
func networkOf(path string, file *format.File, name string) (*onnx.Model, error) {
	if name == "" {
		return nil, &inputError{path, errWeights}
	}
	e, err := zoo.Lookup(name)
	if err != nil {
		return nil, usage("--network: %v", err)
	}
	if len(e.Weights) == 0 {
		return nil, usage("--network %s: no public weights are known of it; there are of %s", name, strings.Join(zoo.WithWeights(), ", "))
	}
	net, in, err := zoo.Filled(name, rng.New(0), file.Names, file.Tensor)
	if err != nil {
		return nil, refusedFile(path, err)
	}
	m, err := zoo.Export(name, net, in, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// writeWhole writes a file so that it is there whole or not at all.
func writeWhole(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	if err == nil {
		err = errors.Join(tmp.Chmod(0o644), tmp.Sync())
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(tmp.Name(), path)
}
