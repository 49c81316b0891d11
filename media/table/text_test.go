package table

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"golang.org/x/text/encoding/korean"
)

// TestReadText reads texts as a whole.
func TestReadText(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("한글\n"))
	z.Close()
	long := strings.Repeat("옛날 옛적에 호랑이가 담배를 피우던 시절\n", 20)
	cp949, err := korean.EUCKR.NewEncoder().String(long)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, text, format string }{
		"plain": {"a\r\nb", "a\r\nb", "utf-8"},
		"empty": {"", "", "utf-8"},
		"mark":  {"\ufeffa", "a", "utf-8"},
		"gzip":  {packed.String(), "한글\n", "utf-8"},
		"cp949": {cp949, long, "cp949"},
	} {
		text, format, err := ReadText(strings.NewReader(c.file), "", 1<<20)
		if err != nil || text != c.text || format.Encoding != c.format {
			t.Errorf("%s: %.40q in %s, %v", name, text, format.Encoding, err)
		}
	}
	for name, c := range map[string]struct{ file, want string }{
		"later": {strings.Repeat("a\n", headSize) + "\xff", "line 262145: bytes that are no text in utf-8"},
		"zero":  {"a\n\x00", "line 2: bytes that are no text"},
		"long":  {strings.Repeat("a", 1<<20+1), "more than the limit of 1048576 bytes"},
	} {
		if _, _, err := ReadText(strings.NewReader(c.file), "", 1<<20); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
