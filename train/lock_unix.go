//go:build unix

package train

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes f, without waiting, until f is closed.
func lockFile(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errHeld
	}
	return err
}
