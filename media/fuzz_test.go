package media

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// small bounds what the fuzzer can make a decoder allocate.
var small = Limits{Pixels: 1 << 20, Side: 2048, Bytes: 4 << 20, Entries: 100}

func seed(f *testing.F, patterns ...string) {
	for _, p := range patterns {
		files, err := filepath.Glob(p)
		if err != nil || len(files) == 0 {
			f.Fatal(p, err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
}

// FuzzDecodeImage: whatever the bytes, an image within the limits or an error.
func FuzzDecodeImage(f *testing.F) {
	seed(f, "testdata/scene_420_narrow.*", "testdata/orient_[36].*", "testdata/kind_*.png", "testdata/scene_cmyk.jpg", "testdata/scene_progressive.jpg")
	seed(f, goldenPictures(f, "bmp", "tif", "webp", "gif")...)
	f.Add(bomb(30000, 30000))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := DecodeImage(bytes.NewReader(b), small)
		if err == nil && (len(m.Pix) != m.W*m.H*m.C || m.W > small.Side && m.H > small.Side || m.W < 1 || m.H < 1) {
			t.Errorf("an image of %d x %d x %d with %d samples", m.W, m.H, m.C, len(m.Pix))
		}
	})
}

// again writes what was read and reads it once more: the same must come back.
func again(t *testing.T, x tensor.Tensor, err error, encode func(*bytes.Buffer) error, decode func([]byte) (tensor.Tensor, error)) {
	if err != nil {
		return
	}
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	y, err := decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := same(x, y); err != nil {
		t.Error(err)
	}
}

// FuzzDecodeIDX: what is read is what was written.
func FuzzDecodeIDX(f *testing.F) {
	f.Add([]byte("\x00\x00\x08\x02\x00\x00\x00\x01\x00\x00\x00\x02ab"))
	f.Add([]byte("\x00\x00\x0d\x01\x00\x00\x00\x01\x3f\x80\x00\x00"))
	decode := func(b []byte) (tensor.Tensor, error) { return DecodeIDX(bytes.NewReader(b), small) }
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := decode(b)
		again(t, x, err, func(w *bytes.Buffer) error { return EncodeIDX(w, x) }, decode)
	})
}

// FuzzDecodeNPY: what is read is what was written.
func FuzzDecodeNPY(f *testing.F) {
	seed(f, "testdata/npy/*.npy")
	decode := func(b []byte) (tensor.Tensor, error) { return DecodeNPY(bytes.NewReader(b), small) }
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := decode(b)
		again(t, x, err, func(w *bytes.Buffer) error { return EncodeNPY(w, x) }, decode)
	})
}

// FuzzOpenZip: whatever an accepted archive holds can be unpacked within its
// promise.
func FuzzOpenZip(f *testing.F) {
	f.Add(zipOf(f, zipEntry{name: "a.npy", body: "12345"}, zipEntry{name: "b/c", body: "x"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := OpenZip(bytes.NewReader(b), int64(len(b)), small)
		if err != nil {
			return
		}
		for _, file := range z.File {
			body, err := ReadEntry(file)
			if err == nil && uint64(len(body)) > file.UncompressedSize64 {
				t.Errorf("%q has %d bytes, %d promised", file.Name, len(body), file.UncompressedSize64)
			}
		}
	})
}
