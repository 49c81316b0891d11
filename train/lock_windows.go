package train

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockOffset lies behind the owner's text, so that others can read that.
const lockOffset = 1 << 20

// lockFile takes f, without waiting, until f is closed.
func lockFile(f *os.File) error {
	at := &windows.Overlapped{Offset: lockOffset}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}
