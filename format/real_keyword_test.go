package format_test

import (
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

const keywords = "kws-tf-frozen/"

// wav is the samples of a sound of one channel.
func wav(t testing.TB, parts ...string) []float32 {
	t.Helper()
	s, err := media.ReadWAV(shared(t, parts...), media.Limits{})
	if err != nil || s.Rate != 16000 || s.Channels != 1 {
		t.Fatalf("%v: %d samples a second, %d channels, %v", parts, s.Rate, s.Channels, err)
	}
	return s.Samples
}

// speech is 11.9 s of speech at 16 kHz.
func speech(t testing.TB) []float32 {
	t.Helper()
	raw, err := os.ReadFile(shared(t, "models", "silero-vad", "speech_16k_f32le.pcm"))
	if err != nil {
		t.Fatal(err)
	}
	all := make([]float32, len(raw)/4)
	for i := range all {
		all[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return all
}

// TestRealKeywords runs the seven networks of Zhang et al., "Hello Edge: Keyword
// Spotting on Microcontrollers", 2017, whole, from samples to probabilities, on a
// word and on speech that has none: what TensorFlow says. All hear the word.
func TestRealKeywords(t *testing.T) {
	list, err := os.ReadFile(shared(t, "models", keywords+"labels.txt"))
	if err != nil {
		t.Fatal(err)
	}
	labels := strings.Fields(string(list))
	word := wav(t, "models", keywords+"kws_sample.wav")
	other := slices.Clone(speech(t)[32000:48000])
	for i, v := range other { // as a file of 16 bits has it
		other[i] = float32(math.Round(float64(v)*32767)) / 32768
	}
	for _, net := range []string{"DNN_S", "CNN_S", "DS_CNN_S", "Basic_LSTM_S", "LSTM_S", "GRU_S", "CRNN_S"} {
		t.Run(net, func(t *testing.T) {
			run := func(name string, x []float32) []float64 {
				in := tensors{"wav_data": tensor.From(tensor.Dims(1, len(x)), x)}
				c := peerCase{name: net + "." + name, model: keywords + net + ".pb", in: in, outputs: []string{"labels_softmax"}, tolerance: exact}
				return values(c.run(t, "keywords")["labels_softmax"])
			}
			p := run("word", word)
			at := slices.Index(p, slices.Max(p))
			if labels[at] != "right" || p[at] < 0.9 {
				t.Errorf("it hears %s, %.4f", labels[at], p[at])
			}
			if net == "DNN_S" {
				near(t, "right", p[at:at+1], 5e-5, 0.9998)
			}
			run("speech", other)
		})
	}
}
