package token

import (
	"os"
	"testing"
	"unicode/utf8"
)

// FuzzEncode encodes any bytes with real tokenizers: places lie in the text and
// decoding ends.
func FuzzEncode(f *testing.F) {
	var list []*Tokenizer
	for _, name := range []string{"gpt2", "llama3", "llama2", "bert", "t5", "words", "suffix"} {
		k, err := ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		list = append(list, k)
	}
	for _, s := range []string{"Hello, world", "각 ㄱ\u11a8", "\xff\xfe", "a  \n\n b", "</s>[MASK]", "👩‍👩‍👧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, k := range list {
			tokens := k.Tokens(text, true)
			ids := make([]int32, len(tokens))
			for i, token := range tokens {
				ids[i] = token.ID
				if token.From < 0 || token.From > token.To || token.To > len(text) {
					t.Fatalf("token %+v of %q", token, text)
				}
			}
			if s := k.Decode(ids, true); !utf8.ValidString(s) && utf8.ValidString(text) {
				t.Fatalf("%q is decoded as %q", text, s)
			}
		}
	})
}

// FuzzParse reads any tokenizer.json: an error, or one that encodes.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"plain", "cased", "roberta"} {
		text, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"version":"1.0","model":{"type":"Unigram","unk_id":0,"vocab":[["a",-1],["b",-2.5]]},"added_tokens":[]}`))
	f.Add([]byte(`{"version":"1.0","pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"MergedWithNext"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		k, err := Parse(file)
		if err != nil {
			return
		}
		k.Decode(k.Encode("Hello, 각나 [CLS] ab\n", true), false)
	})
}
