package token

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sequenceOfDecoders is one after another.
type sequenceOfDecoders []decoder

func (l sequenceOfDecoders) decode(list []string) []string {
	for _, d := range l {
		list = d.decode(list)
	}
	return list
}

// fuse joins.
type fuse struct{}

func (fuse) decode(list []string) []string { return []string{strings.Join(list, "")} }

// wordPieces joins the pieces of words, and words with spaces.
type wordPieces struct {
	Prefix  string `json:"prefix"`
	Cleanup bool   `json:"cleanup"` // no spaces before punctuation
}

// cleanup is what the first BERT did to English.
var cleanup = []string{
	" .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't", " 'm", "'m",
	" do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re",
}

func (d wordPieces) decode(list []string) []string {
	out := make([]string, len(list))
	for i, token := range list {
		if i > 0 {
			if rest, ok := strings.CutPrefix(token, d.Prefix); ok {
				token = rest
			} else {
				token = " " + token
			}
		}
		for k := 0; d.Cleanup && k < len(cleanup); k += 2 {
			token = strings.ReplaceAll(token, cleanup[k], cleanup[k+1])
		}
		out[i] = token
	}
	return out
}

func (t metaspace) decode(list []string) []string {
	out := make([]string, len(list))
	for i, token := range list {
		space := " "
		if i == 0 && t.scheme != "never" {
			space = ""
		}
		out[i] = strings.ReplaceAll(token, t.mark, space)
	}
	return out
}

// suffixed ends words where tokens say so.
type suffixed struct {
	Suffix string `json:"suffix"`
}

func (d suffixed) decode(list []string) []string {
	out := make([]string, len(list))
	for i, token := range list {
		space := " "
		if i == len(list)-1 {
			space = ""
		}
		out[i] = strings.ReplaceAll(token, d.Suffix, space)
	}
	return out
}

// byteFallback makes characters of tokens <0x..>.
type byteFallback struct{}

func (byteFallback) decode(list []string) []string {
	var out []string
	var b []byte
	flush := func() {
		switch {
		case utf8.Valid(b):
			out = append(out, string(b))
		default:
			out = append(out, strings.Repeat("�", len(b)))
		}
		b = b[:0]
	}
	for _, token := range list {
		if v, ok := tokenByte(token); ok {
			b = append(b, v)
			continue
		}
		if len(b) > 0 {
			flush()
		}
		out = append(out, token)
	}
	if len(b) > 0 {
		flush()
	}
	return out
}

func tokenByte(token string) (byte, bool) {
	if len(token) != 6 || !strings.HasPrefix(token, "<0x") || token[5] != '>' {
		return 0, false
	}
	v, err := strconv.ParseUint(token[3:5], 16, 8)
	return byte(v), err == nil
}

// trimmed drops a character up to so many times at the ends of each token.
type trimmed struct {
	Content string `json:"content"`
	Start   int    `json:"start"`
	Stop    int    `json:"stop"`
}

func (d trimmed) decode(list []string) []string {
	out := make([]string, len(list))
	for i, token := range list {
		for range d.Start {
			rest, ok := strings.CutPrefix(token, d.Content)
			if !ok || d.Content == "" {
				break
			}
			token = rest
		}
		for range d.Stop {
			rest, ok := strings.CutSuffix(token, d.Content)
			if !ok || d.Content == "" {
				break
			}
			token = rest
		}
		out[i] = token
	}
	return out
}

func (n replace) decode(list []string) []string {
	out := make([]string, len(list))
	for i, token := range list {
		out[i] = n.normalize(whole(token)).s
	}
	return out
}

func init() {
	decoders["Sequence"] = func(d description) (decoder, error) {
		var v struct {
			List []json.RawMessage `json:"decoders"`
		}
		if err := d.read(&v); err != nil {
			return nil, err
		}
		list, err := buildAll(decoders, "decoder", v.List, d.depth)
		return sequenceOfDecoders(list), err
	}
	decoders["Fuse"] = func(d description) (decoder, error) { return fuse{}, d.none() }
	decoders["ByteFallback"] = func(d description) (decoder, error) { return byteFallback{}, d.none() }
	decoders["Metaspace"] = func(d description) (decoder, error) { return readMetaspace(d) }
	decoders["Replace"] = func(d description) (decoder, error) { return readReplace(d) }
	decoders["WordPiece"] = func(d description) (decoder, error) {
		v := wordPieces{"##", true}
		err := d.read(&v)
		return v, err
	}
	decoders["BPEDecoder"] = func(d description) (decoder, error) {
		v := suffixed{"</w>"}
		err := d.read(&v)
		return v, err
	}
	decoders["Strip"] = func(d description) (decoder, error) {
		var v trimmed
		err := d.read(&v)
		return v, err
	}
}
