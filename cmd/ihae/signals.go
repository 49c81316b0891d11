package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// signalError is why a context ended.
type signalError struct{ sig syscall.Signal }

func (e signalError) Error() string { return e.sig.String() }

// code is the exit code that shells expect of a program ended by the signal.
func (e signalError) code() int { return 128 + int(e.sig) }

// bySignal is err with the signal as its reason, where one ended the context and
// with it the work, whatever was under way.
func bySignal(ctx context.Context, err error) error {
	var sig signalError
	if !errors.Is(err, context.Canceled) || !errors.As(context.Cause(ctx), &sig) {
		return err
	}
	return fmt.Errorf("stopped by a signal: %w", sig)
}

// withSignals ends the context at the first signal, so that what is under way
// can be saved, and the program at the second.
func withSignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	c := make(chan os.Signal, 2)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case s := <-c:
				sig, _ := s.(syscall.Signal)
				if n > 0 {
					os.Exit(signalError{sig}.code())
				}
				cancel(signalError{sig})
			}
		}
	}()
	return ctx, func() {
		signal.Stop(c)
		close(done)
		cancel(nil)
	}
}
