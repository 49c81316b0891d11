package main

import (
	"context"
	"os"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// The train step of nanoGPT's setting for CPUs: 4 layers, 4 heads, width 128,
// context 64, batch 12, 65 characters, gradients clipped to length 1.
const gptBatch, gptContext, gptVocab = 12, 64, 65

func init() {
	add("gpt", func(b *bench) error {
		s, err := buildGPT(b.pool)
		if err != nil {
			return err
		}
		t, err := best(b.seconds, s.run)
		if err != nil {
			return err
		}
		return show(line{Bench: "gpt-step", Ms: t * 1e3, PerSecond: gptBatch / t})
	})
	add("profile-gpt", func(b *bench) error {
		s, err := buildGPT(b.pool)
		if err != nil {
			return err
		}
		s.machine.Count()
		if _, err := best(b.seconds, s.run); err != nil {
			return err
		}
		return s.machine.Profile().Dump(os.Stdout)
	})
	add("memory-gpt", func(b *bench) error {
		before := train.PeakMemory()
		s, err := buildGPT(b.pool)
		if err != nil {
			return err
		}
		for range 20 {
			if err := s.run(); err != nil {
				return err
			}
		}
		return show(line{Bench: "gpt-memory", Bytes: train.PeakMemory() - before})
	})
}

func buildGPT(pool *exec.Pool) (step, error) {
	r := rng.New(0)
	text := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(gptContext)}
	net, err := zoo.New("gpt", r, zoo.In{Type: text, Vocab: []int{gptVocab}}, gptVocab, nil)
	if err != nil {
		return step{}, err
	}
	ids := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(gptBatch, gptContext)}
	opt := optim.AdamW{Beta1: 0.9, Beta2: 0.99, WeightDecay: 0.1}
	p, err := train.NewStepProgram(net, ids, opt, train.StepOptions{Input: "text", Objective: train.Next{}, ClipNorm: 1})
	if err != nil {
		return step{}, err
	}
	program, err := plan.Compile(p.Func, p.Options)
	if err != nil {
		return step{}, err
	}
	s := step{machine: exec.NewMachine(program, pool)}
	for _, leaf := range p.Params {
		s.in = append(s.in, leaf.Value)
	}
	for _, slot := range p.Slots {
		s.in = append(s.in, tensor.New(slot.Type))
	}
	draw := r.Split("batch").Rand()
	for range 2 { // tokens and the tokens after them
		x := tensor.New(ids)
		for i := range tensor.Of[int32](x) {
			tensor.Of[int32](x)[i] = int32(draw.IntN(gptVocab))
		}
		s.in = append(s.in, x)
	}
	s.in = append(s.in, tensor.From(tensor.Dims(2), []uint32{1, 2}), tensor.Scalar[float32](0.001), tensor.Scalar[float32](1))
	_, err = s.machine.Run(context.Background(), s.in)
	return s, err
}
