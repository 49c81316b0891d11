package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestBench asks that every case runs and that no rate is beyond what a machine
// can do with what it read: a count of operations that is wrong shows there.
func TestBench(t *testing.T) {
	if testing.Short() {
		t.Skip("runs whole training steps")
	}
	code, out, errs := ihae(t.Context(), "bench", "--json", "--seconds", "0.01")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2+len(benchCases) {
		t.Fatalf("%d lines for %d cases", len(lines), len(benchCases))
	}
	var peak benchLine
	for i, text := range lines {
		var l benchLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			peak = l
		}
		if l.Ms <= 0 || l.GFLOPS < 0 || i > 1 && l.OfLimit <= 0 {
			t.Errorf("%s: %+v", l.Bench, l)
		}
		if l.GFLOPS > 3*peak.GFLOPS { // a busy machine may have slowed the limit
			t.Errorf("%s: %.0f GFLOP/s where the registers do %.0f", l.Bench, l.GFLOPS, peak.GFLOPS)
		}
	}
}
