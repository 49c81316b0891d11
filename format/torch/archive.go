package torch

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// archive is the zip form: in one folder of the archive, of any name, data.pkl,
// which is the pickle, data/KEY, which are the storages, byteorder, and version.
// All are stored, not compressed (pytorch: caffe2/serialize/inline_container.h).
type archive struct {
	data    []byte // of the whole file
	folder  string // with its slash
	storage string // the folder of storages in it, with its slash
	files   map[string]*zip.File
	swap    bool
}

// zipLimits are package media's for a file of size bytes, all of which may be
// in one entry.
func zipLimits(size int64, l Limits) media.Limits {
	return media.Limits{Bytes: max(size, 1<<20), Entries: l.Entries}
}

// readArchive reads the zip form.
func readArchive(data []byte, l Limits) (*File, error) {
	z, err := media.OpenZip(bytes.NewReader(data), int64(len(data)), zipLimits(int64(len(data)), l))
	if err != nil {
		return nil, fmt.Errorf("torch: %w", err)
	}
	a := &archive{data: data, storage: "data/", files: make(map[string]*zip.File, len(z.File))}
	if err := a.find(z.File); err != nil {
		return nil, err
	}
	if err := a.byteOrder(); err != nil {
		return nil, err
	}
	root, err := a.pickle("data.pkl", l)
	if err != nil {
		return nil, err
	}
	f := newFile(l, int64(len(data)))
	if err := f.collect("", root); err != nil {
		return nil, err
	}
	if a.files["constants.pkl"] != nil { // of TorchScript
		a.storage = "constants/"
		constants, err := a.pickle("constants.pkl", l)
		if err != nil {
			return nil, err
		}
		if err := f.collect("constants", constants); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// find indexes the entries by their names below the folder of data.pkl.
func (a *archive) find(files []*zip.File) error {
	for _, f := range files {
		folder, ok := strings.CutSuffix(f.Name, "data.pkl")
		if !ok || strings.Count(folder, "/") != 1 || !strings.HasSuffix(folder, "/") {
			continue
		}
		if a.folder != "" {
			return bad("", 0, "two pickles, %q and %q", a.folder+"data.pkl", f.Name)
		}
		a.folder = folder
	}
	if a.folder == "" {
		hint := "an empty archive"
		if len(files) > 0 {
			hint = fmt.Sprintf("the first of %d entries is %.100q; if the archive holds a model file, unpack that", len(files), files[0].Name)
		}
		return bad("", 0, "a zip archive without FOLDER/data.pkl: %s", hint)
	}
	for _, f := range files {
		name, ok := strings.CutPrefix(f.Name, a.folder)
		if !ok {
			return bad("", 0, "entry %.100q is outside of folder %q", f.Name, a.folder)
		}
		a.files[name] = f
	}
	return nil
}

// entry is the bytes of one entry and where they are in the file; they must be
// stored.
func (a *archive) entry(name string) (b []byte, at int64, err error) {
	f := a.files[name]
	if f == nil {
		return nil, 0, fmt.Errorf("the archive has no %q", a.folder+name)
	}
	if at, err = f.DataOffset(); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", f.Name, err)
	}
	end := at + int64(f.CompressedSize64)
	switch {
	case f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64:
		return nil, at, fmt.Errorf("%q is compressed, which PyTorch never does", f.Name)
	case at < 0 || end < at || end > int64(len(a.data)):
		return nil, at, fmt.Errorf("%q ends after the archive", f.Name)
	}
	return a.data[at:end], at, nil
}

// byteOrder reads the entry that says it; files before PyTorch 2.1 have none
// and are little-endian.
func (a *archive) byteOrder() error {
	a.swap = !littleEndian
	if a.files["byteorder"] == nil {
		return nil
	}
	b, at, err := a.entry("byteorder")
	if err != nil {
		return bad("", at, "%v", err)
	}
	switch string(b) {
	case "little":
	case "big":
		a.swap = littleEndian
	default:
		return bad("", at, "an order of bytes %.20q, wanted little or big", b)
	}
	return nil
}

// pickle reads one of the pickles.
func (a *archive) pickle(name string, l Limits) (any, error) {
	b, at, err := a.entry(name)
	if err != nil {
		return nil, bad("", at, "%v", err)
	}
	if int64(len(b)) > l.Pickle {
		return nil, bad("", at, "%s has %d bytes, at most %d", name, len(b), l.Pickle)
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return nil, bad("", at, "%s is a zip archive in the archive, wanted a pickle", name)
	}
	r := newReader(l, int64(len(a.data)), a)
	v, n, err := pickle.Read(b, r.options())
	if err != nil {
		return nil, inPickle(err, at, name)
	}
	if n != len(b) {
		return nil, bad("", at+int64(n), "%d bytes after the end of %s", len(b)-n, name)
	}
	return v, nil
}

// open implements form.
func (a *archive) open(key string, _ int) (*storage, error) {
	b, at, err := a.entry(a.storage + key)
	if err != nil {
		return nil, err
	}
	return &storage{key: key, at: at, data: b, swap: a.swap, crc: a.files[a.storage+key].CRC32}, nil
}

// mention implements form.
func (a *archive) mention(s *storage, d tensor.DType, n int, _ []any) (*typed, error) {
	if size := max(1, d.Size()); n != len(s.data)/size || len(s.data)%size != 0 {
		return nil, fmt.Errorf("storage %q has %d bytes, wanted %d elements of %d", s.key, len(s.data), n, size)
	}
	return &typed{s, d, 0, n}, nil
}
