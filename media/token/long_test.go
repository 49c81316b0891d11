package token

import (
	"slices"
	"strings"
	"testing"
)

// TestWordsLongerThanATokenAreNone: a text without spaces is no reason to stop.
func TestWordsLongerThanATokenAreNone(t *testing.T) {
	long := strings.Repeat("x", maxToken+1)
	for _, kind := range Kinds {
		k, err := (Plan{Kind: kind, Special: true}).Learn(slices.Values([]string{"a b a b " + long, long}))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if got := k.Encode("a b", true); len(got) == 0 || k.Size() < 4 {
			t.Errorf("%s: %d tokens, a b is %v", kind, k.Size(), got)
		}
	}
}
