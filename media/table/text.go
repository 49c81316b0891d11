package table

import (
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// ReadText reads a whole text file as [NewReader] reads a table: packed or not,
// in an encoding that is given or guessed, of at most limit bytes. The text is
// valid UTF-8 without a byte order mark; bytes that are no text are an error with
// their line. It says the packing and the encoding.
func ReadText(r io.Reader, encoding string, limit int64) (string, Format, error) {
	in, format, err := decode(r, encoding, Limits{Bytes: limit}.withDefaults())
	if err != nil {
		return "", format, err
	}
	var b strings.Builder // which grows by less than a buffer and gives its text away
	if f, ok := r.(fs.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && format.Packing == "" {
			if info.Size() > limit {
				return "", format, tooMuch(limit)
			}
			b.Grow(int(info.Size()))
		}
	}
	if _, err := io.Copy(&b, in); err != nil {
		return "", format, in.fault(err)
	}
	text := b.String()
	bad := strings.IndexByte(text, 0)
	if !utf8.ValidString(text) {
		bad = firstInvalid([]byte(text))
	} else if i := strings.IndexRune(text, utf8.RuneError); in.decoded && i >= 0 {
		bad = i
	}
	if bad >= 0 {
		line := 1 + strings.Count(text[:bad], "\n")
		return "", format, &Error{Line: line, Reason: fmt.Sprintf("bytes that are no text in %s; mend them, or save the file as UTF-8", in.encoding)}
	}
	return text, format, nil
}
