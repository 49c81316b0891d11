package token

import (
	"slices"
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
	for _, p := range []Plan{{Kind: Letters, Special: true}, {Kind: Words}} { // small files
		k, err := p.Learn(slices.Values([]string{"ab 각 ab"}))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(k.File())
	}
	f.Add([]byte(`{"version":"1.0","normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":{"type":"BertProcessing","sep":["b",1],"cls":["a",0]},"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"model":{"type":"WordPiece","unk_token":"a","vocab":{"a":0,"b":1,"##b":2}},"added_tokens":[{"id":3,"content":"[M]","lstrip":true}]}`))
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
