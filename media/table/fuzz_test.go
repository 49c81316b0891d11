package table

import (
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRead reads any bytes with everything guessed: an error or rows as wide as
// the table.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "\"a\"\"b\",c\r\n1,2", "a\tb\n\"x\ty\n", "\xff\xfea\x00,\x00b\x00\n\x00", "a;b;c\n1;2;3",
		"\x1f\x8b\x08\x00", "BZh91AY&SY", "\xc0\xcc \xbf\xb5\xc8\xad\xb4\xc2,\xc1\xa4\xb8\xbb\n", "\ufeff문장,표\n좋다,1\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		l := Limits{Bytes: 1 << 20, Cell: 1 << 10, Columns: 100, Rows: 1000}
		r, err := NewReader(strings.NewReader(string(file)), Options{Limits: l})
		if err != nil {
			return
		}
		p := NewProfile(r.Columns())
		for row, err := range r.Rows() {
			if err != nil {
				break
			}
			if len(row.Cells) != len(r.Columns()) || row.Line < 1 {
				t.Fatalf("row %+v of %d columns", row, len(r.Columns()))
			}
			p.Add(row.Cells)
		}
		p.Finish()
	})
}

// FuzzLikeStandardLibrary compares rows with those of encoding/csv, which is
// another reader of RFC 4180.
func FuzzLikeStandardLibrary(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\"\"b\",\"c\nd\"\r\n1,2", ",\n,", "\"\",\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, file string) {
		// A lone CR ends a row here only, and there a quoted CRLF is an LF.
		if strings.ContainsAny(file, "\r\x00\ufeff\ufffd") || !utf8.ValidString(file) || strings.HasPrefix(file, "PK") || strings.HasPrefix(file, "BZh") {
			return
		}
		std := csv.NewReader(strings.NewReader(file))
		want, wantErr := std.ReadAll()
		r, err := NewReader(strings.NewReader(file), Options{Delimiter: ',', Quotes: QuotesDouble, Header: HeaderNone, Encoding: "utf-8"})
		var got [][]string
		for err == nil {
			var row Row
			if row, err = r.Read(); err == nil {
				got = append(got, row.Cells)
			}
		}
		var at *Error
		if errors.As(err, &at) && at.Reason == "the file is empty" {
			err = io.EOF
		}
		if wantErr == nil && !errors.Is(err, io.EOF) {
			t.Fatalf("%v, the standard library reads %q", err, want)
		}
		if wantErr == nil && !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
			t.Fatalf("%q, the standard library reads %q", got, want)
		}
	})
}
