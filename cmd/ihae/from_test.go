package main

import (
	"os"
	"strings"
	"testing"
)

// TestFromStartsWhereARunEnded trains with another recipe from a run's weights,
// frozen but for the head, and refuses what is no run.
func TestFromStartsWhereARunEnded(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "train", "faces", "--epochs", "2", "--out", "first", "-q")
	must(t, "train", "faces", "--epochs", "1", "--out", "second", "--from", "first", "--set", "freeze=blocks", "--set", "average=ema", "-q")
	must(t, "eval", "second")
	config, err := os.ReadFile("second/config.toml")
	if err != nil || !strings.Contains(string(config), "from = ") || !strings.Contains(string(config), "freeze = 'blocks'") {
		t.Errorf("config.toml: %v\n%s", err, config)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"train", "faces", "--from", "nowhere"}, "--from: nowhere"},
		{[]string{"train", "faces", "--from", "first", "--epochs", "1", "--out", "x", "--set", "freeze=blogs"}, "there is blocks, head"},
		{[]string{"train", "--resume", "second", "--from", "first"}, "--from cannot change"},
		{[]string{"train", "faces", "--epochs", "1", "--out", "y", "--set", "accumulate=7", "--set", "batch=8"}, "7 pieces do not divide a batch of 8"},
		{[]string{"train", "faces", "--epochs", "1", "--out", "z", "--set", "optimizer.with=beta3=1"}, "beta3"},
	} {
		code, _, errs := ihae(t.Context(), c.args...)
		if code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %s, want %q in it", c.args, code, errs, c.want)
		}
	}
}
