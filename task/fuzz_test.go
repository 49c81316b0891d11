package task

import (
	"strings"
	"testing"
)

// FuzzSettings gives random text to --set and --sweep: settings within their
// bounds, or an error.
func FuzzSettings(f *testing.F) {
	for _, s := range []string{"lr=0.1", "widths=1,2", "epochs=1..20", "lr=1e-4..1e-1", "widths=8,16;16,32", "optimizer.with=beta2=0.9", "lr=nan", "=", "freeze=[", "seed=1,2"} {
		f.Add(s)
	}
	s, err := Lookup("faces")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if values, _, err := Parse(s.Settings(), []string{text}); err == nil {
			if _, err := values.config(s.Output, 100); err == nil && !(values.Float(KeyLR) > 0 && values.Float(KeyLR) < 1e9) {
				t.Errorf("%q: a rate of %g", text, values.Float(KeyLR))
			}
		}
		if a, err := ParseAxis(text); err == nil && !strings.HasPrefix(text, a.Key+"=") {
			t.Errorf("%q: the key %q", text, a.Key)
		}
	})
}
