package main

import (
	"context"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

func init() { predictors[data.KindSound] = (*app).predictSounds }

// predictSounds answers for files that are recordings (WAV), one after the other.
func (a *app) predictSounds(ctx context.Context, p *train.Predictor, files []string) (bad bool, err error) {
	return a.eachFile(files, func(file string) (bool, error) {
		if err := isFolder(file); err != nil {
			return false, err
		}
		sound, err := media.ReadWAV(file, media.Limits{})
		if err != nil {
			return false, &inputError{file, err}
		}
		x, truncated, err := p.Model().Input.SoundTensor(sound)
		if err != nil {
			return false, &inputError{file, err}
		}
		answers, err := p.AnswerAll(ctx, []tensor.Tensor{x})
		if err != nil {
			return false, err
		}
		answers[0].Truncated = truncated
		a.showAnswer(file, 0, answers[0])
		return false, nil
	})
}
