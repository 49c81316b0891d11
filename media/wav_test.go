package media

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestG711Tables compares with those of Python's audioop.
func TestG711Tables(t *testing.T) {
	b, err := os.ReadFile("testdata/golden/g711.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Alaw, Ulaw [256]int }
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	for i := range 256 {
		if a, u := fromALaw(uint8(i)), fromMuLaw(uint8(i)); a != want.Alaw[i] || u != want.Ulaw[i] {
			t.Errorf("%d is %d and %d, want %d and %d", i, a, u, want.Alaw[i], want.Ulaw[i])
		}
	}
}

// TestWAVReadsWhatPythonWrites: the samples of the generator's script, in each
// width.
func TestWAVReadsWhatPythonWrites(t *testing.T) {
	samples := []int{0, 1, -1, 100, -100, 32767, -32768, 12345, -23456, 7}
	for name, bits := range map[string]int{"pcm8_1": 8, "pcm16_1": 16, "pcm16_2": 16, "pcm24_2": 24, "pcm32_1": 32} {
		s, err := ReadWAV("testdata/golden/"+name+".wav", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if s.Rate != 22050 || s.Channels != int(name[len(name)-1]-'0') || len(s.Samples) != len(samples) {
			t.Errorf("%s: %d a second, %d channels, %d samples", name, s.Rate, s.Channels, len(s.Samples))
			continue
		}
		for i, v := range samples {
			want := float32(v) / 32768
			if bits == 8 {
				want = float32(v>>8) / 128
			}
			if s.Samples[i] != want {
				t.Errorf("%s: sample %d is %v, want %v", name, i, s.Samples[i], want)
			}
		}
	}
}

// TestWAVComesBack: what is written in each coding is read again, as exactly as
// the coding allows; writing that once more loses nothing.
func TestWAVComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(codings.Names()).Draw(t, "coding")
		c, err := ParseCoding(name)
		if err != nil {
			t.Fatal(err)
		}
		s := Sound{Rate: rapid.IntRange(1, maxRate).Draw(t, "rate"), Channels: rapid.IntRange(1, 3).Draw(t, "channels")}
		s.Samples = rapid.SliceOfN(rapid.Float32Range(-1, 1), 0, 40).Draw(t, "samples")
		s.Samples = s.Samples[:s.Len()*s.Channels]
		first := reread(t, s, c)
		near := map[string]float64{"pcm8": 1. / 128, "pcm16": 1. / 32768, "pcm24": 1. / (1 << 23), "alaw": 1. / 32, "mulaw": 1. / 32}[name]
		for i, v := range first.Samples {
			if math.Abs(float64(v-s.Samples[i])) > near+1e-7 {
				t.Errorf("sample %d is %v, was %v", i, v, s.Samples[i])
			}
		}
		if second := reread(t, first, c); !slices.Equal(first.Samples, second.Samples) {
			t.Errorf("%v becomes %v", first.Samples, second.Samples)
		}
	})
}

// reread writes a sound and reads it.
func reread(t interface{ Fatal(...any) }, s Sound, c Coding) Sound {
	var b bytes.Buffer
	if err := EncodeWAV(&b, s, c); err != nil {
		t.Fatal(err)
	}
	got, err := DecodeWAV(&b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Rate != s.Rate || got.Channels != s.Channels || len(got.Samples) != len(s.Samples) {
		t.Fatal(got.Rate, got.Channels, len(got.Samples))
	}
	return got
}

// wavOf is a file of these parts: a format of tag, channels, rate and bits, and
// data that say they have that size.
func wavOf(tag, channels, rate, bits, size int, data string) string {
	b := binary.LittleEndian.AppendUint32([]byte("RIFF....WAVELIST\x03\x00\x00\x00abc\x00fmt "), 16)
	b = binary.LittleEndian.AppendUint16(b, uint16(tag))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(bits))
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(size))
	return string(b) + data
}

// TestWAVExtensible reads the tag within the identity.
func TestWAVExtensible(t *testing.T) {
	file := strings.Replace(wavOf(tagExtensible, 1, 8000, 32, 4, "\x00\x00\x80\x3f"), "fmt \x10", "fmt \x28", 1)
	file = strings.Replace(file, "data", "\x16\x00\x20\x00\x04\x00\x00\x00\x03\x00"+extensibleRest+"data", 1)
	s, err := DecodeWAV(strings.NewReader(file), Limits{})
	if err != nil || len(s.Samples) != 1 || s.Samples[0] != 1 {
		t.Errorf("%v %v", s.Samples, err)
	}
}

// TestWAVLies: sizes and numbers that cannot be, one at a time.
func TestWAVLies(t *testing.T) {
	nan := "\x00\x00\xc0\x7f"
	for name, c := range map[string]struct {
		file, want string
	}{
		"no data":       {"RIFF....WAVE", "the data ends"},
		"not a sound":   {"OggS........", "wanted RIFF"},
		"0 channels":    {wavOf(1, 0, 8000, 16, 2, "ab"), "0 channels"},
		"9 channels":    {wavOf(1, 9, 8000, 16, 2, "ab"), "9 channels"},
		"0 Hz":          {wavOf(1, 1, 0, 16, 2, "ab"), "0 samples a second"},
		"12 bits":       {wavOf(1, 1, 8000, 12, 2, "ab"), "of 12 bits"},
		"mp3 inside":    {wavOf(0x55, 1, 8000, 0, 2, "ab"), "format 85"},
		"NaN":           {wavOf(3, 1, 8000, 32, 4, nan), "byte 56: sample 0 is not a finite number"},
		"data too long": {wavOf(1, 1, 8000, 16, 1<<31, "abcd"), "the data ends after"},
		"too many":      {wavOf(1, 1, 8000, 8, 1<<20, strings.Repeat("a", 1<<20)), "limit of 1000 samples"},
		"format first":  {"RIFF....WAVEdata\x02\x00\x00\x00ab", "before their format"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, err = DecodeWAV(strings.NewReader(c.file), Limits{Samples: 1000}) })
			var format *FormatError
			if !errors.As(err, &format) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
			if n > 4<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
	s, err := DecodeWAV(strings.NewReader(wavOf(1, 2, 8000, 16, streamed, "abcdefghij")), Limits{})
	if err != nil || s.Len() != 2 {
		t.Errorf("streamed: %d moments, %v", s.Len(), err)
	}
}

// TestMonoIsTheMean of the channels.
func TestMonoIsTheMean(t *testing.T) {
	s := Sound{Rate: 8, Channels: 2, Samples: []float32{1, 0, -1, 0.5}}.Mono()
	if !slices.Equal(s.Samples, []float32{0.5, -0.25}) || s.Seconds() != 0.25 || s.Tensor().Shape().Dim(1) != 1 {
		t.Errorf("%v of %v s", s.Samples, s.Seconds())
	}
}

// FuzzDecodeWAV: what is read is what was written.
func FuzzDecodeWAV(f *testing.F) {
	seed(f, "testdata/golden/*.wav")
	f.Add([]byte(wavOf(tagALaw, 2, 8000, 8, streamed, "abcdef")))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeWAV(bytes.NewReader(b), small)
		if err != nil {
			return
		}
		if len(s.Samples) != s.Len()*s.Channels {
			t.Fatal("a moment is not whole")
		}
		if again := reread(t, s, Float32); !slices.Equal(s.Samples, again.Samples) {
			t.Error("another sound comes back")
		}
	})
}

// ExampleDecodeWAV writes a tone and reads it.
func ExampleDecodeWAV() {
	s := Sound{Rate: 8000, Channels: 1, Samples: []float32{0, 0.5, 0, -0.5}}
	var file bytes.Buffer
	if err := EncodeWAV(&file, s, PCM16); err != nil {
		fmt.Println(err)
	}
	got, err := DecodeWAV(&file, Limits{})
	fmt.Println(got.Rate, got.Samples, err)
	// Output: 8000 [0 0.5 0 -0.5] <nil>
}
