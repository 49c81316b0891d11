package format

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/gguf"
	"github.com/ihae/ihae/format/npz"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/format/torch"
	"github.com/ihae/ihae/tensor"
)

// The formats of weights without a graph.

func init() {
	register(reader{
		name: "safetensors",
		is: func(path string, head []byte) bool {
			return named(path, ".safetensors") || len(head) > 9 && head[8] == '{' && head[7] == 0
		},
		open: openSafetensors, rank: 1,
	})
	register(reader{
		name: "pytorch",
		is: func(path string, head []byte) bool {
			return named(path, ".pt", ".pth", ".th") || bytes.Contains(head, []byte("/data.pkl")) || bytes.HasPrefix(head, torchMagic)
		},
		open: openTorch,
	})
	register(reader{
		name: "npz",
		is: func(path string, head []byte) bool {
			return named(path, ".npz") || begins(head, "PK\x03\x04") && bytes.Contains(head, []byte(".npy"))
		},
		open: openNPZ, rank: 2,
	})
	register(reader{name: "gguf", is: func(_ string, head []byte) bool { return begins(head, "GGUF") }, open: openGGUF})
}

// torchMagic is how files of torch.save before the zip form begin: protocol 2, a
// long of 10 bytes.
var torchMagic = []byte("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.")

func openSafetensors(path string) (*File, error) {
	f, err := safetensors.OpenMapped(path, safetensors.Limits{})
	if err != nil {
		return nil, err
	}
	return &File{Names: f.Names(), Meta: f.Meta, tensor: f.Tensor, close: f.Close}, nil
}

func openTorch(path string) (*File, error) {
	f, err := torch.Open(path, torch.Limits{})
	if err != nil {
		return nil, err
	}
	return &File{Names: f.Names(), Meta: texts(f.Meta), tensor: f.Tensor, close: f.Close}, nil
}

func openGGUF(path string) (*File, error) {
	f, err := gguf.Open(path)
	if err != nil {
		return nil, err
	}
	y := &File{Meta: map[string]string{}, tensor: f.Tensor, close: f.Close}
	for _, t := range f.Tensors {
		y.Names = append(y.Names, t.Name)
	}
	for key, v := range f.Meta {
		if text := fmt.Sprint(v); len(text) <= maxMeta {
			y.Meta[key] = text
		}
	}
	return y, nil
}

// maxMeta is the length of an entry of a file's metadata up to which it is kept:
// vocabularies are longer.
const maxMeta = 1024

func openNPZ(path string) (*File, error) {
	arrays, err := npz.Open(path, npz.Limits{})
	if err != nil {
		return nil, err
	}
	f := &File{}
	at := map[string]tensor.Tensor{}
	for _, a := range arrays {
		f.Names = append(f.Names, a.Name)
		at[a.Name] = a.Tensor
	}
	f.tensor = func(name string) (tensor.Tensor, error) {
		if !slices.Contains(f.Names, name) {
			return tensor.Tensor{}, fmt.Errorf("there is no array %q", name)
		}
		return at[name], nil
	}
	f.close = func() error { return nil }
	return f, nil
}

func texts(meta map[string]any) map[string]string {
	y := map[string]string{}
	for key, v := range meta {
		if text := fmt.Sprint(v); len(text) <= maxMeta {
			y[key] = text
		}
	}
	return y
}
