package token

import (
	"os"
	"slices"
	"testing"
)

// shakespeare is a megabyte of English.
func shakespeare(b *testing.B) string {
	b.Helper()
	text, err := os.ReadFile("../../../shared/data/language/tinyshakespeare/input.txt")
	if err != nil {
		b.Skip("no copy of Tiny Shakespeare here")
	}
	return string(text)
}

// BenchmarkLearn makes 8,192 pairs of bytes.
func BenchmarkLearn(b *testing.B) {
	text := shakespeare(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := (Plan{Kind: Bytes, Size: 8192}).Learn(slices.Values([]string{text})); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncode encodes with each kind.
func BenchmarkEncode(b *testing.B) {
	text := shakespeare(b)
	for _, kind := range Kinds {
		k, err := (Plan{Kind: kind, Size: 4096}).Learn(slices.Values([]string{text}))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kind, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				k.Encode(text, true)
			}
		})
	}
}
