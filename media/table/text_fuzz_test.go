package table

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzReadText: valid text within the limit, or an error.
func FuzzReadText(f *testing.F) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("안녕\n"))
	_ = z.Close()
	for _, s := range []string{"abc\n", "\ufeffabc", "\xff\xfea\x00b\x00", "\xfe\xff\x00a", "\xb0\xa1\xb3\xaa\n", "BZh9", packed.String()} {
		f.Add([]byte(s))
	}
	const limit = 1 << 12
	f.Fuzz(func(t *testing.T, b []byte) {
		text, _, err := ReadText(bytes.NewReader(b), "", limit)
		if err != nil {
			return
		}
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 || len(text) > 3*limit {
			t.Errorf("%d bytes of text: %.40q", len(text), text)
		}
	})
}
