package token

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// TestUnicode pins the classes of characters: with others, tokenizers give other
// numbers, which a new compiler must not decide.
func TestUnicode(t *testing.T) {
	h := fnv.New64a()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for _, is := range []func(rune) bool{isSpace, isLetter, isNumber, isWord, isPunct, isControl, isIdeograph} {
			b := byte(0)
			if is(r) {
				b = 1
			}
			h.Write([]byte{b})
		}
		fmt.Fprint(h, unicode.ToLower(r))
	}
	const version, sum = "15.0.0", 0x5e3ba5800e81fc36
	if unicode.Version != version || norm.Version != version || h.Sum64() != sum {
		t.Errorf("Unicode %s, normal forms of %s, classes %#x; pinned are %s and %#x: see docs/decisions/0010-text.md",
			unicode.Version, norm.Version, h.Sum64(), version, uint64(sum))
	}
}

// TestJamo compares with the canonical decomposition of all syllables.
func TestJamo(t *testing.T) {
	for r := rune(syllables); r < syllables+leadCount*vowelCount*trailCount; r++ {
		want := norm.NFD.String(string(r))
		if got := Jamo(string(r)); got != want {
			t.Fatalf("%c is %q, want %q", r, got, want)
		}
		if got := Syllables(want); got != string(r) {
			t.Fatalf("%q is %q, want %c", want, got, r)
		}
	}
	for text, want := range map[string]string{
		"":                               "",
		"각나":                             "각나",
		"ㅋㅋ각":                            "ㅋㅋ각",
		"\u1100":                         "\u1100",
		"\u1161\u11a8":                   "\u1161\u11a8",
		"가\u1161":                        "가\u1161",
		"각\u11a8":                        "각\u11a8",
		"\u1100\u1100\u1161\u11a8\u11a8": "\u1100각\u11a8",
		"e\u0301":                        "é",
	} {
		if got := Syllables(Jamo(text)); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// corpus has what the tokenizers of these tests learn from.
const corpus = "The quick brown fox jumps over the lazy dog. 다람쥐 헌 쳇바퀴에 타고파. ㅋㅋㅋ\n\tif x == 0 { return }\n"

func learned(t *testing.T, p Plan) *Tokenizer {
	t.Helper()
	k, err := p.Learn(slices.Values([]string{corpus, corpus, corpus}))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestRoundTrip decodes what it encodes: any text from bytes, and from
// characters and jamo one of characters that were seen, in the form NFC.
func TestRoundTrip(t *testing.T) {
	seen := []rune(norm.NFC.String(corpus) + "각닭뛟가힣")
	for _, kind := range []string{Characters, Letters, Bytes} {
		for _, special := range []bool{false, true} {
			p := Plan{Kind: kind, Special: special}
			k, err := p.Learn(slices.Values([]string{string(seen), string(seen)}))
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) {
				var text string
				if kind == Bytes {
					text = strings.ToValidUTF8(rapid.String().Draw(t, "text"), "")
				} else {
					text = rapid.StringOf(rapid.SampledFrom(seen)).Draw(t, "text")
				}
				want := text
				if kind != Bytes {
					want = norm.NFC.String(text)
				}
				if got := k.Decode(k.Encode(text, true), true); got != want {
					t.Fatalf("%q becomes %q", want, got)
				}
			})
		}
	}
}

// TestKinds looks at tokenizers made here.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		plan Plan
		text string
		want string
	}{
		{Plan{Kind: Characters}, "fox 타", "f o x   타"},
		{Plan{Kind: Characters, Special: true}, "타Z", "타 [UNK]"},
		{Plan{Kind: Letters}, "쳇", "ᄎ ᅦ ᆺ"},
		{Plan{Kind: Letters}, norm.NFD.String("쳇"), "ᄎ ᅦ ᆺ"},
		{Plan{Kind: Characters}, norm.NFD.String("쳇 타"), "쳇   타"},
		{Plan{Kind: Words}, "The LAZY cat.", "the lazy [UNK] ."},
		{Plan{Kind: Bytes, Size: 400}, "The lazy", "The Ġlazy"},
	} {
		k := learned(t, c.plan)
		var list []string
		for _, token := range k.Tokens(c.text, true) {
			list = append(list, token.Text)
		}
		if got := strings.Join(list, " "); got != c.want {
			t.Errorf("%+v: %q is %q, want %q", c.plan, c.text, got, c.want)
		}
	}
	small := learned(t, Plan{Kind: Characters, Size: 5, Special: true})
	if small.Size() != 5 || small.Token(0) != padToken || small.Token(1) != unkToken || small.Pad() != 0 {
		t.Errorf("%d tokens: %q", small.Size(), small.tokens)
	}
	if _, err := (Plan{Kind: "runes"}).Learn(slices.Values([]string{})); err == nil {
		t.Error("an unknown kind is made")
	}
}

// TestOffsets cuts the text at the places of tokens.
func TestOffsets(t *testing.T) {
	const text = "쳇바퀴 fox"
	var parts []string
	for _, k := range learned(t, Plan{Kind: Bytes, Size: 300}).Tokens(text, false) {
		parts = append(parts, text[k.From:k.To])
	}
	for _, k := range learned(t, Plan{Kind: Letters}).Tokens(text, false)[:3] {
		parts = append(parts, text[k.From:k.To])
	}
	if got := parts[len(parts)-3:]; !slices.Equal(got, []string{"쳇", "쳇", "쳇"}) {
		t.Errorf("letters of %q", got)
	}
	for _, p := range parts {
		if !utf8.ValidString(p) {
			t.Errorf("a token at a part of a character: %q", p)
		}
	}
}

// edited is a tokenizer.json with one part changed.
func edited(t *testing.T, key, part string) []byte {
	t.Helper()
	var d map[string]json.RawMessage
	if err := json.Unmarshal(learned(t, Plan{Kind: Bytes, Size: 260}).File(), &d); err != nil {
		t.Fatal(err)
	}
	d[key] = json.RawMessage(part)
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestRefused wants an error that names what is not known or wrong.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ key, part, want string }{
		{"normalizer", `{"type":"Precompiled","precompiled_charsmap":"x"}`, `normalizer: the component "Precompiled" is not known here`},
		{"normalizer", `{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Magic"}]}`, `normalizer 1: the component "Magic"`},
		{"normalizer", `{"type":"Strip","strip_left":true,"strip_middle":true}`, "unknown field"},
		{"normalizer", `{"lower":true}`, "without a type"},
		{"pre_tokenizer", `{"type":"UnicodeScripts"}`, `"UnicodeScripts" is not known`},
		{"pre_tokenizer", `{"type":"Split","pattern":{"Regex":"a(?=b)"},"behavior":"Isolated","invert":false}`, "looks around"},
		{"pre_tokenizer", `{"type":"Split","pattern":{"String":"a"},"behavior":"Dropped","invert":false}`, `"Dropped" is not known`},
		{"pre_tokenizer", `{"type":"Metaspace","replacement":"▁","prepend_scheme":"second"}`, `"second" is not known`},
		{"post_processor", `{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}}],"pair":[],"special_tokens":{}}`, `"[CLS]" is not described`},
		{"decoder", `{"type":"CTC"}`, `"CTC" is not known`},
		{"model", `null`, "there is none"},
		{"model", `{"type":"Neural"}`, `"Neural" is not known`},
		{"model", `{"type":"BPE","vocab":{"a":0},"merges":["a b"]}`, "merge 0"},
		{"model", `{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}`, "random"},
		{"model", `{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}`, "the same number 0"},
		{"model", `{"type":"BPE","vocab":{"a":1000000000},"merges":[]}`, "wanted 0 to"},
		{"model", `{"type":"WordPiece","vocab":{"a":0}}`, `"[UNK]" is not in the vocabulary`},
		{"model", `{"type":"Unigram","vocab":[["a",-1]]}`, "no unk_id"},
		{"version", `"2.0"`, "known is 1.0"},
		{"added_tokens", `[{"id":5,"content":"a"}]`, "has the numbers"},
	} {
		if _, err := Parse(edited(t, c.key, c.part)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: error %v, want %q", c.key, c.part, err, c.want)
		}
	}
	deep := strings.Repeat(`{"type":"Sequence","normalizers":[`, 100) + `{"type":"NFC"}` + strings.Repeat(`]}`, 100)
	if _, err := Parse(edited(t, "normalizer", deep)); err == nil || !strings.Contains(err.Error(), "within one another") {
		t.Errorf("deep: %v", err)
	}
}

// TestLong tokenises a megabyte without a space, which must not take the square
// of its length.
func TestLong(t *testing.T) {
	text := strings.Repeat("ab", 1<<19)
	for _, file := range []string{"gpt2", "llama2", "t5", "bert"} {
		k, err := ReadFile("testdata/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if ids := k.Encode(text, true); len(ids) == 0 {
			t.Errorf("%s: no tokens", file)
		}
	}
}
