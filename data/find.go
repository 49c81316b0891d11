package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
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

// VerifyFiles compares the files below path with the checksums on the card,
// ordered by name. Absent files are part of the answer, not an error.
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
		sum, err := fileSum(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil && !os.IsNotExist(err) {
			return nil, fmt.Errorf("checksum: %w", err)
		}
		f.Got = sum
		out = append(out, f)
	}
	return out, nil
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
