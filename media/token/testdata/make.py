"""Makes the golden files beside it: small tokenizers of published designs, trained
with the package tokenizers, and what that package makes of some texts.

    python make.py SHARED-DATA-FOLDER

Tested with tokenizers 0.23.3. Offsets are turned from characters into bytes."""
import bz2, gzip, json, os, sys
from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers,
                        processors, trainers)

root = os.path.join(sys.argv[1], "language")
here = os.path.dirname(os.path.abspath(__file__))
english = open(os.path.join(root, "tinyshakespeare/input.txt"), encoding="utf-8").read().splitlines()[:4000]
korean = [l.split("\t")[1] for l in
          bz2.open(os.path.join(root, "nsmc/ratings_test_first25000.txt.bz2"), "rt", encoding="utf-8").read().splitlines()[1:4000]]
corpus = english + korean

TEXTS = [
    "", " ", "a", "Hello, world!", "The quick brown fox can't jump; they've we'll I'm he'd IT'S.",
    "  leading and trailing  ", "tabs\tand\nnew\r\nlines\n\n\n  end", "a  b   c    d", "\u00a0no-break\u3000wide",
    "이 영화는 정말 재미있어요!", "ㅋㅋㅋ 대박ㅠㅠ", "\u1112\u1161\u11ab\u1100\u1173\u11af NFD", "각나닥", "한글과 English가 섞인 문장 123개",
    "곱빼기 vs 곱배기", "꿹뛟 똠방각하", "12345 3.14 1,000,000 ½ ① Ⅷ ٣", "café naïve Ångström ﬁ ﬀ ß İstanbul ΑΣ",
    "cafe\u0301 na\u0308ive", "👩‍👩‍👧‍👦 family 🇰🇷 flag 👍🏽", "emoji😀in😀words", "for (int i = 0; i < n; i++) { a[i] += b[i]; }",
    "def f(x):\n    return x**2  # square\n", "https://example.com/a?b=c&d=e#f", "foo_bar FooBar foo-bar foo.bar",
    "中文字符 日本語テキスト ひらがな", "مرحبا بالعالم", "שלום", "हिन्दी", "ไทย", "\u200bzero\u200dwidth\ufeff", "a\u0000b\u0007c", "[CLS] [MASK] </s> <s> [UNK]",
    "x<|end|>y <|end|> z", "a [MASK]b", "\u2581already marked \u2581", "'s 't '", "!!!???...---", "A" * 150, "aaaa bbbb " * 5,
    "\ud7a3\uac00", "\u11a8lone trail", "don't do not n't", "\u2028line\u2029para\u0085next", "ſhort ſ's", "０１２ＡＢＣ", "x²y₃", "\U0001F9D1\u200D\U0001F680",
]


def trained(model, trainer, norm=None, pre=None, post=None, dec=None, corpus=corpus):
    t = Tokenizer(model)
    if norm: t.normalizer = norm
    if pre: t.pre_tokenizer = pre
    if dec: t.decoder = dec
    t.train_from_iterator(corpus, trainer)
    if post: t.post_processor = post(t) if callable(post) else post
    return t


def template(single, *names):
    def f(t):
        return processors.TemplateProcessing(single=single, special_tokens=[(n, t.token_to_id(n)) for n in names])
    return f


few = english + korean[:400]
quiet = dict(show_progress=False)
alphabet = pre_tokenizers.ByteLevel.alphabet()
gpt2 = trained(models.BPE(), trainers.BpeTrainer(vocab_size=900, initial_alphabet=alphabet, special_tokens=["<|end|>"], **quiet),
               pre=pre_tokenizers.ByteLevel(add_prefix_space=False), post=processors.ByteLevel(trim_offsets=True), dec=decoders.ByteLevel())
roberta = trained(models.BPE(), trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, special_tokens=["<s>", "</s>", "<mask>"], **quiet),
                  pre=pre_tokenizers.ByteLevel(add_prefix_space=True),
                  post=lambda t: processors.RobertaProcessing(("</s>", 1), ("<s>", 0)), dec=decoders.ByteLevel())
roberta.add_special_tokens([AddedToken("[MASK]", lstrip=True)])
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
llama3 = trained(models.BPE(ignore_merges=True), trainers.BpeTrainer(vocab_size=700, initial_alphabet=alphabet, **quiet),
                 norm=normalizers.NFC(),
                 pre=pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]),
                 dec=decoders.ByteLevel())
bytes_tokens = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % b for b in range(256)]
llama2 = trained(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
                 trainers.BpeTrainer(vocab_size=800, limit_alphabet=300, special_tokens=bytes_tokens, **quiet),
                 norm=normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]),
                 pre=pre_tokenizers.Split("\u2581", "merged_with_next"),
                 post=template("<s> $A", "<s>"),
                 dec=decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]))
bert = trained(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100),
               trainers.WordPieceTrainer(vocab_size=1200, limit_alphabet=500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], **quiet),
               norm=normalizers.BertNormalizer(), pre=pre_tokenizers.BertPreTokenizer(),
               post=template("[CLS] $A [SEP]", "[CLS]", "[SEP]"), dec=decoders.WordPiece())
cased = trained(models.WordPiece(unk_token="[UNK]"),
                trainers.WordPieceTrainer(vocab_size=900, limit_alphabet=300, special_tokens=["[UNK]", "[CLS]", "[SEP]"], **quiet),
                norm=normalizers.BertNormalizer(lowercase=False, strip_accents=False), pre=pre_tokenizers.BertPreTokenizer(),
                post=processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1)), dec=decoders.WordPiece(cleanup=False))
t5 = trained(models.Unigram(), trainers.UnigramTrainer(vocab_size=2000, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"], **quiet),
             norm=normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]),
             pre=pre_tokenizers.Metaspace(prepend_scheme="always"), post=template("$A </s>", "</s>"), dec=decoders.Metaspace(prepend_scheme="always"), corpus=few)
first = trained(models.Unigram(), trainers.UnigramTrainer(vocab_size=1800, unk_token="<unk>", special_tokens=["<unk>"] + bytes_tokens[3:], **quiet),
                pre=pre_tokenizers.Metaspace(prepend_scheme="first", split=False), dec=decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="first")]), corpus=few)
text = json.loads(first.to_str())
text["model"]["byte_fallback"] = True
first = Tokenizer.from_str(json.dumps(text))
words = trained(models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(vocab_size=800, special_tokens=["[UNK]"], **quiet),
                norm=normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()]),
                pre=pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(individual_digits=True)]))
plain = trained(models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(vocab_size=300, special_tokens=["[UNK]"], **quiet),
                pre=pre_tokenizers.Whitespace())
suffix = trained(models.BPE(unk_token="[UNK]", end_of_word_suffix="</w>", fuse_unk=False),
                 trainers.BpeTrainer(vocab_size=700, limit_alphabet=200, special_tokens=["[UNK]"], end_of_word_suffix="</w>", **quiet),
                 norm=normalizers.NFD(), pre=pre_tokenizers.Sequence([pre_tokenizers.CharDelimiterSplit(" "), pre_tokenizers.Punctuation()]), dec=decoders.BPEDecoder())


def in_bytes(text):
    at, n = [], 0
    for c in text:
        at.append(n)
        n += len(c.encode())
    return at + [n]


for name, t in dict(gpt2=gpt2, roberta=roberta, llama3=llama3, llama2=llama2, bert=bert, cased=cased, t5=t5, first=first,
                    words=words, plain=plain, suffix=suffix).items():
    with open(os.path.join(here, name + ".json"), "w", encoding="utf-8") as f:
        f.write(json.dumps(json.loads(t.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
    cases = []
    for s in TEXTS:
        e, at = t.encode(s), in_bytes(s)
        cases.append(dict(text=s, ids=e.ids, plain=t.encode(s, add_special_tokens=False).ids,
                          offsets=[[at[a], at[b]] for a, b in e.offsets],
                          skip=t.decode(e.ids), all=t.decode(e.ids, skip_special_tokens=False)))
    with open(os.path.join(here, name + ".golden.json"), "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=True, separators=(",", ":")) for c in cases) + "\n]\n")
small = english[:400] + korean[:400]
t = Tokenizer(models.BPE())
t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
t.train_from_iterator(small, trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, **quiet))
with open(os.path.join(here, "learned.golden.json"), "w", encoding="utf-8") as f:
    json.dump(dict(texts=small, merges=[m if isinstance(m, list) else m.split(" ") for m in json.loads(t.to_str())["model"]["merges"]]), f, ensure_ascii=False, separators=(",", ":"))
    f.write("\n")
