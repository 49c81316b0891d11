package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

// externalHelp is what the flag of that name does.
const externalHelp = "put large weights into a file beside the model, named after it with .data"

// outFile is a file to be written.
type outFile struct {
	path  string
	write func(w io.Writer) error
}

// content writes bytes.
func content(b []byte) func(w io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// modelFiles is a model as files, the one that is called out first, and their size.
func modelFiles(m *onnx.Model, out string, apart bool) (files []outFile, size int64, err error) {
	f, err := onnx.EncodeFiles(m, filepath.Base(out)+".data", apart)
	if err != nil {
		return nil, 0, err
	}
	files, size = []outFile{{out, content(f.Model)}}, int64(len(f.Model))+f.DataSize()
	if f.DataSize() > 0 {
		files = append(files, outFile{out + ".data", f.WriteData})
	}
	return files, size, nil
}

// paths is where files are written.
func paths(files []outFile) []string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f.path
	}
	return list
}

// listed is their paths for people.
func listed(files []outFile) string { return strings.Join(paths(files), ", ") }

// nothingThere refuses to write over files.
func nothingThere(files []outFile) error {
	for _, f := range files {
		if _, err := os.Lstat(f.path); !errors.Is(err, fs.ErrNotExist) {
			return usage("%s is there already; write over it with --force", f.path)
		}
	}
	return nil
}

// writeFiles writes files so that all are there whole or none is. The first, which
// needs the others, gets its name last; what has that name is removed before others
// get theirs, since it must not be read with what is new.
func writeFiles(files []outFile) (err error) {
	var temporary, named []string
	defer func() {
		if err != nil {
			for _, name := range slices.Concat(temporary, named) {
				_ = os.Remove(name)
			}
		}
	}()
	for _, f := range files {
		if info, err := os.Lstat(f.path); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder", f.path)
		}
		name, err := writeBeside(f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		temporary = append(temporary, name)
	}
	if len(files) > 1 {
		if err := os.Remove(files[0].path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for i, f := range slices.Backward(files) {
		if err := os.Rename(temporary[i], f.path); err != nil {
			return err
		}
		named = append(named, f.path)
	}
	return nil
}

// writeBeside writes f under another name in its folder, which it gives back.
func writeBeside(f outFile) (name string, err error) {
	tmp, err := os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+"-*")
	if err != nil {
		return "", err
	}
	if err = f.write(tmp); err == nil {
		err = errors.Join(tmp.Chmod(0o644), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		_ = os.Remove(tmp.Name())
	}
	return tmp.Name(), err
}
