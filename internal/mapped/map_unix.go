//go:build unix

package mapped

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func mapFile(f *os.File, size int) (*File, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	return &File{
		Bytes:  b,
		unmap:  func() error { return unix.Munmap(b) },
		forget: func() { _ = unix.Madvise(b, unix.MADV_DONTNEED) },
	}, nil
}
