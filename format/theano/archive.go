package theano

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// bundle is an archive of theano.misc.pkl_utils.dump: a pickle called pkl, whose
// persistent ids, KIND.NAME, mean the other entries, which are .npy files;
// before one of kind gpuarray is the pickled name of a device.
type bundle struct {
	files map[string]*zip.File
	done  map[string]loaded
	left  int64 // bytes that arrays may still take
}

// loaded is an array of a .npy file as a source.
type loaded struct{ t *tensor.Tensor }

// TensorType implements source.
func (l loaded) TensorType() (tensor.Type, error) { return l.t.Type(), nil }

// Tensor implements source.
func (l loaded) Tensor() (tensor.Tensor, error) { return l.t.Clone(), nil }

// archive reads the pickle in an archive.
func (f *File) archive(data []byte) ([]any, error) {
	z, err := media.OpenZip(bytes.NewReader(data), int64(len(data)), media.Limits{Bytes: f.limits.Memory, Entries: f.limits.Arrays})
	if err != nil {
		return nil, fmt.Errorf("theano: %w", err)
	}
	b := &bundle{files: map[string]*zip.File{}, done: map[string]loaded{}, left: f.limits.Memory}
	for _, e := range z.File {
		b.files[e.Name] = e
	}
	text, err := b.unpack("pkl")
	if err != nil {
		return nil, bad(0, "an archive that theano.misc.pkl_utils did not write: %v", err)
	}
	v, n, err := pickle.Read(text, options(f.limits.Memory, b.load))
	if err != nil {
		return nil, fmt.Errorf("pkl in the archive: %w", inPickle(err))
	}
	if n != len(text) {
		return nil, bad(0, "%d bytes after the pickle in the archive", len(text)-n)
	}
	return []any{v}, nil
}

func (b *bundle) unpack(name string) ([]byte, error) {
	e := b.files[name]
	if e == nil {
		return nil, fmt.Errorf("there is no entry %.100q", name)
	}
	if b.left -= int64(e.UncompressedSize64); b.left < 0 {
		return nil, errors.New("the entries take more memory than an archive of this size may")
	}
	return media.ReadEntry(e)
}

// load gives the array of a persistent id, the same for the same id.
func (b *bundle) load(id any) (any, error) {
	text, _ := pickle.Text(id)
	kind, name, ok := strings.Cut(text, ".")
	if !ok || kind != "ndarray" && kind != "gpuarray" {
		return nil, fmt.Errorf("a persistent id that is %.100q, wanted ndarray.NAME", text)
	}
	if l, ok := b.done[name]; ok {
		return l, nil
	}
	data, err := b.unpack(name)
	if err != nil {
		return nil, err
	}
	if kind == "gpuarray" {
		_, n, err := pickle.Read(data, pickle.Options{Strict: true, Memory: 1 << 20})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		data = data[n:]
	}
	t, err := media.DecodeNPY(bytes.NewReader(data), media.Limits{Bytes: int64(len(data))})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b.done[name] = loaded{&t}
	return b.done[name], nil
}
