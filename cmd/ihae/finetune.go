package main

import (
	"path/filepath"

	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(finetuneCommand) }

func finetuneCommand(a *app) *cobra.Command {
	var f trainFlags
	var spec string
	c := &cobra.Command{
		Use:   "finetune MODEL --data PATH",
		Short: "go on with a model made elsewhere, on your own images",
		Long: `Go on with a classifier in a file (see ihae inspect --help for the formats) on a
folder of images that has a sub-folder for each class. Unless the classes are the
model's own, its last layer is drawn anew. What comes of it is a run: ihae
predict, eval, report and export take it, and ihae train --resume goes on with it.

How the model is fed is found out as ihae predict --help says. ` + "`ihae tasks finetune`" + `
lists what --set takes; part=head trains the last layer alone.`,
		Example: `  ihae finetune squeezenet1.1.onnx --data photos
  ihae finetune mobilenet_v2.onnx --data photos --set part=head --epochs 5`,
		Args: exactly(1, "one MODEL"),
		RunE: func(c *cobra.Command, args []string) error {
			job, err := f.finetune(c, a, args[0], spec)
			if err != nil {
				return err
			}
			result, err := a.fit(c.Context(), job)
			if err != nil {
				return err
			}
			return a.showResult(result)
		},
	}
	fl := c.Flags()
	f.common(c, "folder with a sub-folder of images for each class", "finetune")
	fl.StringVar(&spec, "input-spec", "", "file in the form of model.toml that says how the MODEL is fed")
	return c
}

// finetune is the training that goes on with a model.
func (f *trainFlags) finetune(c *cobra.Command, a *app, path, spec string) (train.Job, error) {
	if f.data == "" {
		return train.Job{}, usage("--data PATH is missing: a folder with a sub-folder of images for each class")
	}
	o, err := f.options(a)
	if err != nil {
		return train.Job{}, err
	}
	m, err := a.openModel(path, spec)
	if err != nil {
		return train.Job{}, err
	}
	defer m.Close()
	o.Pretrained = &task.Pretrained{Model: m.file.Model, Desc: m.desc.Model}
	s, err := task.Lookup(task.Finetune)
	if err != nil {
		return train.Job{}, err
	}
	job, err := s.Job(c.Context(), o)
	if err != nil {
		return job, err
	}
	if job.Dir == "" {
		job.Dir, err = train.NewFolder(filepath.Join("runs", s.Name), filepath.Base(path))
	}
	return job, err
}
