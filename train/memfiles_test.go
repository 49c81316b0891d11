package train

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var errCrash = errors.New("the machine stopped")

// memFiles is a disk that loses power after a number of operations, and with it
// what was not synced.
type memFiles struct {
	root *inode
	left int // operations until the machine stops; negative: never
}

type inode struct {
	now, kept   map[string]*inode // of a folder
	data, saved []byte            // of a file
}

func newFolder() *inode { return &inode{now: map[string]*inode{}, kept: map[string]*inode{}} }

func newMemFiles() *memFiles { return &memFiles{root: newFolder(), left: -1} }

// crash goes back to what was synced. Names that were not synced may have
// reached the disk or not: keepNames says which.
func (m *memFiles) crash(keepNames bool) {
	m.left = -1
	m.root.crash(keepNames)
}

func (n *inode) crash(keepNames bool) {
	if n.now == nil {
		n.data = slices.Clone(n.saved)
		return
	}
	if !keepNames {
		n.now = maps.Clone(n.kept)
	}
	for _, child := range n.now {
		child.crash(keepNames)
	}
}

func (m *memFiles) op() error {
	if m.left == 0 {
		return errCrash
	}
	m.left--
	return nil
}

func (m *memFiles) find(path string) (*inode, error) {
	n := m.root
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		next, ok := n.now[part]
		if !ok {
			return nil, &fs.PathError{Op: "find", Path: path, Err: fs.ErrNotExist}
		}
		n = next
	}
	return n, nil
}

func (m *memFiles) parent(path string) (*inode, string, error) {
	dir, name := filepath.Split(path)
	n, err := m.find(filepath.Clean(dir))
	return n, name, err
}

func (m *memFiles) MkdirAll(dir string) error {
	if err := m.op(); err != nil {
		return err
	}
	n := m.root
	for _, part := range strings.Split(filepath.ToSlash(dir), "/") {
		if n.now[part] == nil {
			n.now[part] = newFolder()
		}
		n = n.now[part]
	}
	return nil
}

func (m *memFiles) Create(name string) (File, error) {
	if err := m.op(); err != nil {
		return nil, err
	}
	dir, base, err := m.parent(name)
	if err != nil {
		return nil, err
	}
	f := &inode{}
	dir.now[base] = f
	return memFile{m, f}, nil
}

func (m *memFiles) Append(name string) (File, error) { return m.Create(name) }

func (m *memFiles) ReadFile(name string) ([]byte, error) {
	n, err := m.find(name)
	if err != nil {
		return nil, err
	}
	return slices.Clone(n.data), nil
}

func (m *memFiles) Names(dir string) ([]string, error) {
	n, err := m.find(dir)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(n.now)), nil
}

func (m *memFiles) Rename(from, to string) error {
	if err := m.op(); err != nil {
		return err
	}
	a, x, err := m.parent(from)
	if err != nil {
		return err
	}
	b, y, err := m.parent(to)
	if err != nil {
		return err
	}
	if old := b.now[y]; old != nil && len(old.now) > 0 {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	}
	b.now[y] = a.now[x]
	delete(a.now, x)
	return nil
}

func (m *memFiles) RemoveAll(name string) error {
	if err := m.op(); err != nil {
		return err
	}
	if dir, base, err := m.parent(name); err == nil {
		delete(dir.now, base)
	}
	return nil
}

func (m *memFiles) SyncDir(dir string) error {
	if err := m.op(); err != nil {
		return err
	}
	n, err := m.find(dir)
	if err == nil {
		n.kept = maps.Clone(n.now)
	}
	return err
}

type memFile struct {
	m *memFiles
	n *inode
}

func (f memFile) Write(p []byte) (int, error) {
	if err := f.m.op(); err != nil {
		return 0, err
	}
	f.n.data = append(f.n.data, p...)
	return len(p), nil
}

func (f memFile) Sync() error {
	if err := f.m.op(); err != nil {
		return err
	}
	f.n.saved = slices.Clone(f.n.data)
	return nil
}

func (f memFile) Close() error { return nil }

// TestMemFilesForget makes sure that the disk of the other tests does lose what
// is not synced.
func TestMemFilesForget(t *testing.T) {
	m := newMemFiles()
	if err := m.MkdirAll("d"); err != nil {
		t.Fatal(err)
	}
	f, err := m.Create("d/x")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("abc"))
	m.crash(true)
	if got, err := m.ReadFile("d/x"); err != nil || len(got) > 0 {
		t.Errorf("after a crash: %q, %v", got, err)
	}
}
