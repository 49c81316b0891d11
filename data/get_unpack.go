package data

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

// doneFile stands in the folder of a set whose archive has been unpacked whole.
const doneFile = ".unpacked"

// plainName is a file's name that means the same everywhere.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$`)

// maxUnpackedFile bounds one file of an archive, maxUnpackedFiles their number.
const (
	maxUnpackedFile  = 1 << 30
	maxUnpackedFiles = 1000
)

// unpacked says whether the archive's files are all there.
func (g *getter) unpacked() bool {
	b, err := os.ReadFile(filepath.Join(g.dir, doneFile))
	return err == nil && string(b) == g.SHA256
}

// unpack writes the files of the archive, whose checksum has been found right,
// each under its name only when it is whole. Links, devices and names that are
// not plain are refused.
func (g *getter) unpack() error {
	f, err := os.Open(g.part())
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", g.Name, err)
	}
	t := tar.NewReader(z)
	for n := 0; ; n++ {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", g.Name, err)
		}
		if h.Typeflag == tar.TypeDir {
			continue
		}
		name := path.Base(h.Name)
		if h.Typeflag != tar.TypeReg || !plainName.MatchString(name) || h.Size > maxUnpackedFile || n > maxUnpackedFiles {
			return fmt.Errorf("%s holds %q, which is no plain file of a usual size", g.Name, h.Name)
		}
		if err := g.unpackFile(t, name, h.Size); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(g.dir, doneFile), []byte(g.SHA256), 0o644)
}

func (g *getter) unpackFile(r io.Reader, name string, size int64) error {
	final := filepath.Join(g.dir, name)
	f, err := g.Open(final+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.CopyN(f, r, size); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(final+".part", final)
}
