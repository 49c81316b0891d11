//go:build unix

package onnx

import (
	"errors"
	"os"
	"syscall"
)

// singleLink refuses a file that has other names, which may lie anywhere.
func singleLink(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Nlink > 1 {
		return errors.New("is a hard link of another file; copy it")
	}
	return nil
}
