package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/zoo"
)

const samplesFile = "samples.jsonl"

// The samples that a language model writes while it is trained.
const (
	sampleTokens      = 240
	sampleTemperature = 0.8
)

// Sample is one line of samples.jsonl: what a language model wrote when it was
// validated after that step.
type Sample struct {
	Step int    `json:"step"`
	Text string `json:"text"`
}

// sample lets a language model write. Losing samples does not stop a training.
func (f *fitter) sample(ctx context.Context) {
	net, steps := f.shown().(zoo.Stepper)
	enc, reads := f.Model.Input.Text.Encoder.(data.Tokens)
	if !steps || !reads || !f.Model.Output.Is(data.OutputNext) {
		return
	}
	if err := f.write(ctx, net, enc); err != nil && ctx.Err() == nil {
		f.warn(fmt.Sprintf("no sample: %v", err))
	}
}

func (f *fitter) write(ctx context.Context, net zoo.Stepper, enc data.Tokens) error {
	var err error
	if f.writer == nil {
		if f.writer, err = newContinuer(net, enc.Tokenizer, f.answers.pool); err != nil {
			return err
		}
	}
	f.writer.reset()
	prompt := enc.Tokenizer.Encode("\n", false)
	if len(prompt) == 0 {
		prompt = []int32{0}
	}
	draw := rng.New(f.Header.Seed).Split("samples").At(uint64(f.s.Step))
	var ids []int32
	for id, err := range f.writer.Continue(ctx, prompt, sampleTokens, Sampling{Temperature: sampleTemperature}, draw) {
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	line, err := json.Marshal(Sample{f.s.Step, enc.Decode(ids, true)})
	if err != nil {
		return err
	}
	file, err := f.Files.Append(filepath.Join(f.Dir, samplesFile))
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	if e := file.Close(); err == nil {
		err = e
	}
	return err
}

// ReadSamples reads what a language model wrote on its way, in the order of the
// steps. A run that was cut off and went on has written some twice, the same.
func ReadSamples(dir string) ([]Sample, error) {
	text, err := Disk{}.ReadFile(filepath.Join(dir, samplesFile))
	if err != nil {
		return nil, err
	}
	var list []Sample
	for line := range bytes.Lines(text) {
		var s Sample
		if json.Unmarshal(line, &s) != nil {
			continue // torn
		}
		for len(list) > 0 && list[len(list)-1].Step >= s.Step {
			list = list[:len(list)-1]
		}
		list = append(list, s)
	}
	return list, nil
}
