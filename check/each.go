// Package check holds the conformance tests of everything that can be
// registered. Like testing/fstest, each function takes one thing and returns an
// error that says all that is wrong with it. Only tests import this package.
package check

import (
	"errors"
	"fmt"
	"testing"
)

// Each checks every registered entry of one kind in a subtest of its own. An
// entry for which absent says that its data is not on this machine is skipped,
// not passed.
func Each[T any](t *testing.T, names []string, lookup func(string) (T, error), check func(T) error, absent ...error) {
	if len(names) == 0 {
		t.Error("nothing is registered")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entry, err := lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			err = guarded(func() error { return check(entry) })
			for _, a := range absent {
				if errors.Is(err, a) {
					t.Skip(err)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// guarded turns a panic of f into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}
