package media

import "github.com/ihae/ihae/tensor"

// Sound is samples of -1 to 1 over time, interleaved by channel. Copies share
// the samples.
type Sound struct {
	Rate     int       // samples a second of each channel
	Channels int       // 1 or more
	Samples  []float32 // [N Channels] in row-major order
}

// Len is the number of samples of each channel.
func (s Sound) Len() int {
	if s.Channels == 0 {
		return 0
	}
	return len(s.Samples) / s.Channels
}

// Seconds is how long the sound lasts.
func (s Sound) Seconds() float64 {
	if s.Rate == 0 {
		return 0
	}
	return float64(s.Len()) / float64(s.Rate)
}

// Mono is the mean of the channels. A sound of one channel is returned as it is.
func (s Sound) Mono() Sound {
	if s.Channels == 1 {
		return s
	}
	out := Sound{Rate: s.Rate, Channels: 1, Samples: make([]float32, s.Len())}
	for i := range out.Samples {
		sum := 0.0
		for _, v := range s.Samples[i*s.Channels : (i+1)*s.Channels] {
			sum += float64(v)
		}
		out.Samples[i] = float32(sum / float64(s.Channels))
	}
	return out
}

// Tensor sees the sound as a float32 tensor [N Channels], which shares its
// memory.
func (s Sound) Tensor() tensor.Tensor {
	return tensor.From(tensor.Dims(s.Len(), s.Channels), s.Samples)
}
