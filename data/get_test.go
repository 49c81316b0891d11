package data_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
)

// body is the file that is published in these tests.
var body = func() []byte {
	b, draw := make([]byte, 100_000), rng.New(1).Rand()
	for i := range b {
		b[i] = byte(draw.Uint32())
	}
	return b
}()

func sumOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// faultyServer answers the n-th question, from 0, as a test wants.
func faultyServer(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(int(asked.Add(1))-1, w, r)
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

// whole serves the file as a good server does, with ranges.
func whole(w http.ResponseWriter, r *http.Request, content []byte, tag string) {
	w.Header().Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// breaking sends so many bytes of a whole answer and drops the connection.
func breaking(w http.ResponseWriter, r *http.Request, n int) {
	from := 0
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
	}
	w.Header().Set("ETag", `"a"`)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	_, _ = w.Write(body[from:min(from+n, len(body))])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

// get gets the file from a server into a new folder.
func get(t *testing.T, url string, change func(c *data.Card, o *data.GetOptions)) (dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	return dir, getInto(t, dir, url, change)
}

func getInto(t *testing.T, dir, url string, change func(c *data.Card, o *data.GetOptions)) error {
	t.Helper()
	c := data.Card{Name: "noise", Remote: []data.Remote{{Name: "noise.bin", URLs: []string{url}, Size: int64(len(body)), SHA256: sumOf(body)}}}
	o := data.GetOptions{Attempts: 3, Stall: 5 * time.Second, Wait: func(ctx context.Context, _ int) error { return ctx.Err() }}
	if change != nil {
		change(&c, &o)
	}
	return data.Get(t.Context(), c, dir, o)
}

// holds asks that the folder has the whole file and nothing else, or no file of
// that name.
func holds(t *testing.T, dir string, want bool) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "noise.bin"))
	switch {
	case want && (err != nil || !bytes.Equal(b, body)):
		t.Errorf("%d bytes, %v", len(b), err)
	case !want && err == nil:
		t.Errorf("a file of %d bytes has the final name", len(b))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part*")); want && len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// TestGetGoesOnWhereItBrokeOff at each tenth, without asking for what has come.
func TestGetGoesOnWhereItBrokeOff(t *testing.T) {
	for tenth := range 11 {
		n := tenth * len(body) / 10
		var second string
		s, asked := faultyServer(t, func(k int, w http.ResponseWriter, r *http.Request) {
			if k == 0 {
				breaking(w, r, n)
			}
			second = r.Header.Get("Range")
			whole(w, r, body, `"a"`)
		})
		dir, err := get(t, s.URL, nil)
		if err != nil {
			t.Fatal(n, err)
		}
		holds(t, dir, true)
		if n > 0 && n < len(body) && (second != fmt.Sprintf("bytes=%d-", n) || asked.Load() != 2) {
			t.Errorf("broken after %d: then asked for %q, %d questions", n, second, asked.Load())
		}
	}
}

// TestGetGoesOnAnotherDay: what one call left behind serves the next one.
func TestGetGoesOnAnotherDay(t *testing.T) {
	broken, _ := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		breaking(w, r, 60_000)
	})
	dir, err := get(t, broken.URL, nil)
	var failed *data.GetError
	if !errors.As(err, &failed) || !failed.Network || !strings.Contains(err.Error(), "503") {
		t.Errorf("error = %v", err)
	}
	holds(t, dir, false)
	var first string
	good, _ := faultyServer(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		first = r.Header.Get("Range")
		whole(w, r, body, `"a"`)
	})
	if err := getInto(t, dir, good.URL, nil); err != nil || first != "bytes=60000-" {
		t.Errorf("asked for %q: %v", first, err)
	}
	holds(t, dir, true)
}

// other is a file as long as the published one.
var other = bytes.Repeat([]byte("x"), len(body))

// badServers is ways to answer, and what must be in the error; empty for success.
var badServers = map[string]struct {
	answer func(n int, w http.ResponseWriter, r *http.Request)
	want   string
}{
	"ignores ranges": {func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			breaking(w, r, 30_000)
		}
		w.Header().Set("ETag", `"a"`)
		_, _ = w.Write(body)
	}, ""},
	"changes its tag midway": {func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			w.Header().Set("ETag", `"old"`)
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = w.Write(other[:40_000])
			panic(http.ErrAbortHandler)
		}
		whole(w, r, body, `"new"`)
	}, ""},
	"changes the file, not its tag": {func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			w.Header().Set("ETag", `"same"`)
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = w.Write(other[:40_000])
			panic(http.ErrAbortHandler)
		}
		whole(w, r, body, `"same"`)
	}, ""},
	"has no tags": {func(n int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:min(len(body), 40_000*(n+1))])
		if n < 2 {
			panic(http.ErrAbortHandler)
		}
	}, ""},
	"sends another range": {func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			breaking(w, r, 40_000)
		}
		if n == 1 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 10-%d/%d", len(body)-1, len(body)))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(body[10:])
			return
		}
		whole(w, r, body, `"a"`)
	}, ""},
	"has the wrong bytes": {func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, other, `"a"`) }, "the published one is " + sumOf(body)},
	"sends too few":       {func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, body[:50], `"a"`) }, "its SHA-256 is"},
	"says it is longer":   {func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, append(other, body...), `"a"`) }, "longer than the published file"},
	"never ends": {func(_ int, w http.ResponseWriter, _ *http.Request) {
		for range 10 {
			_, _ = w.Write(other)
		}
	}, "longer than the published file"},
	"has lost it":   {func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "404 Not Found: the file is no longer there"},
	"is overworked": {func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "502"},
	"leads in circles": {func(n int, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, fmt.Sprintf("/%d", n), http.StatusFound)
	}, "leads on more than ten times"},
	"breaks off always": {func(_ int, w http.ResponseWriter, r *http.Request) { breaking(w, r, 0) }, "the next try goes on from there"},
}

// TestGetFromBadServers: each ends in the whole file or in an error, never in a
// wrong one.
func TestGetFromBadServers(t *testing.T) {
	for name, c := range badServers {
		t.Run(name, func(t *testing.T) {
			s, _ := faultyServer(t, c.answer)
			dir, err := get(t, s.URL, nil)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "noise.bin from "+s.URL)) {
				t.Errorf("error = %v, want %q", err, c.want)
			}
			holds(t, dir, c.want == "")
		})
	}
}
