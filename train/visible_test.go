package train

import "testing"

func TestNamesDoNotCommandTheTerminal(t *testing.T) {
	for s, want := range map[string]string{
		"고양이 👩\u200d🚀 café": "고양이 👩\u200d🚀 café",
		"a\nb\tc":           `a\nb\tc`,
		"\x1b[31mred\u0085": `\x1b[31mred\u0085`,
		"\u202egnp.exe":     `\u202egnp.exe`,
	} {
		if got := Visible(s); got != want {
			t.Errorf("%q is shown as %q", s, got)
		}
	}
}
