package data

import (
	"errors"
	"fmt"
	"math"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// KindSound is a stretch of sound: float32 [N].
const KindSound = "sound"

// SoundInput says how a recording becomes numbers: of one channel, the mean of all,
// Samples samples from its beginning, silence behind its end, times Scale.
type SoundInput struct {
	Rate    int     `toml:"rate,omitempty"`    // samples a second
	Samples int     `toml:"samples,omitempty"` // that the network sees
	Scale   float64 `toml:"scale,omitempty"`   // of samples of -1 to 1; 0 for 1
}

// maxSamples bounds what a sound's description may ask for: an hour at 48 kHz.
const maxSamples = 3600 * 48_000

func checkSound(in Input) error {
	s := in.Sound
	switch {
	case s.Rate < 1 || s.Rate > 768_000:
		return fmt.Errorf("input: sound of %d samples a second; wanted 1 to 768000", s.Rate)
	case s.Samples < 1 || s.Samples > maxSamples:
		return fmt.Errorf("input: sound of %d samples; wanted 1 to %d", s.Samples, maxSamples)
	case s.Scale < 0 || math.IsNaN(s.Scale) || math.IsInf(s.Scale, 0):
		return fmt.Errorf("input: sound of scale %v", s.Scale)
	}
	return nil
}

// SoundTensor is the network's input for a recording, float32 [Samples], and
// whether it is longer than what the network sees.
func (in Input) SoundTensor(m media.Sound) (x tensor.Tensor, truncated bool, err error) {
	if m.Rate != in.Sound.Rate {
		return x, false, fmt.Errorf("input: %d samples a second; the network takes %d (resample the recording)", m.Rate, in.Sound.Rate)
	}
	mono := m.Mono().Samples
	x = tensor.New(tensor.F32(in.Sound.Samples))
	n := copy(x.Floats(), mono)
	if in.Sound.Scale != 0 {
		for i := range n {
			x.Floats()[i] *= float32(in.Sound.Scale)
		}
	}
	return x, len(mono) > n, nil
}

func init() {
	inputKinds.Set(KindSound, inputKind{
		field: KindSound, check: checkSound,
		typ: func(in Input) tensor.Type { return tensor.F32(in.Sound.Samples) },
		filler: func(Input, Dataset, []Augment) (func() fill, error) {
			return nil, errors.New("no dataset here has sounds")
		},
	})
}
