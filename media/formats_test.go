package media

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// goldenPictures is the files of testdata/golden in one of those formats.
func goldenPictures(t testing.TB, endings ...string) []string {
	t.Helper()
	var all []string
	for _, end := range endings {
		files, err := filepath.Glob("testdata/golden/*." + end)
		if err != nil || len(files) == 0 {
			t.Fatal(end, err)
		}
		all = append(all, files...)
	}
	return all
}

// TestPicturesAreAsPillowDecodesThem: without loss sample for sample; also
// lossy WebP, whose conversion of colours is libwebp's.
func TestPicturesAreAsPillowDecodesThem(t *testing.T) {
	for _, file := range goldenPictures(t, "bmp", "tif", "webp", "gif") {
		name := filepath.Base(file)
		if name == "four.gif" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			within(t, read(t, "golden/"+name), "golden/"+strings.ReplaceAll(name, ".", "_")+".png", 0)
		})
	}
}

// TestGreyPicturesStayGrey where the format says that they are.
func TestGreyPicturesStayGrey(t *testing.T) {
	for name, c := range map[string]int{"grey.tif": 1, "fax.tif": 1, "rgb.tif": 3} {
		if m := read(t, "golden/"+name); m.C != c {
			t.Errorf("%s has %d channels, want %d", name, m.C, c)
		}
	}
}

// TestGIFFramesAreAsPillowDrawsThem: each over the one before, with its time.
func TestGIFFramesAreAsPillowDrawsThem(t *testing.T) {
	b, err := os.ReadFile("testdata/golden/four.gif")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for f, err := range GIFFrames(bytes.NewReader(b), Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		within(t, f.Image, fmt.Sprintf("golden/four_gif_%d.png", n), 0)
		if want := time.Duration(50+10*n) * time.Millisecond; f.Delay != want {
			t.Errorf("frame %d is shown for %v, want %v", n, f.Delay, want)
		}
		n++
	}
	if n != 4 {
		t.Errorf("%d frames", n)
	}
	var last error
	n = 0
	for _, last = range GIFFrames(bytes.NewReader(b), Limits{Frames: 3}) {
		n++
	}
	if last == nil || n != 4 || !strings.Contains(last.Error(), "limit of 3 frames") {
		t.Errorf("%d frames of at most 3: %v", n, last)
	}
}

// square is a picture of 2 x 2 samples of colour 1 at (x, 1), whose place is
// left as disposal says.
func square(x, disposal byte) string {
	control := []byte{0x21, 0xf9, 4, disposal << 2, 0, 0, 0, 0}
	descriptor := []byte{0x2c, x, 0, 1, 0, 2, 0, 2, 0, 0}
	// Codes of three bits, lowest first: clear, 1, and then of four: 1 1, 1, end.
	return string(control) + string(descriptor) + "\x02\x02\x8c\x53\x00"
}

// TestGIFDisposal: what a picture leaves behind, by the rules of the format.
func TestGIFDisposal(t *testing.T) {
	const keep, background, previous = 1, 2, 3
	file := "GIF89a\x04\x00\x03\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" +
		square(0, keep) + square(1, previous) + square(2, background) + square(1, keep) + ";"
	want := []string{"##..", "###.", "####", "###."}
	n := 0
	for f, err := range GIFFrames(strings.NewReader(file), Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		var row strings.Builder
		for x := range 4 {
			row.WriteByte(".#"[f.Image.Row(1)[3*x]/255])
		}
		if n < len(want) && row.String() != want[n] {
			t.Errorf("frame %d is %s, want %s", n, row.String(), want[n])
		}
		n++
	}
	if n != len(want) {
		t.Errorf("%d frames", n)
	}
}

// TestBombsOfTheNewerFormats must not cost memory.
func TestBombsOfTheNewerFormats(t *testing.T) {
	for name, b := range map[string]string{
		"gif of 65535 a side":   "GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;",
		"bmp of 2^30 a side":    "BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x40\x01\x00\x18\x00" + strings.Repeat("\x00", 24),
		"webp of 16384 a side":  "RIFF\x16\x00\x00\x00WEBPVP8L\x09\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00",
		"webp canvas of 2^24":   "RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\x0f\x00\x00",
		"tiff of 2^31 a side":   "II*\x00\x08\x00\x00\x00\x02\x00\x00\x01\x04\x00\x01\x00\x00\x00\xff\xff\xff\x7f\x01\x01\x04\x00\x01\x00\x00\x00\xff\xff\xff\x7f\x00\x00\x00\x00",
		"heic":                  "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
		"animated webp":         "RIFF\x2c\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x01\x00\x00ANIM\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"gif without a picture": "GIF89a\x01\x00\x01\x00\x00\x00\x00;",
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, err = DecodeImage(strings.NewReader(b), Limits{}) })
			var format *FormatError
			if !errors.As(err, &format) {
				t.Errorf("error = %v", err)
			}
			if n > 16<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}

// TestCutPicturesAreErrors cuts a file of each format at every byte: none may
// panic; what the format needs to the end must say that it is missing.
func TestCutPicturesAreErrors(t *testing.T) {
	for name, spare := range map[string]int{"few.bmp": 0, "lzw.tif": -1, "lossless.webp": 0, "lossy.webp": -1, "one.gif": 1} {
		b, err := os.ReadFile("testdata/golden/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(b) - max(spare, 0) {
			if _, err := DecodeImage(bytes.NewReader(b[:n]), Limits{}); err == nil && spare >= 0 {
				t.Errorf("%s cut to %d of %d bytes is accepted", name, n, len(b))
			}
		}
	}
}

// FuzzGIFFrames: whatever the bytes, frames within the limits or an error.
func FuzzGIFFrames(f *testing.F) {
	seed(f, "testdata/golden/*.gif")
	l := small
	l.Frames = 10
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		for m, err := range GIFFrames(bytes.NewReader(b), l) {
			if err == nil && (len(m.Image.Pix) != 3*m.Image.W*m.Image.H || n >= l.Frames) {
				t.Errorf("frame %d of %d x %d with %d samples", n, m.Image.W, m.Image.H, len(m.Image.Pix))
			}
			n++
		}
	})
}
