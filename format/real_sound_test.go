package format_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// slaney is the frequency in hertz of a mel: linear below 1 kHz, logarithmic above;
// Slaney, "Auditory Toolbox", 1998, page 29.
func slaney(mel float64) float64 {
	if mel < 15 {
		return mel * 200 / 3
	}
	return 1000 * math.Exp((mel-15)*math.Log(6.4)/27)
}

// slaneyMel is its inverse.
func slaneyMel(hertz float64) float64 {
	if hertz < 1000 {
		return hertz * 3 / 200
	}
	return 15 + 27*math.Log(hertz/1000)/math.Log(6.4)
}

// melBands is triangles of area 1 over the bins of a transform of size points at
// 16 kHz: [bands bins].
func melBands(bands, size int, low, high float64) [][]float64 {
	edge := make([]float64, bands+2)
	a, b := slaneyMel(low), slaneyMel(high)
	for i := range edge {
		edge[i] = slaney(a + (b-a)*float64(i)/float64(bands+1))
	}
	all := make([][]float64, bands)
	for k := range all {
		all[k] = make([]float64, size/2+1)
		for i := range all[k] {
			f := float64(i) * 16000 / float64(size)
			up, down := (f-edge[k])/(edge[k+1]-edge[k]), (edge[k+2]-f)/(edge[k+2]-edge[k+1])
			all[k][i] = max(0, min(up, down)) * 2 / (edge[k+2] - edge[k])
		}
	}
	return all
}

// power is the squares of the discrete Fourier transform of x under a periodic
// Hann window, of bins 0 to half.
func power(x []float64) []float64 {
	n := len(x)
	sine, cosine := make([]float64, n), make([]float64, n)
	for i := range n {
		sine[i], cosine[i] = math.Sincos(2 * math.Pi * float64(i) / float64(n))
	}
	p := make([]float64, n/2+1)
	for k := range p {
		var re, im float64
		for i, v := range x {
			v *= 0.5 - 0.5*cosine[i]
			re, im = re+v*cosine[i*k%n], im-v*sine[i*k%n]
		}
		p[k] = re*re + im*im
	}
	return p
}

// logMel is the front end of the models of Moonshine: logarithms of mel bands of
// frames of 512 samples, of which the sound's ends are mirrored, less their mean,
// over their deviation: [1 1 bands frames].
func logMel(x []float32, bands, frames, hop int) tensor.Tensor {
	const size = 512
	n := len(x)
	filters := melBands(bands, size, 20, 8000)
	y := make([]float64, bands*frames)
	for f := range frames {
		frame := make([]float64, size)
		for i := range frame {
			at := f*hop + i - size/2
			if at < 0 {
				at = -at
			}
			if at >= n {
				at = 2*(n-1) - at
			}
			frame[i] = float64(x[at])
		}
		p := power(frame)
		for k, w := range filters {
			sum := 0.0
			for i, v := range p {
				sum += w[i] * v
			}
			y[k*frames+f] = math.Log(sum + 1e-6)
		}
	}
	mean, square := 0.0, 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		square += (v - mean) * (v - mean) / float64(len(y))
	}
	t := tensor.New(tensor.F32(1, 1, bands, frames))
	for i, v := range y {
		t.Floats()[i] = float32((v - mean) / max(math.Sqrt(square), 1e-3))
	}
	return t
}

const spelling = "speech-spelling-cnn/"

// TestRealSpelling spells three letters: all logits of ONNX Runtime, and the
// published letters and logits of the first and the second.
func TestRealSpelling(t *testing.T) {
	text, err := os.ReadFile(shared(t, "models", spelling+"spelling_cnn_meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	var about struct{ Classes []string }
	if err := json.Unmarshal(text, &about); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		letter, second string
		logits         []float64
	}{{"a", "i", []float64{0.619, -2.606}}, {"b", "p", []float64{-0.410, -1.862}}, {"c", "v", []float64{-0.428, -2.885}}} {
		x := logMel(wav(t, "models", spelling+c.letter+".wav"), 64, 128, 125)
		out := peerCase{
			name: "spelling." + c.letter, model: spelling + "spelling_cnn_mel.onnx", in: tensors{"log_mel": x}, tolerance: exact,
		}.run(t, "sound")
		y := values(out["logits"])
		order := sortedByValue(y)
		if about.Classes[order[0]] != c.letter || about.Classes[order[1]] != c.second {
			t.Errorf("%s is heard as %s, then %s", c.letter, about.Classes[order[0]], about.Classes[order[1]])
		}
		near(t, c.letter, []float64{y[order[0]], y[order[1]]}, 2e-3, c.logits...)
	}
}

// sortedByValue is the indices of y, largest first.
func sortedByValue(y []float64) []int {
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(math.Copysign(1, y[b]-y[a])) })
	return order
}

// TestRealTinyVAD runs the detector of speech on half a second each of speech and
// of silence.
func TestRealTinyVAD(t *testing.T) {
	logit := map[string]float64{}
	for name, x := range map[string][]float32{"speech": speech(t)[40000:48192], "silence": make([]float32, 8192)} {
		out := peerCase{
			name: "tinyvad." + name, model: spelling + "tinyvad_cnn_speech_mel.onnx", in: tensors{"log_mel": logMel(x, 32, 16, 512)}, tolerance: exact,
		}.run(t, "sound")
		logit[name] = values(out["speech_logit"])[0]
	}
	if !(logit["speech"] > 0 && logit["silence"] < 0) {
		t.Errorf("logits %v", logit)
	}
}

// TestRealWakeWords runs the four models of openWakeWord one behind the other, on
// speech without the words: what ONNX Runtime and the description say.
func TestRealWakeWords(t *testing.T) {
	const folder = "openwakeword/"
	x := tensor.New(tensor.F32(1, 64000))
	for i, v := range speech(t)[:64000] {
		x.Floats()[i] = v * 32767
	}
	mel := peerCase{name: "mel", model: folder + "melspectrogram.onnx", in: tensors{"input": x}, tolerance: exact}.run(t, "sound")["output"]
	if got := mel.Shape(); got != tensor.Dims(1, 1, 397, 32) {
		t.Fatalf("mel spectrogram %v", got)
	}
	const bands, window, hop = 32, 76, 8
	n := (397-window)/hop + 1
	frames := tensor.New(tensor.F32(n, window, bands, 1))
	for i := range n {
		for k, v := range mel.Floats()[i*hop*bands : (i*hop+window)*bands] {
			frames.Floats()[i*window*bands+k] = v/10 + 2
		}
	}
	c := peerCase{name: "embedding", model: folder + "embedding_model.onnx", in: tensors{"input_1": frames}, tolerance: exact}
	embedding := c.run(t, "sound")["conv2d_19"]
	if got := embedding.Shape(); got != tensor.Dims(41, 1, 1, 96) {
		t.Fatalf("embeddings %v", got)
	}
	near(t, "first embedding", values(embedding)[:4], 2e-3, -9.9814, 25.1111, 12.6954, -8.7042)
	for _, word := range []struct {
		name, file, input, output string
		most                      float64
	}{{"alexa", "alexa_v0.1.onnx", "onnx::Flatten_0", "13", 4.3e-6}, {"hey-jarvis", "hey_jarvis_v0.1.onnx", "x.1", "53", 5.8e-6}} {
		s, most := running(t, folder+word.file), 0.0
		at := func(i int) tensors {
			return tensors{word.input: tensor.From(tensor.Dims(1, 16, 96), embedding.Floats()[i*96:(i+16)*96])}
		}
		for i := range n - 15 {
			most = max(most, values(ran(t, s, at(i))[word.output])[0])
		}
		near(t, word.name, []float64{most}, 1e-7, word.most)
		peerCase{name: word.name, model: folder + word.file, in: at(n - 16), tolerance: exact, absolute: sigmoid}.run(t, "sound")
	}
}

// voices is what peers.py recorded of Silero's detector: the probability of each
// chunk, and the state after the last.
type voices struct {
	Probability []float64
	State       summary
}

// TestRealSilero runs the detector of voices over 11.9 s, chunk by chunk with its
// state: both files, and the branch of the one that is for 8 kHz.
func TestRealSilero(t *testing.T) {
	var all map[string]voices
	if *record == "" {
		readRecord(t, "silero", &all)
	}
	slow := make([]float32, 0, 100_000)
	for i, v := range speech(t) {
		if i%2 == 0 {
			slow = append(slow, v)
		}
	}
	for _, c := range []struct {
		name, file string
		x          []float32
		rate       int64
		chunk      int
		voiced     int // chunks above a half, as published; 0: not
	}{
		{"full", "silero_vad.onnx", speech(t), 16000, 512, 247},
		{"full-8k", "silero_vad.onnx", slow, 8000, 256, 0},
		{"one-rate", "silero_vad_16k_op15.onnx", speech(t), 16000, 512, 247},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := running(t, "silero-vad/"+c.file)
			p, state := listen(t, func(in tensors) tensors { return ran(t, s, in) }, c.x, c.rate, c.chunk)
			voiced := 0
			for _, v := range p {
				if v > 0.5 {
					voiced++
				}
			}
			if c.voiced > 0 {
				if len(p) != 371 || voiced != c.voiced {
					t.Errorf("%d of %d chunks are voiced, want %d of 371", voiced, len(p), c.voiced)
				}
				near(t, "first probabilities", p[:5], 1e-4, 0.0250, 0.0145, 0.0085, 0.0074, 0.0148)
			}
			if *record != "" {
				return
			}
			near(t, "probabilities", p, exact, all[c.name].Probability...)
			far, err := all[c.name].State.distance(state)
			if err != nil || !(far <= exact) {
				t.Errorf("the last state is off by %.3g of its largest (%v)", far, err)
			}
			t.Logf("%d of %d chunks are voiced; the last state is off by %.2g", voiced, len(p), far)
		})
	}
}

// listen feeds chunks with the eighth before each, and the state.
func listen(t *testing.T, run func(tensors) tensors, x []float32, rate int64, chunk int) (p []float64, state tensor.Tensor) {
	t.Helper()
	state = tensor.New(tensor.F32(2, 1, 128))
	before := chunk / 8
	for at := 0; at+chunk <= len(x); at += chunk {
		in := tensor.New(tensor.F32(1, before+chunk))
		copy(in.Floats()[max(0, before-at):], x[max(0, at-before):at+chunk])
		out := run(tensors{"input": in, "state": state, "sr": tensor.Scalar(rate)})
		p = append(p, values(out["output"])[0])
		state = out["stateN"]
	}
	return p, state
}
