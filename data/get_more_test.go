package data_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ihae/ihae/data"
)

// TestGetFollowsNoRedirectToHTTP from https; to another host of https it does.
func TestGetFollowsNoRedirectToHTTP(t *testing.T) {
	plain, _ := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, body, `"a"`) })
	safe := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL, http.StatusFound)
	}))
	defer safe.Close()
	trust := func(_ *data.Card, o *data.GetOptions) {
		o.Client = data.GetClient()
		o.Client.Transport = safe.Client().Transport
	}
	dir, err := get(t, safe.URL, trust)
	if err == nil || !strings.Contains(err.Error(), "not https") {
		t.Errorf("error = %v", err)
	}
	holds(t, dir, false)
}

// TestGetTakesTheNextAddress where the first has nothing.
func TestGetTakesTheNextAddress(t *testing.T) {
	lost, _ := faultyServer(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	good, _ := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, body, `"a"`) })
	dir, err := get(t, lost.URL, func(c *data.Card, _ *data.GetOptions) { c.Remote[0].URLs = []string{lost.URL, good.URL} })
	if err != nil {
		t.Fatal(err)
	}
	holds(t, dir, true)
}

// TestGetGivesUpOnSilence after the time it was given, and on nobody at once.
func TestGetGivesUpOnSilence(t *testing.T) {
	release := make(chan struct{})
	s, _ := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:100])
		w.(http.Flusher).Flush()
		<-release
	})
	defer close(release)
	start := time.Now()
	_, err := get(t, s.URL, func(_ *data.Card, o *data.GetOptions) { o.Stall, o.Attempts = 50*time.Millisecond, 2 })
	if err == nil || !strings.Contains(err.Error(), "nothing comes for 50ms") || time.Since(start) > 10*time.Second {
		t.Errorf("error = %v after %v", err, time.Since(start))
	}
	gone, _ := faultyServer(t, nil)
	gone.Close()
	_, err = get(t, gone.URL, nil)
	var failed *data.GetError
	if !errors.As(err, &failed) || !failed.Network || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error = %v", err)
	}
}

// TestGetStopsWhenAskedTo and keeps what has come.
func TestGetStopsWhenAskedTo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, _ := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:5000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	dir := t.TempDir()
	c := data.Card{Name: "noise", Remote: []data.Remote{{Name: "noise.bin", URLs: []string{s.URL}, Size: int64(len(body)), SHA256: sumOf(body)}}}
	err := data.Get(ctx, c, dir, data.GetOptions{Progress: func(_ string, got, _ int64) {
		if got >= 5000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "noise.bin.part")); err != nil || info.Size() != 5000 {
		t.Error("what has come is lost", err)
	}
	holds(t, dir, false)
}

// fullDisk has room for so many bytes.
type fullDisk struct {
	data.GetFile
	room int
}

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, &os.PathError{Op: "write", Path: "noise.bin.part", Err: syscall.ENOSPC}
	}
	return f.GetFile.Write(p)
}

// TestGetOnAFullDisk says what is missing; with room it goes on.
func TestGetOnAFullDisk(t *testing.T) {
	s, asked := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, body, `"a"`) })
	dir, err := get(t, s.URL, func(_ *data.Card, o *data.GetOptions) {
		o.Open = func(name string, flag int, perm os.FileMode) (data.GetFile, error) {
			f, err := os.OpenFile(name, flag, perm)
			return &fullDisk{f, 50_000}, err
		}
	})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "free 1 MB in") || asked.Load() != 1 {
		t.Errorf("error = %v after %d questions", err, asked.Load())
	}
	holds(t, dir, false)
	if err := getInto(t, dir, s.URL, nil); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, true)
}

// TestGetLeavesWhatIsThere: nothing is asked for a right file, and a wrong one
// is not touched.
func TestGetLeavesWhatIsThere(t *testing.T) {
	s, asked := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, body, `"a"`) })
	dir, err := get(t, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := getInto(t, dir, s.URL, nil); err != nil || asked.Load() != 1 {
		t.Errorf("%d questions, %v", asked.Load(), err)
	}
	mine := filepath.Join(dir, "noise.bin")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := getInto(t, dir, s.URL, nil); err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("error = %v", err)
	}
	if b, _ := os.ReadFile(mine); string(b) != "mine" {
		t.Error("somebody's file is gone")
	}
}

// TestGetChecksWhatUnpacks where the card has no checksum of the packed file,
// and refuses a file of which it has none at all.
func TestGetChecksWhatUnpacks(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for sum, want := range map[string]string{sumOf(body): "", sumOf(nil): "its SHA-256 is", "": "has no checksum"} {
		s, _ := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, b.Bytes(), `"a"`) })
		dir, err := get(t, s.URL, func(c *data.Card, _ *data.GetOptions) {
			c.Remote[0].Name, c.Remote[0].Size, c.Remote[0].SHA256 = "noise.gz", int64(b.Len()), ""
			c.SHA256 = map[string]string{"noise": sum}
		})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("error = %v, want %q", err, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "noise.gz")); (err == nil) != (want == "") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// archive is a .tar.gz of these files.
func archive(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range headers {
		h.Size = 0
		if h.Typeflag == tar.TypeReg {
			h.Size = 5
		}
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			_, _ = w.Write([]byte("hello"))
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGetUnpacks plain files without their folders, and nothing else.
func TestGetUnpacks(t *testing.T) {
	for name, c := range map[string]struct {
		h    tar.Header
		want string
	}{
		"a.bin":       {tar.Header{Name: "set/a.bin", Typeflag: tar.TypeReg}, ""},
		"a link":      {tar.Header{Name: "set/a.bin", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, "no plain file"},
		"a hidden":    {tar.Header{Name: "set/.bashrc", Typeflag: tar.TypeReg}, "no plain file"},
		"only dots":   {tar.Header{Name: "..", Typeflag: tar.TypeReg}, "no plain file"},
		"a back road": {tar.Header{Name: `set\a.bin`, Typeflag: tar.TypeReg}, "no plain file"},
	} {
		packed := archive(t, tar.Header{Name: "set/", Typeflag: tar.TypeDir}, c.h)
		s, asked := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, packed, `"a"`) })
		change := func(card *data.Card, _ *data.GetOptions) {
			r := &card.Remote[0]
			r.Name, r.Size, r.SHA256, r.Unpack = "set.tar.gz", int64(len(packed)), sumOf(packed), true
		}
		dir, err := get(t, s.URL, change)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "a.bin")); string(b) != "hello" {
			t.Error(string(b), err)
		}
		if err := getInto(t, dir, s.URL, change); err != nil || asked.Load() != 1 {
			t.Errorf("%d questions, %v", asked.Load(), err)
		}
	}
}
