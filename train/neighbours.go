package train

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Neighbours is the trainings that are at work on this machine, each known by a
// file in one folder that it holds locked: a process that dies holds nothing.
// They divide the cores among them. Results do not depend on that.
type Neighbours struct {
	dir, name string
	f         *os.File
}

// JoinNeighbours makes this training known in dir, which is made.
func JoinNeighbours(dir string) (*Neighbours, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	n := &Neighbours{dir: dir}
	return n, n.join()
}

func (n *Neighbours) join() error {
	f, err := os.CreateTemp(n.dir, fmt.Sprintf("%d-*", os.Getpid()))
	if err != nil {
		return err
	}
	if err := lockFile(f); err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	n.f, n.name = f, filepath.Base(f.Name())
	return nil
}

// Leave makes room for the others.
func (n *Neighbours) Leave() { _ = errors.Join(os.Remove(n.f.Name()), n.f.Close()) }

// Threads is this training's share of so many cores: they are dealt out in
// turn, and everybody gets at least one.
func (n *Neighbours) Threads(cores int) int {
	alive := n.alive()
	place := slices.Index(alive, n.name)
	if place < 0 { // somebody took the file for a dead process's between its making and its locking
		if old := n.f; n.join() == nil {
			_ = old.Close()
		}
		return max(1, cores/(len(alive)+1))
	}
	return max(1, (cores+len(alive)-1-place)/len(alive))
}

// alive lists the files that are held, in order, and removes the others.
func (n *Neighbours) alive() []string {
	names, _ := Disk{}.Names(n.dir)
	slices.SortFunc(names, cmp.Compare[string])
	return slices.DeleteFunc(names, func(name string) bool {
		if name == n.name {
			return false
		}
		f, err := os.OpenFile(filepath.Join(n.dir, name), os.O_RDWR, 0)
		if err != nil {
			return errors.Is(err, os.ErrNotExist)
		}
		defer f.Close()
		if lockFile(f) != nil {
			return false
		}
		_ = os.Remove(f.Name())
		return true
	})
}
