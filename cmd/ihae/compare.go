package main

import (
	"context"
	"errors"
	"math"
	"os"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(compareModelsCommand) }

// compareFlags is what the compare command is asked for.
type compareFlags struct {
	data, split, specA, specB string
	threads                   int
}

func compareModelsCommand(a *app) *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare A B --data PATH",
		Short: "two models or runs on the same images: answers, speed, size",
		Long: `Ask two models, or runs, about the same images: how often they agree, how far
their probabilities are apart, how often each is right, how long each takes for
one image, and how large they are. PATH is a folder with a sub-folder of images
for each class. The models' labels must be the same.`,
		Example: "  ihae compare mobilenet_v2.onnx mobilenet_v2_int8.onnx --data photos",
		Args:    exactly(2, "A and B"),
		RunE: func(c *cobra.Command, args []string) error {
			if f.data == "" {
				return usage("--data PATH is missing: a folder with a sub-folder of images for each class")
			}
			return a.compare(c.Context(), args[0], args[1], f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.data, "data", "", "folder with a sub-folder of images for each class")
	fl.StringVar(&f.split, "split", "", "train, valid or test (default test, or what there is)")
	fl.StringVar(&f.specA, "input-spec", "", "file that says how A is fed, in the form of model.toml")
	fl.StringVar(&f.specB, "input-spec-b", "", "and B")
	fl.IntVar(&f.threads, "threads", 0, "threads (default all cores)")
	return c
}

// side is one of the two that are compared.
type side struct {
	Path     string       `json:"model"`
	Accuracy train.Figure `json:"accuracy"`
	Loss     train.Figure `json:"loss"`
	Millis   train.Figure `json:"milliseconds"` // for one image, the shortest of several
	Bytes    int64        `json:"bytes"`

	e train.Evaluation
}

// comparison is what two models say of the same images.
type comparison struct {
	A       side         `json:"a"`
	B       side         `json:"b"`
	Images  int          `json:"images"`
	Agree   train.Figure `json:"agree"`              // share of images with the same first label
	Largest train.Figure `json:"largest_difference"` // of two probabilities
	Mean    train.Figure `json:"mean_difference"`
}

func (a *app) compare(ctx context.Context, pathA, pathB string, f compareFlags) error {
	pool, err := a.pool(f.threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	c := comparison{}
	for i, s := range []*side{&c.A, &c.B} {
		path, spec := pathA, f.specA
		if i == 1 {
			path, spec = pathB, f.specB
		}
		if err := a.measureSide(ctx, s, path, spec, f, pool); err != nil {
			return err
		}
	}
	if err := c.judge(); err != nil {
		return &inputError{pathB, err}
	}
	if a.json {
		a.emit(c)
		return nil
	}
	a.printf("%d images\n", c.Images)
	for _, s := range []side{c.A, c.B} {
		a.printf("%s: accuracy %s, loss %.4g, %.3g ms an image, %s\n", train.Visible(s.Path), train.Percent(float64(s.Accuracy)), float64(s.Loss), float64(s.Millis), page.Bytes(float64(s.Bytes)))
	}
	a.printf("the same first label for %s; probabilities differ by %.3g on average, %.3g at most\n", train.Percent(float64(c.Agree)), float64(c.Mean), float64(c.Largest))
	return nil
}

func (a *app) measureSide(ctx context.Context, s *side, path, spec string, f compareFlags, pool *exec.Pool) error {
	s.Path = path
	p, done, err := a.predictorOf(path, spec, pool, 0)
	if err != nil {
		return err
	}
	defer done()
	ds, err := data.OpenWith(ctx, "images", f.data, data.BadFileError, a.roots()...)
	if err != nil {
		return &train.DataError{Path: f.data, Err: err}
	}
	if s.e, err = train.Evaluate(ctx, p, data.Fitted(ds, p.Model().Input), data.Split(f.split)); err != nil {
		return err
	}
	s.Accuracy, s.Loss = s.e.Metrics["accuracy"], s.e.Metrics["loss"]
	if s.Millis, err = quickest(ctx, p); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil {
		s.Bytes = info.Size()
	}
	return nil
}

// quickest is the shortest time for one input, of as many as fit into half a
// second.
func quickest(ctx context.Context, p *train.Predictor) (train.Figure, error) {
	in := []tensor.Tensor{tensor.New(p.Model().Input.Type())}
	best := math.Inf(1)
	for begin := time.Now(); time.Since(begin) < time.Second/2; {
		start := time.Now()
		if _, err := p.AnswerAll(ctx, in); err != nil {
			return 0, err
		}
		best = math.Min(best, float64(time.Since(start))/1e6)
	}
	return train.Figure(best), nil
}

// judge puts the answers of both side by side.
func (c *comparison) judge() error {
	a, b := c.A.e.Predictions, c.B.e.Predictions
	if a.Classes != b.Classes || len(a.Probability) != len(b.Probability) {
		return errOtherLabels
	}
	c.Images = c.A.e.Count
	k := a.Classes
	same, sum, largest := 0, 0.0, 0.0
	for i := range c.Images {
		x, y := a.Probability[i*k:][:k], b.Probability[i*k:][:k]
		if first(x) == first(y) {
			same++
		}
		for j := range x {
			d := math.Abs(float64(x[j] - y[j]))
			sum, largest = sum+d, math.Max(largest, d)
		}
	}
	n := max(c.Images, 1)
	c.Agree, c.Mean, c.Largest = train.Figure(float64(same)/float64(n)), train.Figure(sum/float64(n*max(k, 1))), train.Figure(largest)
	return nil
}

// errOtherLabels is for models that tell other classes apart.
var errOtherLabels = errors.New("tells other classes apart than the first model")

// first is the place of the largest.
func first(p []float32) int {
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}
