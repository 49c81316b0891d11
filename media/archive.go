package media

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// OpenZip reads the directory of a zip archive of size bytes and refuses the
// whole archive when one entry has a name that leads outside (.., absolute, a
// drive, a backslash), is a link or a device, has the name of another entry up
// to case, shares bytes with another, or unpacks to more than the limits.
// Nothing is unpacked.
func OpenZip(r io.ReaderAt, size int64, l Limits) (*zip.Reader, error) {
	l = l.withDefaults()
	if err := countEntries(r, size, l.Entries); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, bad("zip", size, "%v", err)
	}
	names := make(map[string]bool, len(z.File))
	var total uint64
	for _, f := range z.File {
		if err := entry(f, l); err != nil {
			return nil, err
		}
		name := strings.ToLower(strings.TrimSuffix(f.Name, "/"))
		if names[name] {
			return nil, bad("zip", 0, "two entries are called %q up to case", f.Name)
		}
		names[name] = true
		if total += f.UncompressedSize64; total > 50*uint64(l.Bytes) {
			return nil, bad("zip", 0, "unpacks to more than the limit of %d bytes", 50*l.Bytes)
		}
	}
	if total > 1<<20 && total/uint64(l.Ratio) > uint64(size) {
		return nil, bad("zip", 0, "unpacks to %d bytes from %d, more than %d to 1", total, size, l.Ratio)
	}
	return z, disjoint(z.File, size)
}

// entry refuses what the directory says of one entry.
func entry(f *zip.File, l Limits) error {
	name := strings.TrimSuffix(f.Name, "/")
	switch mode := f.Mode(); {
	case !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00"), name[1:] != "" && name[1] == ':':
		return bad("zip", 0, "the name %q leads outside the archive", f.Name)
	case !mode.IsRegular() && !mode.IsDir():
		return bad("zip", 0, "%q is a link or a device", f.Name)
	case f.UncompressedSize64 > uint64(l.Bytes):
		return bad("zip", 0, "%q unpacks to %d bytes, the limit is %d", f.Name, f.UncompressedSize64, l.Bytes)
	case f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/uint64(l.Ratio) > f.CompressedSize64:
		return bad("zip", 0, "%q unpacks to %d bytes from %d, more than %d to 1", f.Name, f.UncompressedSize64, f.CompressedSize64, l.Ratio)
	}
	return nil
}

// disjoint refuses entries that share bytes of the archive.
func disjoint(files []*zip.File, size int64) error {
	type part struct{ from, to int64 }
	parts := make([]part, 0, len(files))
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil {
			return bad("zip", 0, "%q: %v", f.Name, err)
		}
		to := at + int64(f.CompressedSize64)
		if to < at || to > size {
			return bad("zip", at, "%q ends after the archive", f.Name)
		}
		parts = append(parts, part{at, to})
	}
	slices.SortFunc(parts, func(a, b part) int { return int(a.from - b.from) })
	for i := 1; i < len(parts); i++ {
		if parts[i].from < parts[i-1].to {
			return bad("zip", parts[i].from, "two entries share the same bytes")
		}
	}
	return nil
}

// countEntries walks the central directory (APPNOTE 4.3.12 to 4.3.16) before
// anything is allocated for it and refuses more than limit entries.
func countEntries(r io.ReaderAt, size int64, limit int) error {
	const endSize, end64Size, locatorSize = 22, 56, 20
	tail := make([]byte, min(size, endSize+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return bad("zip", 0, "%v", err)
	}
	p := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if p < 0 || p+endSize > len(tail) {
		return bad("zip", size, "no end of a central directory: no zip file, or cut")
	}
	le := binary.LittleEndian
	last := size - int64(len(tail)) + int64(p)
	length, start := int64(le.Uint32(tail[p+12:])), int64(le.Uint32(tail[p+16:]))
	if at := p - locatorSize - end64Size; at >= 0 && bytes.HasPrefix(tail[at:], []byte("PK\x06\x06")) {
		length, start = int64(le.Uint64(tail[at+40:])), int64(le.Uint64(tail[at+48:]))
		last -= locatorSize + end64Size
	}
	for _, from := range []int64{last - length, start} {
		if n := walkDirectory(r, from, size, limit); n > limit {
			return bad("zip", from, "more than the limit of %d entries", limit)
		}
	}
	return nil
}

// walkDirectory counts directory entries from there on, up to limit + 1.
func walkDirectory(r io.ReaderAt, from, size int64, limit int) int {
	if from < 0 || from >= size {
		return 0
	}
	in := io.NewSectionReader(r, from, size-from)
	const headSize = 46
	var head [headSize]byte
	n := 0
	for at := int64(0); n <= limit; n++ {
		if _, err := in.ReadAt(head[:], at); err != nil || !bytes.HasPrefix(head[:], []byte("PK\x01\x02")) {
			break
		}
		le := binary.LittleEndian
		at += headSize + int64(le.Uint16(head[28:])) + int64(le.Uint16(head[30:])) + int64(le.Uint16(head[32:]))
	}
	return n
}

// ReadEntry unpacks one entry of an archive into memory and refuses more bytes
// than its directory promised.
func ReadEntry(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer r.Close()
	b, err := readAll("zip", r, int64(f.UncompressedSize64))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return b, nil
}
