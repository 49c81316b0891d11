package train

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Files is the operations on files that a run's durability hangs on. A test
// gives one that fails, or that forgets what was not synced.
type Files interface {
	// MkdirAll makes a folder and those above it.
	MkdirAll(dir string) error
	// Create opens a file for writing and empties it.
	Create(name string) (File, error)
	// Append opens a file for writing at its end and makes it if need be.
	Append(name string) (File, error)
	// ReadFile returns the whole content of a file.
	ReadFile(name string) ([]byte, error)
	// Names lists what is in a folder, in order.
	Names(dir string) ([]string, error)
	// Rename moves a file over another, or a folder to a free name, at once.
	Rename(from, to string) error
	// RemoveAll removes a file or a folder with all that is in it.
	RemoveAll(name string) error
	// SyncDir makes the names in a folder outlive a loss of power.
	SyncDir(dir string) error
}

// File is a file open for writing.
type File interface {
	io.WriteCloser
	// Sync makes what was written outlive a loss of power.
	Sync() error
}

// StorageError says that a run's files could not be written: the disk is full,
// broken or read-only. What was on the disk before is still there.
type StorageError struct {
	Doing string // "write the checkpoint of step 120"
	Err   error
}

func (e *StorageError) Error() string {
	hint := "free some space or check the disk, then go on with --resume"
	if errors.Is(e.Err, fs.ErrPermission) || errors.Is(e.Err, syscall.EROFS) || strings.HasPrefix(e.Doing, "make the folder") {
		hint = "choose another folder with --out, or make this one writable"
	}
	if errors.Is(e.Err, errRemoved) {
		hint = "start the run again, or go on with --resume if the folder is still there"
	}
	return fmt.Sprintf("cannot %s: %v; %s", e.Doing, e.Err, hint)
}

// Unwrap gives the operating system's reason.
func (e *StorageError) Unwrap() error { return e.Err }

// Disk is the Files of the operating system.
type Disk struct{}

// MkdirAll implements Files.
func (Disk) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o755) }

// Create implements Files.
func (Disk) Create(name string) (File, error) { return file(os.Create(name)) }

// Append implements Files.
func (Disk) Append(name string) (File, error) {
	return file(os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644))
}

// file keeps a nil *os.File from becoming a File that is not nil.
func file(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ReadFile implements Files.
func (Disk) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// Names implements Files.
func (Disk) Names(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// Rename implements Files.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// RemoveAll implements Files.
func (Disk) RemoveAll(name string) error { return os.RemoveAll(name) }

// SyncDir implements Files. Windows has no such call: its file system keeps
// names in a journal of its own.
func (Disk) SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// writeFile fills a new file and syncs it.
func writeFile(fs Files, name string, fill func(io.Writer) error) error {
	f, err := fs.Create(name)
	if err != nil {
		return err
	}
	if err := fill(f); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// WriteFile replaces a file of a run's folder at once: a reader, or a computer
// that loses power, sees the old content or the new, and no part is left behind.
func WriteFile(path string, content []byte) error { return replaceFile(Disk{}, path, content) }

// replaceFile writes a file under another name, and renames it when it is whole
// and safe: a reader sees the old content or the new, never a part.
func replaceFile(fs Files, name string, content []byte) error {
	tmp := filepath.Join(filepath.Dir(name), ".tmp-"+filepath.Base(name))
	err := writeFile(fs, tmp, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err == nil {
		err = fs.Rename(tmp, name)
	}
	if err != nil {
		_ = fs.RemoveAll(tmp)
		return err
	}
	return fs.SyncDir(filepath.Dir(name))
}
