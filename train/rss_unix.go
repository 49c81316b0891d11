//go:build unix

package train

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// PeakMemory is the largest resident size of the process so far, in bytes; 0 if
// the system does not tell.
func PeakMemory() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}
