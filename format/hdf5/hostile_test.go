package hdf5

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var long = flag.Bool("long", false, "run the long tests")

// visit reads everything in a file, each object once, up to a depth.
func visit(f *File, depth int) (objects int, err error) {
	seen := map[uint64]bool{}
	var walk func(g *Group, depth int) error
	attrs := func(o *object) error {
		names, err := o.Attrs()
		for _, name := range names {
			a, e := o.Attr(name)
			if e == nil && a.IsText() {
				_, e = a.Strings()
			} else if e == nil {
				_, e = a.Tensor()
			}
			err = errors.Join(err, e)
		}
		return err
	}
	walk = func(g *Group, depth int) error {
		err := attrs(&g.object)
		for _, name := range g.Links() {
			l := g.links[name]
			if seen[l.addr] || depth == 0 {
				continue
			}
			seen[l.addr] = true
			objects++
			if is, e := g.IsGroup(name); e != nil || is {
				sub, e := g.Group(name)
				if err = errors.Join(err, e); e == nil {
					err = errors.Join(err, walk(sub, depth-1))
				}
				continue
			}
			d, e := g.Dataset(name)
			if e != nil {
				err = errors.Join(err, e)
				continue
			}
			if err = errors.Join(err, attrs(&d.object)); d.IsText() {
				_, e = d.Strings()
			} else {
				_, e = d.Tensor()
			}
			err = errors.Join(err, e)
		}
		return err
	}
	root, err := f.Root()
	if err != nil {
		return 0, err
	}
	return objects, walk(root, depth)
}

// sane says what is wrong with an error: it must name a byte of the file, or be
// one of the refusals that name an object.
func sane(err error, size int) string {
	var f *FormatError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f) && (f.Offset < 0 || f.Offset > int64(size)+8):
		return fmt.Sprintf("byte %d of %d", f.Offset, size)
	case !strings.Contains(err.Error(), "hdf5: "):
		return "the format is not named"
	}
	return ""
}

// TestEveryTruncationIsAnError at 2,000 places of each sample, and the error
// names a place.
func TestEveryTruncationIsAnError(t *testing.T) {
	for _, name := range samples {
		b := unpack(t, name+".h5")
		step := max(len(b)/2000, 1)
		if *long {
			step = 1
		}
		for n := 0; n < len(b); n += step {
			_, err := Parse(b[:n:n], Limits{})
			var f *FormatError
			if !errors.As(err, &f) || f.Offset > int64(n) {
				t.Fatalf("%s: %d of %d bytes: %v", name, n, len(b), err)
			}
		}
	}
}

// TestBytesCutBehindTheSuperblockAreMissed: the same with a superblock that says
// what length the file has, so that what is inside must notice.
func TestBytesCutBehindTheSuperblockAreMissed(t *testing.T) {
	for _, name := range []string{"earliest", "latest"} {
		b := unpack(t, name+".h5")
		for n := 512; n < len(b)-4096; n += len(b) / 200 {
			c := b[:n:n]
			f, err := Parse(withEnd(c), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = visit(f, 5); err == nil {
				t.Errorf("%s: %d of %d bytes: no error", name, n, len(b))
			}
			if s := sane(err, n); s != "" {
				t.Errorf("%s: %d bytes: %v: %s", name, n, err, s)
			}
		}
	}
}

// withEnd is a copy of a file with its own length in the superblock.
func withEnd(b []byte) []byte {
	b = append([]byte(nil), b...)
	if b[8] < 2 {
		binary.LittleEndian.PutUint64(b[40:], uint64(len(b)))
		return b
	}
	binary.LittleEndian.PutUint64(b[28:], uint64(len(b)))
	binary.LittleEndian.PutUint32(b[44:], lookup3(b[:44]))
	return b
}

// TestChecksums: every checksummed structure of a new file notices a changed
// bit. What has no checksum (elements, global heaps) may not.
func TestChecksums(t *testing.T) {
	b := unpack(t, "latest.h5")
	for mark, skip := range map[string]int{"OHDR": 7, "OCHK": 9, "FRHP": 22, "BTHD": 5, "BTLF": 9, "BTIN": 9, "FAHD": 5, "FADB": 5,
		"EAHD": 5, "EAIB": 5, "EADB": 5, "EASB": 5} {
		at := strings.Index(string(b), mark)
		if at < 0 {
			t.Errorf("no %s in the sample", mark)
			continue
		}
		c := append([]byte(nil), b...)
		c[at+skip] ^= 0x10
		f, err := Parse(c, Limits{})
		if err == nil {
			_, err = visit(f, 5)
		}
		if err == nil || !strings.Contains(err.Error(), "checksum") {
			t.Errorf("%s: %.200v", mark, err)
		}
	}
}

// TestAnyChangedByteIsBorne by old files, which have no checksums: no panic, no
// long run, no memory beyond the limit, and errors that name a place.
func TestAnyChangedByteIsBorne(t *testing.T) {
	step := 14009
	if *long {
		step = 211
	}
	for _, name := range []string{"earliest", "latest"} {
		b := unpack(t, name+".h5")
		for at := 8; at < len(b); at += step {
			for _, v := range []byte{0, 1, 0x7f, 0xff} {
				c := append([]byte(nil), b...)
				c[at] = v
				f, err := Parse(c, Limits{})
				if f != nil {
					f.loose = true
					_, err = visit(f, 5)
				}
				if s := sane(err, len(b)); s != "" {
					t.Errorf("%s: byte %d = %d: %v: %s", name, at, v, err, s)
				}
			}
		}
	}
}

// edit changes bytes of the old sample at the first place of a mark.
func edit(t *testing.T, b []byte, mark string, skip int, bytes ...byte) []byte {
	t.Helper()
	at := strings.Index(string(b), mark)
	if at < 0 {
		t.Fatalf("no %q in the sample", mark)
	}
	b = append([]byte(nil), b...)
	copy(b[at+skip:], bytes)
	return b
}

// TestLies: sizes, addresses and circles that a writer never makes.
func TestLies(t *testing.T) {
	b := unpack(t, "earliest.h5")
	treeAt := strings.Index(string(b), "TREE")
	addr := binary.LittleEndian.AppendUint64(nil, uint64(treeAt))
	otherAt := treeAt + 1 + strings.Index(string(b[treeAt+1:]), "TREE")
	other := binary.LittleEndian.AppendUint64(nil, uint64(otherAt))
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"a tree in a circle":     {edit(t, b, "TREE", 5, append([]byte{1}, append(b[treeAt+6:treeAt+32:treeAt+32], addr...)...)...), "stands in its tree twice"},
		"a tree that climbs":     {edit(t, b, "TREE", 5, append([]byte{2}, append(b[treeAt+6:treeAt+32:treeAt+32], other...)...)...), "wanted kind 0, level 1"},
		"a tree of another kind": {edit(t, b, "TREE", 4, 1), "wanted kind 0"},
		"more symbols than room": {edit(t, b, "SNOD", 6, 255, 255), "hdf5: byte"},
		"a huge local heap":      {edit(t, b, "HEAP", 8, 255, 255, 255, 255, 255, 255, 255, 127), "the data of a local heap"},
		"a name outside":         {edit(t, b, "SNOD", 8, 255, 255, 255, 127), "a name at"},
		"addresses of 3 bytes":   {edit(t, b, signature, 13, 3), "addresses of 3"},
		"an unknown superblock":  {edit(t, b, signature, 8, 9), "version 9 of the superblock"},
		"no signature":           {edit(t, b, signature, 1, 'X'), "no HDF5 file"},
		"a file that goes on":    {edit(t, b, signature, 40, 255, 255, 255, 255), "cut short"},
		"a large global heap":    {edit(t, b, "GCOL", 8, 255, 255, 255, 255), "a global heap"},
		"an absent string":       {edit(t, b, "GCOL", 16, 77), "has no object"},
	} {
		f, err := Parse(c.b, Limits{})
		if err == nil {
			_, err = visit(f, 5)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.300v; want %q", name, err, c.want)
		}
	}
}

// TestMemoryIsBounded: a small file that announces terabytes is refused before
// they are asked for.
func TestMemoryIsBounded(t *testing.T) {
	b := unpack(t, "earliest.h5")
	f, err := Parse(b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, c := range []struct {
		path string
		dims []uint64
		edit func(d *Dataset)
		want string
	}{
		{"chunks/gzip", []uint64{1 << 20, 1 << 20}, nil, "bytes allowed"},
		{"chunks/gzip", []uint64{1 << 40, 1 << 40}, nil, "too many elements"},
		{"chunks/gzip", []uint64{1 << 13, 1 << 11}, nil, "chunks of 48 bytes in a file"},
		{"chunks/gzip", []uint64{7, 11}, func(d *Dataset) { d.layout.chunk = []uint64{1 << 31, 1 << 31} }, "chunks of"},
		{"chunks/gzip", []uint64{1000, 1000}, func(d *Dataset) { d.layout.chunk = []uint64{1, 1 << 20} }, "chunks of 4194304 bytes in a file"},
		{"numbers/late", []uint64{1 << 26}, nil, "bytes allowed"},
		{"numbers/f4", []uint64{1 << 16}, nil, "room for 24 bytes"},
		{"numbers/compact", []uint64{1 << 16}, nil, "10 bytes of elements"},
	} {
		d, err := root.Dataset(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if d.space.dims = c.dims; c.edit != nil {
			c.edit(d)
		}
		if _, err = d.Tensor(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v; want %q", c.path, c.dims, err, c.want)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 80<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
	f.limits.Links = 10
	if _, err := root.Group("many"); err == nil || !strings.Contains(err.Error(), "limits") {
		t.Error(err)
	}
}

// TestStringsShareOneObject: 2,000 references to one long string would be more
// than the file by far.
func TestStringsShareOneObject(t *testing.T) {
	f, err := Parse(unpack(t, "earliest.h5"), Limits{Memory: 32 << 10})
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	d, err := root.Dataset("strings/many")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Strings(); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Error(err)
	}
}

// FuzzParse reads everything from any bytes, without comparing checksums, which
// would keep a fuzzer out.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"small-earliest", "small-latest"} {
		f.Add(unpack(f, name+".h5"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Parse(b, Limits{Memory: 8 << 20})
		if file != nil {
			file.loose = true
			_, err = visit(file, 5)
		}
		if s := sane(err, len(b)); s != "" {
			t.Errorf("%v: %s", err, s)
		}
	})
}

// TestModelsOfOthers reads files that Keras wrote.
func TestModelsOfOthers(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/models/*/*.h*5")
	if err != nil || len(files) == 0 {
		t.Skip("no HDF5 files in ../shared/data/models on this machine")
	}
	for _, name := range files {
		start := time.Now()
		f, err := Open(name, Limits{})
		if err != nil {
			t.Error(err)
			continue
		}
		n, err := visit(f, 10)
		if err != nil || n < 10 {
			t.Errorf("%s: %d objects, %v", name, n, err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d objects, %d bytes, %v", name, n, info.Size(), time.Since(start))
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
