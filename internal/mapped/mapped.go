// Package mapped shows a file as bytes without reading it: the operating system
// brings in what is looked at. Where it cannot, the file is read whole.
package mapped

import (
	"fmt"
	"os"
)

// File is the bytes of a file as it was when it was opened. A file that another
// program shortens meanwhile must not be looked at any more.
type File struct {
	Bytes []byte // must not be written to

	unmap  func() error
	forget func()
}

// MaxRead is the size up to which files are read rather than mapped: reading
// them costs less.
const MaxRead = 64 << 10

// Open maps the regular file path.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return Of(f)
}

// Of maps f, which may be closed afterwards. Errors name the file.
func Of(f *os.File) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", f.Name())
	case size > 1<<46 || int64(int(size)) != size:
		return nil, fmt.Errorf("%s has %d bytes, which is more than can be mapped", f.Name(), size)
	case size <= MaxRead:
		return read(f, int(size))
	}
	return mapFile(f, int(size))
}

func read(f *os.File, size int) (*File, error) {
	b := make([]byte, size)
	n, err := f.ReadAt(b, 0)
	if n < size {
		return nil, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	return &File{Bytes: b}, nil
}

// Forget tells the system that Bytes will hardly be looked at any more: the memory
// that they take is free, and what is looked at all the same is read again.
func (f *File) Forget() {
	if f.forget != nil {
		f.forget()
	}
}

// Close gives the memory back. Bytes must not be used afterwards.
func (f *File) Close() error {
	unmap := f.unmap
	f.Bytes, f.unmap, f.forget = nil, nil, nil
	if unmap == nil {
		return nil
	}
	return unmap()
}
