package media

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/ihae/ihae/internal/registry"
)

// imageFormat is what one file of this package registers.
type imageFormat struct {
	// magic is the ways in which files begin; a ? stands for any byte.
	magic []string
	// size reads the header only.
	size func(b []byte) (w, h int, err error)
	// decode reads the samples as they are stored.
	decode func(b []byte) (Image, error)
	// exif finds the TIFF structure with the orientation, or nil.
	exif func(b []byte) []byte
}

var imageFormats = registry.New[imageFormat]("image format")

// ImageFormats lists the formats that [DecodeImage] reads.
func ImageFormats() []string { return imageFormats.Names() }

// DecodeImage reads an image, upright as its EXIF orientation says. The format
// is known by the first bytes, not by a file name. Sizes beyond the limits are
// refused from the header. Samples are 8 bits: of 16 bits the upper 8 are kept;
// transparency is dropped, as Pillow's convert("RGB") does.
func DecodeImage(r io.Reader, l Limits) (Image, error) {
	l = l.withDefaults()
	b, err := readAll("image", r, l.Bytes)
	if err != nil {
		return Image{}, err
	}
	for _, name := range imageFormats.Names() {
		f, err := imageFormats.Get(name)
		if err != nil || !f.begins(b) {
			continue
		}
		w, h, err := f.size(b)
		if err != nil {
			return Image{}, err
		}
		if err := l.image(name, w, h); err != nil {
			return Image{}, err
		}
		m, err := f.decode(b)
		if err != nil {
			return Image{}, err
		}
		return m.Oriented(orientation(f.exif(b))), nil
	}
	return Image{}, unknownImage(b)
}

// unknownImage says what bytes of no known format are.
func unknownImage(b []byte) error {
	if len(b) == 0 {
		return bad("image", 0, "no bytes")
	}
	if len(b) >= 12 && string(b[4:8]) == "ftyp" { // ISO/IEC 14496-12
		return bad("image", 4, "is %q, which is none of %v; convert it to PNG (magick FILE out.png)", b[8:12], ImageFormats())
	}
	return bad("image", 0, "begins with %q, which is none of %v; convert the file", b[:min(len(b), 8)], ImageFormats())
}

// begins says whether b begins as files of this format do.
func (f imageFormat) begins(b []byte) bool {
	return slices.ContainsFunc(f.magic, func(m string) bool {
		if len(b) < len(m) {
			return false
		}
		for i := range len(m) {
			if m[i] != '?' && m[i] != b[i] {
				return false
			}
		}
		return true
	})
}

// ReadImage is [DecodeImage] of a file; errors name it.
func ReadImage(path string, l Limits) (Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return Image{}, err
	}
	defer f.Close()
	m, err := DecodeImage(f, l)
	if err != nil {
		return Image{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// stopped is a decoder's error with the place where it stopped reading.
func stopped(format string, all []byte, rest *bytes.Reader, err error) error {
	return bad(format, int64(len(all)-rest.Len()), "%v", err)
}
