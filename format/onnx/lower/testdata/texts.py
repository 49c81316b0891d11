"""Operators of texts: what the published cases leave out.

    python texts.py      # texts.json.gz
"""

import numpy as np
from record import Recorder

r = Recorder(__file__, 9)
count = {}


def case(op, inputs, outputs=1, by="onnxruntime", opset=20, **kw):
    count[op] = count.get(op, 0) + 1
    r.add(f"{op}-{count[op]}", op, opset, inputs, outputs, by="formula" if "want" in kw else by, **kw)


def texts(*v):
    return np.array(v, object)


grid = texts("a", "b", "c", "d").reshape(2, 2)
case("StringConcat", [grid, texts("x", "y")])
case("StringConcat", [grid, texts("-").reshape(())])
case("StringConcat", [texts("é", "").reshape(2, 1), texts("1", "2", "3")])
case("Equal", [grid, texts("a", "d")], opset=19, want=[np.array([[True, False], [False, True]])])

for kw in ({}, dict(maxsplit=1), dict(maxsplit=0), dict(delimiter=" "), dict(delimiter=" ", maxsplit=1), dict(delimiter=""),
           dict(delimiter="b"), dict(delimiter="b c", maxsplit=2)):
    case("StringSplit", [texts(" a  b c ", "", "x")], 2, by="reference", **kw)
case("StringSplit", [texts("a b", "c").reshape(2, 1)], 2)
case("StringSplit", [texts()], 2)
case("StringSplit", [texts("a\tb\nc")], 2, by="reference")

plain = dict(locale="C")
days = texts("Monday", "TUESDAY", "monday", "")
for change in ("NONE", "LOWER", "UPPER"):
    for sensitive in (0, 1):
        case("StringNormalizer", [days], stopwords=["monday"], is_case_sensitive=sensitive, case_change_action=change, **plain)
        case("StringNormalizer", [days[None]], stopwords=["MONDAY", ""], is_case_sensitive=sensitive, case_change_action=change, **plain)
case("StringNormalizer", [days], **plain)
case("StringNormalizer", [days[:1]], stopwords=["Monday"], **plain)
case("StringNormalizer", [days[None, :1]], stopwords=["Monday"], **plain)

for pattern in ("a|ab", "a.", "(?i)AB+", "[^a]*", "", "\\d{2}-\\d", "é", "(a(b)?)+c?"):
    case("RegexFullMatch", [texts("a", "ab", "ab\n", "ABB", "12-3", "é", "", "abac", "a\nb").reshape(3, 3)], pattern=pattern)

pool = dict(ngram_counts=[0, 3, 7], ngram_indexes=[4, 0, 2, 1, 3, 5], min_gram_length=1, max_gram_length=3, max_skip_count=0)
ints = dict(pool_int64s=[5, 6, 7, 5, 6, 6, 7, 5, 6, 7], **pool)
row = np.int64([5, 6, 7, 5, 5, 6, 9, 6, 7])
for mode in ("TF", "IDF", "TFIDF"):
    for skips in (0, 1, 3):
        kw = dict(ints, max_skip_count=skips, mode=mode)
        case("TfIdfVectorizer", [row], weights=[1.5, 2.0, 0.5, 0.25, 3.0, 4.0], **kw)
        case("TfIdfVectorizer", [np.vstack([row, row[::-1]]).astype(np.int32)], **kw)
case("TfIdfVectorizer", [row], mode="TF", **dict(ints, min_gram_length=2, max_gram_length=2))
case("TfIdfVectorizer", [row], mode="TF", **dict(ints, min_gram_length=3, max_skip_count=9))
case("TfIdfVectorizer", [row[:0]], mode="TF", **ints)
words = [str(v) for v in ints["pool_int64s"]]
case("TfIdfVectorizer", [texts("5", "6", "7", "56")], mode="TF", pool_strings=words, **pool)

r.write()
