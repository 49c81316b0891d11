package caffe

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// flat writes a message as one line.
func flat(m *message) string {
	var b strings.Builder
	for _, f := range m.fields {
		switch v := f.value; v.kind {
		case group:
			fmt.Fprintf(&b, "%s{%s}", f.name, flat(v.m))
		case integer:
			fmt.Fprintf(&b, "%s=%d ", f.name, v.i)
		case real:
			fmt.Fprintf(&b, "%s=%v ", f.name, v.f)
		case quoted:
			fmt.Fprintf(&b, "%s=%q ", f.name, v.s)
		case word:
			fmt.Fprintf(&b, "%s=%s ", f.name, v.s)
		}
	}
	return b.String()
}

// TestTextForm reads every form of the text format's specification that Caffe's
// files can have.
func TestTextForm(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"# only a comment":                "",
		"a: 1 b: -2":                      "a=1 b=-2 ",
		"a:1,b:2;c:3":                     "a=1 b=2 c=3 ",
		"a { b: 1 } a: { } a < b: 2 >":    "a{b=1 }a{}a{b=2 }",
		"a: [1, 2, 3] b: []":              "a=1 a=2 a=3 ",
		"a: [{b: 1}, <b: 2>]":             "a{b=1 }a{b=2 }",
		"a: 0x1F b: 017 c: -0x10":         "a=31 b=15 c=-16 ",
		"a: 1.5 b: -2e-3 c: .5f d: 1F":    "a=1.5 b=-0.002 c=0.5 d=1 ",
		"a: 1e+2 b: inf c: -inf":          "a=100 b=+Inf c=-Inf ",
		"a: 99999999999999999999":         "a=1e+20 ",
		"a: true b: MAX":                  "a=true b=MAX ",
		`a: "x" 'y' "z"`:                  `a="xyz" `,
		`a: "\n\t\"\\\x41\101\u00e9\'"`:   `a="\n\t\"\\AAé'" `,
		"a: 'say \"hi\"' # tail\nb\n:\n7": `a="say \"hi\"" b=7 `,
		"a: 1e400":                        "a=+Inf ",
	} {
		m, err := parseText([]byte(text), Limits{}.withDefaults())
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := flat(m); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	m, err := parseText([]byte("a: nan"), Limits{}.withDefaults())
	if err != nil || !math.IsNaN(m.fields[0].value.f) {
		t.Errorf("nan: %v, %v", m, err)
	}
}

// TestTextErrorsSayWhere: the line and the column of the mistake.
func TestTextErrorsSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"a":                            "1:2: wanted \":\" or \"{\" after a, found the end",
		"a: 1\n  b":                    "2:4: wanted",
		"a:\n":                         "2:1: wanted a value, found the end",
		"a {\n b: 1\n":                 "3:1: a from line 1 is not closed",
		"a { b: 1 >":                   "1:10: wanted the name of a field, found \">\"",
		"}":                            "1:1: wanted the name",
		"a: \"x\nb: 1":                 "1:4: a string that is not closed",
		`a: "\q"`:                      "1:4: a string that is not closed on its line, or has a wrong escape",
		`a: "\ud"`:                     "1:4: a string",
		"a: 1x":                        "1:4: \"1x\" is no number",
		"a: 1_000":                     "1:4: \"1_000\" is no number",
		"a: -b":                        "1:5: \"b\" is no number",
		"a: -\"b\"":                    "1:5: \"b\" is no number",
		"a: [1 2]":                     "1:7: wanted \",\" or \"]\"",
		"a: [1,":                       "1:7: wanted a value",
		"a: 1\x00":                     "1:5: a zero byte; is this a .caffemodel?",
		"[x.y]: 1":                     "1:1: wanted the name of a field, found \"[\"",
		strings.Repeat("a{", 40):       "messages 33 deep, at most 32",
		strings.Repeat("a:1 ", 300000): "more fields than the limit",
	} {
		_, err := parseText([]byte(text), Limits{}.withDefaults())
		var format *FormatError
		if !errors.As(err, &format) || format.Line == 0 || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error = %v, want %s", text, err, want)
		}
	}
}
