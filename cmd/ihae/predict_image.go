package main

import (
	"context"
	"slices"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// predictImages answers for files that are images, some at a time.
func (a *app) predictImages(ctx context.Context, p *train.Predictor, files []string) (bad bool, err error) {
	for part := range slices.Chunk(files, train.AnswerBatch) {
		inputs, errs := make([]tensor.Tensor, 0, len(part)), make([]error, len(part))
		for i, file := range part {
			if ctx.Err() != nil {
				return bad, ctx.Err()
			}
			x, err := imageInput(p, file)
			if errs[i] = err; err == nil {
				inputs = append(inputs, x)
			}
		}
		answers, err := p.AnswerAll(ctx, inputs)
		if err != nil {
			return bad, err
		}
		for i, file := range part {
			if errs[i] != nil {
				bad = true
				a.showBad(file, 0, errs[i])
				continue
			}
			a.showAnswer(file, 0, answers[0])
			answers = answers[1:]
		}
	}
	return bad, nil
}

// imageInput is the network's input for an image file.
func imageInput(p *train.Predictor, file string) (tensor.Tensor, error) {
	if err := isFolder(file); err != nil {
		return tensor.Tensor{}, err
	}
	m, err := media.ReadImage(file, media.Limits{})
	if err != nil {
		return tensor.Tensor{}, &inputError{file, err}
	}
	x, err := p.Model().Input.Tensor(m)
	if err != nil {
		return x, &inputError{file, err}
	}
	return x, nil
}
