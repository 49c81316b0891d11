package hdf5

import (
	"fmt"
	"slices"
	"strings"
)

// object is what groups and datasets have in common: a path and attributes.
type object struct {
	f     *File
	path  string
	head  *header
	attrs map[string]*Attr // nil until asked for
}

// Path is the way from the root by which the object was found.
func (o *object) Path() string { return o.path }

// Attr finds an attribute; the error is [ErrAbsent] when there is none.
func (o *object) Attr(name string) (*Attr, error) {
	if err := o.readAttrs(); err != nil {
		return nil, err
	}
	a, ok := o.attrs[name]
	if !ok {
		return nil, fmt.Errorf("hdf5: %s: attribute %q: %w", o.path, name, ErrAbsent)
	}
	return a, nil
}

// Attrs lists the names of the attributes in order.
func (o *object) Attrs() ([]string, error) {
	if err := o.readAttrs(); err != nil {
		return nil, err
	}
	return sorted(o.attrs), nil
}

// Group is a node of the tree that a file is.
type Group struct {
	object
	links map[string]link
}

// link is a name's way to an object.
type link struct {
	addr  uint64
	other string // why it cannot be followed
}

// group reads the links of the group whose object header is at addr.
func (f *File) group(path string, addr uint64) (*Group, error) {
	head, err := f.header(addr)
	if err != nil {
		return nil, at(path, err)
	}
	g := &Group{object: object{f: f, path: path, head: head}}
	if g.links, err = f.links(head); err != nil {
		return nil, at(path, err)
	}
	return g, nil
}

// Links lists the names in the group in order.
func (g *Group) Links() []string { return sorted(g.links) }

// Has says whether the group has a link of that name, which may not be a path.
func (g *Group) Has(name string) bool {
	_, ok := g.links[name]
	return ok
}

// Group finds a group by its name or path from g; the error is [ErrAbsent] when
// there is none.
func (g *Group) Group(path string) (*Group, error) {
	for _, name := range strings.Split(path, "/") {
		if name == "" {
			continue
		}
		l, err := g.follow(name)
		if err != nil {
			return nil, err
		}
		next, err := g.f.group(join(g.path, name), l.addr)
		if err != nil {
			return nil, err
		}
		if !next.head.isGroup() {
			return nil, fmt.Errorf("hdf5: %s is a dataset, not a group", next.path)
		}
		g = next
	}
	return g, nil
}

// Dataset finds a dataset by its name or path from g; the error is [ErrAbsent]
// when there is none.
func (g *Group) Dataset(path string) (*Dataset, error) {
	dir, name := "", strings.Trim(path, "/")
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir, name = name[:i], name[i+1:]
	}
	g, err := g.Group(dir)
	if err != nil {
		return nil, err
	}
	l, err := g.follow(name)
	if err != nil {
		return nil, err
	}
	return g.f.dataset(join(g.path, name), l.addr)
}

// IsGroup says whether the link of that name leads to a group.
func (g *Group) IsGroup(name string) (bool, error) {
	l, err := g.follow(name)
	if err != nil {
		return false, err
	}
	head, err := g.f.header(l.addr)
	if err != nil {
		return false, at(join(g.path, name), err)
	}
	return head.isGroup(), nil
}

func (g *Group) follow(name string) (link, error) {
	l, ok := g.links[name]
	switch {
	case !ok:
		return l, fmt.Errorf("hdf5: %s: link %q: %w", g.path, name, ErrAbsent)
	case l.other != "":
		return l, fmt.Errorf("hdf5: %s: link %q is %s, which is not followed", g.path, name, l.other)
	}
	return l, nil
}

func join(path, name string) string { return strings.TrimSuffix(path, "/") + "/" + name }

func sorted[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
