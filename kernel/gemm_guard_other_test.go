//go:build !unix

package kernel

import "testing"

// fenced is memory for n elements; there is no fence here.
func fenced(_ testing.TB, n int) Memory { return make(Memory, 4*n) }
