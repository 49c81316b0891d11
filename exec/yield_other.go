//go:build !linux

package exec

import "runtime"

// yield lets another goroutine run: there is no better way here.
func yield() { runtime.Gosched() }
