package table

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"
)

// read is the format and all rows of a file.
func read(file string, o Options) (t *Reader, rows [][]string, err error) {
	t, err = NewReader(strings.NewReader(file), o)
	if err != nil {
		return nil, nil, err
	}
	for row, err := range t.Rows() {
		if err != nil {
			return t, rows, err
		}
		rows = append(rows, row.Cells)
	}
	return t, rows, nil
}

// TestRead reads small files of every kind.
func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		file   string
		format string
		names  []string
		rows   [][]string
	}{
		"csv":           {"a,b\n1,2\n3,4\n", "cells between commas, utf-8", []string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}},
		"crlf":          {"a,b\r\n1,2\r\n", "cells between commas, utf-8", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"cr":            {"a,b\r1,2", "cells between commas, utf-8", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"mark":          {"\ufeffa,b\n1,2\n", "cells between commas, utf-8", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"semicolons":    {"a;b\n1,5;2\n", "cells between semicolons, utf-8", []string{"a", "b"}, [][]string{{"1,5", "2"}}},
		"bars":          {"a|b\n1|2\n", "cells between bars, utf-8", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"quotes":        {"a,b\n\"x, \"\"y\"\"\nz\",2\n", "cells between commas, utf-8", []string{"a", "b"}, [][]string{{"x, \"y\"\nz", "2"}}},
		"empty cells":   {"a,b\n,\n\"\",2\n", "cells between commas, utf-8", []string{"a", "b"}, [][]string{{"", ""}, {"", "2"}}},
		"blank lines":   {"a,b\n\n1,2\n\n", "cells between commas, utf-8", []string{"a", "b"}, [][]string{{"1", "2"}}},
		"no header":     {"1,2\n3,4\n", "cells between commas, utf-8, no header", []string{"1", "2"}, [][]string{{"1", "2"}, {"3", "4"}}},
		"one column":    {"name\n1\n2\n", "cells between commas, utf-8", []string{"name"}, [][]string{{"1"}, {"2"}}},
		"tabs, marks":   {"id\tt\n1\t\"so\" he\n2\tx\n", "cells between tabs, utf-8, quotes are characters", []string{"id", "t"}, [][]string{{"1", "\"so\" he"}, {"2", "x"}}},
		"tabs, quoted":  {"id\tt\n1\t\"so\"\"he\"\n2\tx\n", "cells between tabs, utf-8", []string{"id", "t"}, [][]string{{"1", "so\"he"}, {"2", "x"}}},
		"names":         {"a,a,,a\n1,2,3,4\n", "cells between commas, utf-8, no header", []string{"1", "2", "3", "4"}, [][]string{{"a", "a", "", "a"}, {"1", "2", "3", "4"}}},
		"texts, labels": {"good film,pos\nbad film,neg\nfine,pos\n", "cells between commas, utf-8, no header", []string{"1", "2"}, [][]string{{"good film", "pos"}, {"bad film", "neg"}, {"fine", "pos"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r, rows, err := read(c.file, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Format().String(); got != c.format {
				t.Errorf("format %q, want %q", got, c.format)
			}
			if !reflect.DeepEqual(r.Columns(), c.names) || !reflect.DeepEqual(rows, c.rows) {
				t.Errorf("%q %q, want %q %q", r.Columns(), rows, c.names, c.rows)
			}
		})
	}
}

// TestFaults wants an error with the place and the way out.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		o    Options
		want string
	}{
		"nothing":        {"", Options{}, "line 1: the file is empty"},
		"line ends only": {"\n\r\n", Options{}, "line 1: the file is empty"},
		"ragged":         {"a,b\n1,2\n3\n", Options{}, "line 3: 1 cells, but the table has 2 columns"},
		"long row":       {"a,b\n1,2\n3,4,5\n", Options{}, "line 3: 3 cells"},
		"open quote":     {"a,b\n1,\"x\n", Options{}, "line 3, column 2: the quotation mark of line 2 is never closed; write a mark that is a character twice"},
		"after quote":    {"a,b\n1,\"x\"y\n", Options{}, "line 2, column 2: 'y' after the closing quotation mark"},
		"zero":           {"a,b\n1,\x002\n", Options{}, "line 2, column 2: a byte 0"},
		"zip":            {"PK\x03\x04abc", Options{}, "a zip archive (or a spreadsheet)"},
		"latin":          {"a,b\ncaf\xe9,2\n", Options{}, "line 2: bytes that are not UTF-8, in an encoding that is not certain (known are utf-8, cp949, "},
		"encoding":       {"a,b\n", Options{Encoding: "utf9"}, `no encoding "utf9"; there is [utf-8 cp949`},
		"delimiter":      {"a,b\n", Options{Delimiter: '"'}, "the delimiter is a quotation mark"},
		"cell":           {"a\n" + strings.Repeat("x", 11) + "\n", Options{Limits: Limits{Cell: 10}}, "line 2, column 1: a cell of more than the limit of 10 bytes"},
		"columns":        {"a,b,c\n", Options{Limits: Limits{Columns: 2}}, "line 1, column 3: more than the limit of 2 columns"},
		"rows":           {"a\n1\n2\n", Options{Limits: Limits{Rows: 1}}, "line 3: more than the limit of 1 rows"},
		"bytes":          {"a\n1\n2\n", Options{Limits: Limits{Bytes: 4}}, "more than the limit of 4 bytes"},
		"bad gzip":       {"\x1f\x8b\x08\x00garbage", Options{}, "ends too early"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := read(c.file, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestInvalidLater meets bytes that are not UTF-8 after the part that is looked
// at first.
func TestInvalidLater(t *testing.T) {
	file := "a,b\n" + strings.Repeat("1,2\n", headSize/4) + "3,\xb0\n"
	_, rows, err := read(file, Options{})
	var at *Error
	if !errors.As(err, &at) || at.Line != headSize/4+2 || at.Column != 2 || len(rows) != headSize/4 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}

// TestEncodings reads the same table in each encoding that is guessed.
func TestEncodings(t *testing.T) {
	var text strings.Builder
	text.WriteString("문장,표\n")
	for i := range 20 {
		fmt.Fprintf(&text, "이 영화는 정말 재미있어요,%d\n", i)
	}
	encoded := func(name string) string {
		dec := decoders[name]
		if name == "utf-16be" {
			dec = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
		}
		s, err := dec.NewEncoder().String(text.String())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, name := range []string{"cp949", "utf-16le", "utf-16be"} {
		r, rows, err := read(encoded(name), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Format().Encoding != name || len(rows) != 20 || rows[3][0] != "이 영화는 정말 재미있어요" || r.Columns()[0] != "문장" {
			t.Errorf("%s: %v %q", name, r.Format(), rows)
		}
	}
	wide, err := korean.EUCKR.NewEncoder().String("똠방각하,1\n펲시콜라,2\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, rows, err := read(wide, Options{Encoding: "euc-kr"}); err != nil || rows[1][0] != "펲시콜라" {
		t.Errorf("asked for: %q, %v", rows, err)
	}
	if _, _, err := read("a,b\n\xb0\xb0\xff\xff,1\n", Options{Encoding: "cp949"}); err == nil || !strings.Contains(err.Error(), "line 2, column 1: bytes that are not cp949") {
		t.Errorf("bytes that are not cp949: %v", err)
	}
}

// TestGzip reads a packed file, and one that is cut.
func TestGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range 50_000 {
		fmt.Fprintf(z, "word,%d\n", b.Len())
	}
	z.Close()
	r, rows, err := read(b.String(), Options{Header: HeaderNone})
	if err != nil || len(rows) != 50_000 || r.Format().Packing != "gzip" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if _, _, err := read(b.String()[:b.Len()/2], Options{}); err == nil || !strings.Contains(err.Error(), "ends too early") {
		t.Errorf("cut: %v", err)
	}
}

// TestKorean reads a published file of tabs, whose marks are doubled.
func TestKorean(t *testing.T) {
	f, err := os.Open("../../../shared/data/language/nsmc/ratings_test_first25000.txt.bz2")
	if err != nil {
		t.Skip("no copy of NSMC here")
	}
	defer f.Close()
	r, err := NewReader(f, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Format().String(), "cells between tabs, utf-8, bzip2"; got != want {
		t.Fatalf("format %q, want %q", got, want)
	}
	p := NewProfile(r.Columns())
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Add(row.Cells)
	}
	c := p.Finish()
	if p.Rows != 25_000 || c[0].Kind != Identifier || c[1].Kind != Text || c[2].Kind != Bool {
		t.Errorf("%d rows, kinds %v %v %v", p.Rows, c[0].Kind, c[1].Kind, c[2].Kind)
	}
	if want := []Count{{"1", 12_548}, {"0", 12_452}}; !reflect.DeepEqual(c[2].Values, want) {
		t.Errorf("labels %v, want %v", c[2].Values, want)
	}
}
