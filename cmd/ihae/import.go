package main

import (
	"fmt"
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
	force, apart bool
}

func importCommand(a *app) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE -o model.onnx",
		Short: "bring a model of another format into ONNX",
		Long: `Write a model saved by another program as an ONNX model, which every command
takes, and so does every runtime of ONNX. A file of weights alone needs the
network that they belong to: --network, one of ihae's architectures (see
docs/zoo.md), whose usual parameter names are understood. Weights of more than
2 GiB, or with --external-data all that are large, go to a file beside the model.

Nothing that a file holds is run. Formats: ` + strings.Join(format.Formats(), ", ") + ".",
		Example: `  ihae import emotions.hdf5 -o emotions.onnx
  ihae import resnet20.th --network resnet-20 -o resnet20.onnx`,
		Args: exactly(1, "one FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.importModel(args[0], f) },
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "the file to write")
	c.Flags().StringVar(&f.network, "network", "", "the architecture that a file of weights is for")
	c.Flags().BoolVar(&f.apart, "external-data", false, externalHelp)
	c.Flags().BoolVar(&f.force, "force", false, "write over a file that is there")
	return c
}

func (a *app) importModel(path string, f importFlags) error {
	if f.out == "" {
		return usage("-o FILE is missing: the ONNX model to write")
	}
	if err := f.free(outFile{path: f.out}); err != nil {
		return err
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
	files, size, err := modelFiles(m, f.out, f.apart)
	if err != nil {
		return refusedFile(path, err)
	}
	if err := f.free(files...); err != nil {
		return err
	}
	if err := writeFiles(files); err != nil {
		return err
	}
	if a.json {
		a.emit(struct {
			File   string `json:"file"`
			Format string `json:"format"`
			Out    string `json:"out"`
			Bytes  int64  `json:"bytes"`
			Nodes  int    `json:"nodes"`
		}{path, file.Format, f.out, size, len(m.Graph.Nodes)})
		return nil
	}
	a.printf("%s: %s model, %d nodes, written to %s\n", train.Visible(path), file.Format, len(m.Graph.Nodes), train.Visible(listed(files)))
	return nil
}

// free refuses to write over files, unless that is asked for.
func (f importFlags) free(files ...outFile) error {
	if f.force {
		return nil
	}
	return nothingThere(files)
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
