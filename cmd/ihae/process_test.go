//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// program prepares ihae as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// startTraining runs a training of faces until its first line of progress.
func startTraining(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := program(t, append([]string{"train", "--json"}, args...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return c
}

func exitOf(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// final is a checksum of the tensors of a run's last checkpoint.
func final(t *testing.T, run string) string {
	t.Helper()
	last, err := os.ReadFile(filepath.Join(run, "checkpoints", "LAST"))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, name := range []string{"model.safetensors", "state.safetensors"} {
		b, err := os.ReadFile(filepath.Join(run, "checkpoints", strings.TrimSpace(string(last)), name))
		if err != nil {
			t.Fatal(err)
		}
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestSignalsSaveAndEnd interrupts a run, then terminates it, then lets a second
// process be refused while a third one trains.
func TestSignalsSaveAndEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	c := startTraining(t, "faces", "--out", "r", "--epochs", "100000")
	var second bytes.Buffer
	refused := program(t, "train", "--resume", "r", "--json")
	refused.Stdout = &second
	if code := exitOf(refused.Run()); code != exitResource || !strings.Contains(second.String(), fmt.Sprint("process ", c.Process.Pid)) {
		t.Errorf("second writer: exit %d, %s", code, second.String())
	}
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		if c == nil {
			c = startTraining(t, "--resume", "r")
		}
		if err := c.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if code := exitOf(c.Wait()); code != want {
			t.Errorf("%v: exit %d", sig, code)
		}
		c = nil
	}
	if line := lines(t, must(t, "runs", ".", "--json"))[0]; line["state"] != "stopped" {
		t.Errorf("after signals: %v", line)
	}
}

// TestClosedPipesAreQuiet lets nobody read what is printed.
func TestClosedPipesAreQuiet(t *testing.T) {
	t.Chdir(t.TempDir())
	c := program(t, "tasks", "faces")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	var errs bytes.Buffer
	c.Stdout, c.Stderr = w, &errs
	if code := exitOf(c.Run()); code != 0 || errs.Len() > 0 {
		t.Errorf("exit %d, %s", code, errs.String())
	}
	_ = w.Close()
}
