package media

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// pnmFiles is files and their samples as the definition of the formats has them.
var pnmFiles = []struct {
	file    string
	w, h, c int
	want    []uint8
}{
	{"P1\n# a comment\n3 2\n1 0 1\n010", 3, 2, 1, []uint8{0, 255, 0, 255, 0, 255}},
	{"P2 2 2 # grey\n15\n0 15 3\n7\n", 2, 2, 1, []uint8{0, 255, 51, 119}},
	{"P3\n1 2\n255\n1 2 3\n4 5 6", 1, 2, 3, []uint8{1, 2, 3, 4, 5, 6}},
	{"P4\n9 2\n\xa0\x80\x00\x00", 9, 2, 1, []uint8{
		0, 255, 0, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	}},
	{"P5 3 1 255\n\x00\x0a\xff", 3, 1, 1, []uint8{0, 10, 255}},
	{"P5 2 1 65535\n\x80\x00\xff\xff", 2, 1, 1, []uint8{128, 255}},
	{"P6 1 2 100\n\x00\x32\x64\x01\x02\x03", 1, 2, 3, []uint8{0, 128, 255, 3, 5, 8}},
	{"P5 1 1 255\n\x20P5 1 1 255\n\x30", 1, 1, 1, []uint8{32}},
}

// TestPNM reads each kind; cut anywhere before its last sample it is refused.
func TestPNM(t *testing.T) {
	for _, c := range pnmFiles {
		m, err := DecodeImage(strings.NewReader(c.file), Limits{})
		if err != nil {
			t.Errorf("%.2s: %v", c.file, err)
			continue
		}
		if m.W != c.w || m.H != c.h || m.C != c.c || !bytes.Equal(m.Pix, c.want) {
			t.Errorf("%.2s is %d x %d x %d %v, want %d x %d x %d %v", c.file, m.W, m.H, m.C, m.Pix, c.w, c.h, c.c, c.want)
		}
	}
	for _, c := range pnmFiles[:7] {
		whole := strings.TrimSuffix(c.file, "\n")
		for i := range len(whole) {
			var format *FormatError
			if _, err := DecodeImage(strings.NewReader(whole[:i]), Limits{}); !errors.As(err, &format) {
				t.Errorf("%.2s cut after %d bytes: error %v", whole, i, err)
			}
		}
	}
}

// TestPNMRefused: what is not as the formats say, or is too large.
func TestPNMRefused(t *testing.T) {
	for file, want := range map[string]string{
		"P5 30000 30000 255\n":   "limit",
		"P5 0 1 255\n":           "0 x 1",
		"P5 1 1 0\n":             "up to 0",
		"P5 1 1 70000\n\x00":     "up to 70000",
		"P2 1 1 3\n4":            "the most is 3",
		"P2 1 1 3\nx":            "want a number",
		"P1 1 1\n2":              "want a 0 or a 1",
		"P5 99999999999 1 255":   "above 2^30",
		"P6 9999 9999 255\n\x00": "",
	} {
		var err error
		n := allocated(func() { _, err = DecodeImage(strings.NewReader(file), Limits{}) })
		if err == nil || !strings.Contains(err.Error(), want) || n > 16<<20 {
			t.Errorf("%q: error %v with %d bytes allocated, want %q", file, err, n, want)
		}
	}
}

// FuzzPNM: whatever follows the two letters, an image within the limits or an error.
func FuzzPNM(f *testing.F) {
	for _, c := range pnmFiles {
		f.Add([]byte(c.file))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 2 || b[0] != 'P' || b[1] < '1' || b[1] > '6' {
			return
		}
		m, err := DecodeImage(bytes.NewReader(b), small)
		if err == nil && (len(m.Pix) != m.W*m.H*m.C || m.W < 1 || m.H < 1) {
			t.Errorf("an image of %d x %d x %d with %d samples", m.W, m.H, m.C, len(m.Pix))
		}
	})
}
