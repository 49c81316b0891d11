package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	update = flag.Bool("update", false, "accept what the sessions print")
	long   = flag.Bool("long", false, "run the long tests")
)

// asProgram is set in the environment of a test binary that shall be ihae.
const asProgram = "IHAE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// ihae runs the program in this process.
func ihae(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(ctx, args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// TestSessions replays each file of testdata: after a line "$ ihae ..." stands
// what that command must print on both streams, and its exit code if not 0.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		full, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(file), func(t *testing.T) { session(t, full) })
	}
}

func session(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("IHAE_DATA", "")
	if err := os.WriteFile("broken.png", []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(want)) {
		rest, ok := strings.CutPrefix(line, "$ ihae")
		if !ok {
			continue
		}
		got.WriteString(line)
		code, out, errs := ihae(t.Context(), strings.Fields(rest)...)
		got.WriteString(out + errs)
		if code != 0 {
			fmt.Fprintf(&got, "exit %d\n", code)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got.String() != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s(go test ./cmd/ihae -update accepts it)", got.String(), want)
	}
}
