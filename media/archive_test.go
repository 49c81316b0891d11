package media

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

type zipEntry struct {
	name string
	body string
	mode fs.FileMode
}

func zipOf(t testing.TB, entries ...zipEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode | 0o644)
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHostileArchivesAreRefusedWhole: one bad entry is enough.
func TestHostileArchivesAreRefusedWhole(t *testing.T) {
	good := zipEntry{name: "train/a/1.png", body: "x"}
	for name, c := range map[string]struct {
		entry zipEntry
		want  string
	}{
		"up":           {zipEntry{name: "../x"}, "leads outside"},
		"up inside":    {zipEntry{name: "a/../../x"}, "leads outside"},
		"absolute":     {zipEntry{name: "/etc/x"}, "leads outside"},
		"drive":        {zipEntry{name: "C:x"}, "leads outside"},
		"backslash":    {zipEntry{name: "a\\x"}, "leads outside"},
		"no name":      {zipEntry{name: ""}, "leads outside"},
		"link":         {zipEntry{name: "link", body: "/etc/passwd", mode: fs.ModeSymlink}, "link or a device"},
		"device":       {zipEntry{name: "device", mode: fs.ModeDevice}, "link or a device"},
		"case twin":    {zipEntry{name: "TRAIN/A/1.png"}, "up to case"},
		"a ratio":      {zipEntry{name: "zeros", body: strings.Repeat("\x00", 8<<20)}, "more than 200 to 1"},
		"above a size": {zipEntry{name: "big", body: strings.Repeat("ab", 1<<20)}, "the limit is"},
	} {
		t.Run(name, func(t *testing.T) {
			b := zipOf(t, good, c.entry)
			l := Limits{}
			if name == "above a size" {
				l.Bytes = 1 << 20
			}
			_, err := OpenZip(bytes.NewReader(b), int64(len(b)), l)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
		})
	}
}

// TestManyEntriesAreCountedFirst refuses by number before the directory is read
// into memory.
func TestManyEntriesAreCountedFirst(t *testing.T) {
	entries := make([]zipEntry, 1001)
	for i := range entries {
		entries[i].name = fmt.Sprint(i)
	}
	b := zipOf(t, entries...)
	if _, err := OpenZip(bytes.NewReader(b), int64(len(b)), Limits{Entries: 1001}); err != nil {
		t.Error(err)
	}
	_, err := OpenZip(bytes.NewReader(b), int64(len(b)), Limits{Entries: 1000})
	if err == nil || !strings.Contains(err.Error(), "limit of 1000 entries") {
		t.Errorf("error = %v", err)
	}
}

// TestOverlappingEntriesAreRefused points two directory entries at one local
// file, as zip bombs of high ratio do.
func TestOverlappingEntriesAreRefused(t *testing.T) {
	b := zipOf(t, zipEntry{name: "a", body: "12345"}, zipEntry{name: "b", body: "12345"})
	first := bytes.Index(b, []byte("PK\x01\x02"))
	second := first + 4 + bytes.Index(b[first+4:], []byte("PK\x01\x02"))
	copy(b[second+42:second+46], b[first+42:first+46]) // offset of the local file
	_, err := OpenZip(bytes.NewReader(b), int64(len(b)), Limits{})
	if err == nil || !strings.Contains(err.Error(), "share the same bytes") {
		t.Errorf("error = %v", err)
	}
}

// TestCutArchivesAreErrors cuts at every byte.
func TestCutArchivesAreErrors(t *testing.T) {
	b := zipOf(t, zipEntry{name: "a", body: "12345"})
	for n := range len(b) {
		if _, err := OpenZip(bytes.NewReader(b[:n]), int64(n), Limits{}); err == nil {
			t.Errorf("cut to %d of %d bytes is accepted", n, len(b))
		}
	}
}
