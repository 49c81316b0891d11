//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"syscall"
	"testing"
)

// TestSweepsEndAsTheSignalSays ends a sweep by each signal; the same command
// goes on with it.
func TestSweepsEndAsTheSignalSays(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "houses.csv", houses(200))
	sweep := []string{"train", "table", "--data", "houses.csv", "--out", "s", "--sweep", "lr=0.001,0.002", "--jobs", "2", "--epochs", "100000"}
	for sig, want := range map[syscall.Signal]int{syscall.SIGHUP: 129, syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		c := program(t, sweep...)
		var rest bytes.Buffer
		errs, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(errs)
		if _, err := r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if err := c.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(&rest, r)
		if code := exitOf(c.Wait()); code != want || !strings.Contains(rest.String(), "the same command with --out s goes on") {
			t.Errorf("%v: exit %d, %s", sig, code, rest.String())
		}
	}
}
