package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"runtime"
	"strings"
	"testing"
)

// bomb is a PNG of w x h with no samples: 57 bytes.
func bomb(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	head = append(binary.BigEndian.AppendUint32(head, h), 8, 2, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, 13)
	b = append(b, head...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head))
	return append(b, "\x00\x00\x00\x00IEND\xaeB`\x82"...)
}

// allocated is the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestImageBombIsRefusedFromItsHeader allows 16 MB for saying no.
func TestImageBombIsRefusedFromItsHeader(t *testing.T) {
	for name, b := range map[string][]byte{
		"30000 a side":  bomb(30000, 30000),
		"cut to 47":     bomb(30000, 30000)[:47],
		"one long row":  bomb(10001, 1),
		"many pixels":   bomb(9999, 9999),
		"no width":      bomb(0, 5),
		"2^31 a side":   bomb(1<<31-1, 1<<31-1),
		"2^32-1 a side": bomb(1<<32-1, 1<<32-1),
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, err = DecodeImage(bytes.NewReader(b), Limits{}) })
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

// TestErrorsSayWhatIsThere: empty, of another format, too long.
func TestErrorsSayWhatIsThere(t *testing.T) {
	for text, want := range map[string]string{
		"":       "no bytes",
		"P9 1 1": "begins with",
	} {
		_, err := DecodeImage(strings.NewReader(text), Limits{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error = %v", text, err)
		}
	}
	_, err := DecodeImage(bytes.NewReader(make([]byte, 100)), Limits{Bytes: 99})
	if err == nil || !strings.Contains(err.Error(), "limit of 99 bytes") {
		t.Errorf("error = %v", err)
	}
}

// TestCutImagesAreErrors cuts a PNG and a JPEG at every byte: none may panic,
// and all before the last bytes must say that something is missing.
func TestCutImagesAreErrors(t *testing.T) {
	for _, name := range []string{"scene_420_narrow.jpg", "orient_3.png"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(b) - 12 {
			if _, err := DecodeImage(bytes.NewReader(b[:n]), Limits{}); err == nil {
				t.Errorf("%s cut to %d of %d bytes is accepted", name, n, len(b))
			}
		}
	}
}

// TestOrientationIsBounded gives directories that point and count beyond the
// data.
func TestOrientationIsBounded(t *testing.T) {
	for _, b := range []string{
		"", "II*\x00", "II*\x00\xff\xff\xff\xff", "MM\x00*\x00\x00\x00\x08",
		"II*\x00\x08\x00\x00\x00\xff\xff", "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x09\x00\x00\x00",
	} {
		if o := orientation([]byte(b)); o != 1 {
			t.Errorf("%q: orientation %d", b, o)
		}
	}
	six := "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
	if o := orientation([]byte(six)); o != 6 {
		t.Errorf("orientation %d, want 6", o)
	}
}
