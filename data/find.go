package data

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Find is the first of the set's folders that exists below one of the roots, or
// nothing.
func (c Card) Find(roots ...string) string {
	for _, root := range roots {
		for _, folder := range c.Folders {
			path := filepath.Join(root, filepath.FromSlash(folder))
			if info, err := os.Stat(path); root != "" && err == nil && info.IsDir() {
				return path
			}
		}
	}
	return ""
}

// FileCheck is what was found of one file that the card lists.
type FileCheck struct {
	Name string
	Want string // SHA-256 as published
	Got  string // SHA-256 of the file; empty when it is absent
}

// OK says whether the file is there and as published.
func (f FileCheck) OK() bool { return f.Want == f.Got }

// VerifyFiles compares the files below path, unpacked where only FILE.gz is
// there, with the checksums on the card, ordered by name. Absent files are part
// of the answer, not an error.
func VerifyFiles(ctx context.Context, c Card, path string) ([]FileCheck, error) {
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	var out []FileCheck
	for _, name := range slices.Sorted(maps.Keys(c.SHA256)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := FileCheck{Name: name, Want: c.SHA256[name]}
		file := filepath.Join(dir, filepath.FromSlash(name))
		var err error
		if f.Got, err = fileSum(file, false); errors.Is(err, fs.ErrNotExist) {
			f.Got, err = fileSum(file+".gz", true)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("checksum: %w", err)
		}
		out = append(out, f)
	}
	return out, nil
}

// maxUnpacked bounds the work of a checksum.
const maxUnpacked = 4 << 30

func fileSum(path string, packed bool) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var in io.Reader = f
	if packed {
		if in, err = gzip.NewReader(f); err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(in, maxUnpacked)); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
