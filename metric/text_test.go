package metric

import "testing"

func TestText(t *testing.T) {
	for _, c := range []struct {
		name string
		v    float64
		want string
	}{
		{"accuracy", 0.98333, "98.3 %"}, {"loss", 0.06164, "0.0616"}, {"rmse", 57.4712, "57.47"},
		{"r2", 0.38312, "0.3831"}, {"perplexity", 6.7771, "6.777"}, {"of nobody", 12345.6, "1.235e+04"},
	} {
		if got := Text(c.name, c.v); got != c.want {
			t.Errorf("%s of %v: %q, want %q", c.name, c.v, got, c.want)
		}
	}
}
