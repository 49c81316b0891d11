package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/ihae/ihae/tensor"
)

// Write writes tensors in the order given, with meta in the header. The same
// arguments give the same bytes. The header is padded with spaces so that the
// elements begin at a multiple of 8. Two tensors of one name are an error.
func Write(w io.Writer, tensors []Named, meta map[string]string) error {
	head, err := header(tensors, meta)
	if err != nil {
		return err
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(head)))); err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, t := range tensors {
		b := t.Tensor.Bytes()
		if t.Tensor.DType().Bits() < 8 {
			b = tensor.Pack(t.Tensor)
		}
		if size := t.Tensor.DType().Size(); size > 1 && binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
			b = bytes.Clone(b)
			swapToHost(b, size)
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
	}
	return nil
}

func header(tensors []Named, meta map[string]string) ([]byte, error) {
	h := []byte{'{'}
	var err error
	if len(meta) > 0 {
		h = append(h, `"`+metadataKey+`":{`...)
		for i, k := range slices.Sorted(maps.Keys(meta)) {
			if i > 0 {
				h = append(h, ',')
			}
			if h, err = quote(h, k); err != nil {
				return nil, err
			}
			h = append(h, ':')
			if h, err = quote(h, meta[k]); err != nil {
				return nil, err
			}
		}
		h = append(h, '}')
	}
	seen, at := map[string]bool{}, 0
	for _, t := range tensors {
		if seen[t.Name] || t.Name == metadataKey {
			return nil, fmt.Errorf("safetensors: two tensors are called %q, or the name is the format's own", t.Name)
		}
		seen[t.Name] = true
		if len(h) > 1 {
			h = append(h, ',')
		}
		if h, err = quote(h, t.Name); err != nil {
			return nil, err
		}
		d, err := nameOf(t.Tensor.DType())
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		shape, err := json.Marshal(t.Tensor.Shape().Dims())
		if err != nil {
			return nil, err
		}
		if n := t.Tensor.Type(); n.Shape.Size()*n.DType.Bits()%8 != 0 {
			return nil, fmt.Errorf("safetensors: tensor %q: %v is no whole bytes", t.Name, n)
		}
		end := at + tensor.PackedBytes(t.Tensor.Type())
		h = fmt.Appendf(h, `:{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, d, shape, at, end)
		at = end
	}
	h = append(h, '}')
	for len(h)%8 != 0 {
		h = append(h, ' ')
	}
	return h, nil
}

// quote appends s as a JSON string.
func quote(h []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("safetensors: %q is not valid UTF-8", s)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	return append(h, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...), nil
}
