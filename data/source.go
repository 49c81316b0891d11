package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/media"
)

// Source is how [OpenPath] reads files that are not a registered set's own.
type Source struct {
	Card      Card      // as far as known: name, classes in the order wanted
	OnBadFile OnBadFile // about images that cannot be decoded
	Limits    media.Limits
	Workers   int   // that decode at a time; the number of processors
	Cache     int64 // bytes of decoded images kept; 512 MiB, less than 0 for none
}

// maxCache is the default of Source.Cache.
const maxCache = 512 << 20

// kind is a way in which datasets are laid out in files.
type kind struct {
	doc string
	// find says whether the files are of this kind.
	find func(fsys fs.FS) bool
	open func(ctx context.Context, fsys fs.FS, s Source) (Dataset, error)
}

var kinds = registry.New[kind]("layout of files")

// Layouts says what [OpenPath] reads, by name.
func Layouts() map[string]string {
	out := map[string]string{}
	for _, name := range kinds.Names() {
		k, _ := kinds.Get(name)
		out[name] = k.doc
	}
	return out
}

// OpenPath reads a dataset from a folder, a zip archive or a file in a folder,
// in whichever of [Layouts] it is; a folder with one zip archive and nothing else
// that is recognised means that archive. Classes are ordered by a file classes.txt
// beside the data (one name a line), else as on s.Card when its names are those
// of the data, else by name. Nothing outside path is read.
func OpenPath(ctx context.Context, path string, s Source) (Dataset, error) {
	files, err := openFiles(path, s.Limits)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, s.Card.Absent(path)
	}
	if err != nil {
		return nil, err
	}
	s.Card.Name = cmp.Or(s.Card.Name, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
	for _, name := range kinds.Names() {
		k, err := kinds.Get(name)
		if err != nil || !k.find(files) {
			continue
		}
		ds, err := k.open(ctx, files, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return ds, nil
	}
	if archives, err := fs.Glob(files, "*.zip"); err == nil && len(archives) == 1 {
		if isDir(path) {
			return OpenPath(ctx, filepath.Join(path, archives[0]), s)
		}
	}
	if _, err := fs.ReadDir(files, "."); err != nil && isDir(path) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nil, fmt.Errorf("%s: no dataset is recognised here; wanted %s", path, layoutDocs())
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func layoutDocs() string {
	var docs []string
	for _, name := range kinds.Names() {
		k, _ := kinds.Get(name)
		docs = append(docs, k.doc)
	}
	return strings.Join(docs, ", or ")
}

// openFiles is the files at path: below a folder, in a zip archive, or the
// folder of a file of one of the layouts.
func openFiles(path string, l media.Limits) (fs.FS, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		files, err := below(path)
		if err != nil {
			return nil, err
		}
		return inside(files), nil
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errIrregular}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 4)
	n, _ := f.ReadAt(head, 0)
	if string(head[:n]) != "PK\x03\x04" {
		f.Close()
		return oneFile{filepath.Dir(path), filepath.Base(path)}, nil
	}
	z, err := media.OpenZip(f, info.Size(), l) // f stays open as long as the set
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return withClasses{inside(z), filepath.Dir(path)}, nil
}

// below is the files of a folder; links that lead out of it do not open, nor do
// pipes.
func below(path string) (fs.FS, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return regular{root.FS()}, nil
}

// inside goes into a folder that is all there is and that holds folders.
func inside(fsys fs.FS) fs.FS {
	for {
		list, err := fs.ReadDir(fsys, ".")
		if err != nil || len(list) != 1 || !list[0].IsDir() {
			return fsys
		}
		if _, isSplit := splitNames[strings.ToLower(list[0].Name())]; isSplit {
			return fsys
		}
		sub, err := fs.Sub(fsys, list[0].Name())
		if err != nil {
			return fsys
		}
		below, err := fs.ReadDir(sub, ".")
		if err != nil || !slices.ContainsFunc(below, fs.DirEntry.IsDir) && !recognised(sub) {
			return fsys
		}
		fsys = sub
	}
}

// recognised says whether files are of a layout, there and not below.
func recognised(fsys fs.FS) bool {
	for _, name := range kinds.Names() {
		if k, err := kinds.Get(name); err == nil && k.find(fsys) {
			return true
		}
	}
	return false
}

// oneFile is a folder of which only one file is seen, and what belongs to it:
// the labels of idx images and classes.txt.
type oneFile struct{ dir, name string }

// Open implements [fs.FS].
func (o oneFile) Open(name string) (fs.File, error) {
	labels := strings.NewReplacer("images", "labels", "idx3", "idx1", ".gz", "").Replace(o.name)
	if name != o.name && name != classesFile && strings.TrimSuffix(name, ".gz") != labels {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.OpenInRoot(o.dir, name)
}

// ReadDir implements [fs.ReadDirFS].
func (o oneFile) ReadDir(string) ([]fs.DirEntry, error) {
	info, err := os.Stat(filepath.Join(o.dir, o.name))
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}

// withClasses is files with the classes.txt that stands beside their archive.
type withClasses struct {
	fs.FS
	dir string
}

// Open implements [fs.FS].
func (w withClasses) Open(name string) (fs.File, error) {
	f, err := w.FS.Open(name)
	if errors.Is(err, fs.ErrNotExist) && path.Clean(name) == classesFile {
		return os.OpenInRoot(w.dir, classesFile)
	}
	return f, err
}
