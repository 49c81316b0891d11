package table

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"
)

// headSize is how many bytes of a file are looked at to guess its format.
const headSize = 256 << 10

// utf8Name is the encoding that needs no decoder.
const utf8Name = "utf-8"

var decoders = map[string]encoding.Encoding{
	"cp949":        korean.EUCKR, // the WHATWG's euc-kr, which is Windows code page 949
	"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"windows-1252": charmap.Windows1252,
	"latin1":       charmap.ISO8859_1,
}

// Encodings is the names that Options.Encoding takes.
func Encodings() []string {
	return append([]string{utf8Name}, slices.Sorted(maps.Keys(decoders))...)
}

// input is the text of a file: unpacked, in UTF-8, without a byte order mark.
type input struct {
	*bufio.Reader
	encoding string
	decoded  bool // so that the replacement character stands for bytes that are none
}

// fault explains an error of the packing.
func (in *input) fault(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the packed data ends too early: %w", err)
	}
	return err
}

// decode finds packing and encoding by content.
func decode(r io.Reader, name string, l Limits) (*input, Format, error) {
	var f Format
	raw := bufio.NewReaderSize(r, 64<<10)
	packed, packing, err := unpack(raw)
	if err != nil {
		return nil, f, err
	}
	f.Packing = packing
	text := bufio.NewReaderSize(&capped{packed, l.Bytes, l.Bytes}, headSize)
	head, err := text.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, f, (&input{}).fault(err)
	}
	if f.Encoding, err = encodingOf(head, strings.ToLower(name)); err != nil {
		return nil, f, err
	}
	if dec, ok := decoders[f.Encoding]; ok {
		// UTF-16 reads its mark by itself.
		decoded := bufio.NewReaderSize(dec.NewDecoder().Reader(text), headSize)
		return &input{decoded, f.Encoding, true}, f, nil
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = text.Discard(3)
	}
	return &input{text, f.Encoding, false}, f, nil
}

// unpack undoes gzip and bzip2, which it knows by their first bytes.
func unpack(raw *bufio.Reader) (io.Reader, string, error) {
	head, err := raw.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, "", fmt.Errorf("gzip: %w", err)
		}
		return z, "gzip", nil
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) == 4 && head[3] >= '1' && head[3] <= '9':
		return bzip2.NewReader(raw), "bzip2", nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, "", errors.New("a zip archive (or a spreadsheet), not a table; unpack it, or save the sheet as CSV")
	}
	return raw, "", nil
}

// capped is r with at most left bytes; more are an error.
type capped struct {
	r           io.Reader
	left, limit int64
}

// Read implements [io.Reader].
func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		var one [1]byte
		if n, err := c.r.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, tooMuch(c.limit)
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

func tooMuch(limit int64) error { return fmt.Errorf("more than the limit of %d bytes", limit) }

// encodingOf is the encoding to read head with.
func encodingOf(head []byte, name string) (string, error) {
	switch name {
	case "", "auto":
		return guessEncoding(head)
	case "utf8":
		name = utf8Name
	case "euc-kr", "euckr", "uhc", "ms949":
		name = "cp949"
	case "utf-16", "utf16":
		if name, _ = guessEncoding(head); !strings.HasPrefix(name, "utf-16") {
			name = "utf-16le"
		}
	}
	if _, ok := decoders[name]; !ok && name != utf8Name {
		return "", fmt.Errorf("no encoding %q; there is %v", name, Encodings())
	}
	return name, nil
}

// guessEncoding wants more than a decoder that does not complain: nearly any
// bytes are some text of cp949.
func guessEncoding(head []byte) (string, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return "utf-16le", nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "utf-16be", nil
	case validHead(head):
		return guessNarrow(head), nil
	case korean949(head):
		return "cp949", nil
	}
	line := 1 + bytes.Count(head[:firstInvalid(head)], []byte("\n"))
	return "", &Error{Line: line, Reason: fmt.Sprintf(
		"bytes that are not UTF-8, in an encoding that is not certain (known are %s); save the file as UTF-8", strings.Join(Encodings(), ", "))}
}

// guessNarrow tells UTF-16 of mostly Latin letters, where every other byte is
// zero, from UTF-8, which has no zeros.
func guessNarrow(head []byte) string {
	var zeros [2]int
	for i, b := range head[:min(len(head), 4096)] {
		if b == 0 {
			zeros[i%2]++
		}
	}
	n := min(len(head), 4096) / 2
	switch {
	case n > 8 && zeros[1] > n*3/4 && zeros[0] < n/8:
		return "utf-16le"
	case n > 8 && zeros[0] > n*3/4 && zeros[1] < n/8:
		return "utf-16be"
	}
	return utf8Name
}

// validHead says whether head is UTF-8, but for a character that it cuts.
func validHead(head []byte) bool { return firstInvalid(head) == len(head) }

// firstInvalid is the offset of the first byte that is not UTF-8.
func firstInvalid(head []byte) int {
	for i := 0; i < len(head); {
		if head[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && size == 1 {
			if len(head) == headSize && !utf8.FullRune(head[i:]) {
				return len(head)
			}
			return i
		}
		i += size
	}
	return len(head)
}

// korean949 says whether head is Korean in cp949 beyond doubt: no byte is out
// of place, and nine of ten characters that are not ASCII are Hangul of KS X
// 1001, whose lead bytes are B0 to C8.
func korean949(head []byte) bool {
	pairs, hangul := 0, 0
	for i := 0; i < len(head); i++ {
		if head[i] < utf8.RuneSelf {
			continue
		}
		if i+1 == len(head) {
			break
		}
		lead, trail := head[i], head[i+1]
		if lead == 0x80 || lead == 0xff || trail < 0x41 {
			return false
		}
		pairs++
		if lead >= 0xb0 && lead <= 0xc8 && trail >= 0xa1 {
			hangul++
		}
		i++
	}
	return pairs >= 8 && hangul*10 >= pairs*9
}
