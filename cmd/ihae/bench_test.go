package main

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
)

// TestBench asks that every case runs, and that the rates come from the right
// counts: those of products are known.
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
	for i, text := range lines {
		var l benchLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if l.Ms <= 0 || l.GFLOPS < 0 || i > 1 && l.OfLimit <= 0 {
			t.Errorf("%s: %+v", l.Bench, l)
		}
		flops := l.GFLOPS * l.Ms * 1e6
		if n, err := strconv.Atoi(strings.TrimPrefix(l.Bench, "product of ")); err == nil && math.Abs(flops/(2*math.Pow(float64(n), 3))-1) > 1e-6 {
			t.Errorf("%s: %g operations", l.Bench, flops)
		}
	}
}
