package data

import (
	"errors"
	"fmt"
	"io/fs"
	"unicode/utf8"
)

// regular is the files and folders of a file system. Pipes, sockets and devices,
// on which reading could wait forever, do not open; names that are not UTF-8,
// which nothing could be called by, are an error that says so.
type regular struct{ fs.FS }

var errIrregular = errors.New("neither a file nor a folder, but a pipe, a socket or a device")

// Open implements [fs.FS].
func (r regular) Open(name string) (fs.File, error) {
	info, err := fs.Stat(r.FS, name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errIrregular}
	}
	return r.FS.Open(name)
}

// Stat implements [fs.StatFS].
func (r regular) Stat(name string) (fs.FileInfo, error) { return fs.Stat(r.FS, name) }

// ReadDir implements [fs.ReadDirFS].
func (r regular) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(r.FS, name)
	for _, e := range list {
		if err == nil && !utf8.ValidString(e.Name()) {
			err = fmt.Errorf("%q in the folder %s: a name that is not UTF-8; rename it", e.Name(), name)
		}
	}
	return list, err
}
