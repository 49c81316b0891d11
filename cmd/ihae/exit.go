package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/train"
)

// The exit codes.
const (
	exitOK        = 0
	exitInternal  = 1
	exitUsage     = 2
	exitInput     = 3
	exitResource  = 4
	exitDiverged  = 5
	exitPeer      = 6
	exitInterrupt = 130
)

// usageError is a mistake on the command line or in the settings.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// inputError is an input that is refused.
type inputError struct {
	file string
	err  error
}

func (e *inputError) Error() string {
	if strings.Contains(e.err.Error(), e.file) {
		return e.err.Error()
	}
	return e.file + ": " + e.err.Error()
}

func (e *inputError) Unwrap() error { return e.err }

// saidError is an error that has been shown already.
type saidError struct{ code int }

func (e saidError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitCode tells scripts what kind of error it is.
func exitCode(err error) int {
	var said saidError
	var sig signalError
	switch {
	case err == nil || errors.Is(err, syscall.EPIPE):
		return exitOK
	case errors.As(err, &said):
		return said.code
	case errors.As(err, &sig):
		return sig.code()
	case errors.Is(err, context.Canceled) || is[*train.InterruptedError](err):
		return exitInterrupt
	case is[*usageError](err) || is[*train.ConfigError](err):
		return exitUsage
	case is[*train.DivergedError](err):
		return exitDiverged
	case is[*train.StorageError](err) || is[*train.LockedError](err) || is[*exec.MemoryError](err) || errors.Is(err, syscall.ENOSPC):
		return exitResource
	case unreachable(err):
		return exitPeer
	case is[*data.GetError](err) || is[*inputError](err) || is[*train.RunError](err) || is[*train.DamageError](err) || is[*train.DataError](err) || refused(err):
		return exitInput
	}
	return exitInternal
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// unreachable says whether the network or a server is to blame.
func unreachable(err error) bool {
	var get *data.GetError
	return errors.As(err, &get) && get.Network
}

// refused says whether err is about something read from outside.
func refused(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || is[*fs.PathError](err)
}

// checked remembers the first error of a writer.
type checked struct {
	w   io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// end reports how a command ended and returns the exit code. A result that
// could not be written is an error; a reader that went away is none.
func (a *app) end(err, written error) int {
	code := a.report(err)
	if code == exitOK && written != nil && !errors.Is(written, syscall.EPIPE) {
		_, _ = fmt.Fprintf(a.err, "ihae: cannot write to standard output: %v; free some space or send it elsewhere\n", written)
		return exitResource
	}
	return code
}

// report shows an error as one line and returns the exit code.
func (a *app) report(err error) int {
	code := exitCode(err)
	if code == exitOK || is[saidError](err) {
		return code
	}
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if code == exitInternal {
		text += " (this is a fault of ihae: please report it with the output of `ihae doctor`)"
	}
	if a.json {
		a.emit(errorLine{"error", code, fileOf(err), text})
		return code
	}
	_, _ = fmt.Fprintln(a.err, "ihae: "+train.Visible(text))
	return code
}

// errorLine is an error for programs.
type errorLine struct {
	Event   string `json:"event"`
	Code    int    `json:"code"`
	File    string `json:"file"`
	Message string `json:"message"`
}

// fileOf is the file or folder that an error is about, or empty.
func fileOf(err error) string {
	var in *inputError
	var run *train.RunError
	var damage *train.DamageError
	var given *train.DataError
	var locked *train.LockedError
	var path *fs.PathError
	switch {
	case errors.As(err, &in):
		return in.file
	case errors.As(err, &run):
		return run.Dir
	case errors.As(err, &damage):
		return damage.File
	case errors.As(err, &given):
		return given.Path
	case errors.As(err, &locked):
		return locked.Run
	case errors.As(err, &path):
		return path.Path
	}
	return ""
}

// emit writes v as one line of JSON.
func (a *app) emit(v any) {
	line, err := json.Marshal(v)
	if err != nil {
		line, _ = json.Marshal(errorLine{"error", exitInternal, "", err.Error()})
	}
	_, _ = a.out.Write(append(line, '\n'))
}

// printf writes a result for people.
func (a *app) printf(format string, args ...any) { _, _ = fmt.Fprintf(a.out, format, args...) }

// notef writes to those who wait.
func (a *app) notef(format string, args ...any) {
	if !a.quiet {
		_, _ = fmt.Fprintf(a.err, format, args...)
	}
}
