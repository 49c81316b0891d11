package metric_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ihae/ihae/metric"
	"pgregory.net/rapid"
)

// The figures are worked out by hand: errors 1, -1, 0, 2.
func ExampleAllValues() {
	all, err := metric.AllValues(metric.Values{
		Answer: []float64{2, 1, 3, 6},
		Target: []float64{1, 2, 3, 4},
	})
	fmt.Printf("mae %.3f, rmse %.3f, r2 %.3f, %v\n", all["mae"], all["rmse"], all["r2"], err)
	// Output: mae 1.000, rmse 1.225, r2 -0.200, <nil>
}

// TestValuesHaveTheirProperties: RMSE is at least MAE, both scale with the unit,
// R² does not and is 0 for the mean.
func TestValuesHaveTheirProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "n")
		number := rapid.Float64Range(-100, 100)
		var v, scaled, mean metric.Values
		sum := 0.0
		for range n {
			a, b := number.Draw(t, "answer"), number.Draw(t, "target")
			v.Answer, v.Target = append(v.Answer, a), append(v.Target, b)
			scaled.Answer, scaled.Target = append(scaled.Answer, 8*a), append(scaled.Target, 8*b)
			sum += b
		}
		for range n {
			mean.Answer = append(mean.Answer, sum/float64(n))
		}
		mean.Target = v.Target
		if metric.MAE(v) > metric.RMSE(v)*(1+1e-12) {
			t.Fatalf("MAE %v is above RMSE %v", metric.MAE(v), metric.RMSE(v))
		}
		if !near(metric.RMSE(scaled), 8*metric.RMSE(v)) || !near(metric.MAE(scaled), 8*metric.MAE(v)) {
			t.Fatal("another unit gives another error")
		}
		r, again := metric.R2(v), metric.R2(scaled)
		if math.IsNaN(r) {
			return
		}
		if math.Abs(r-again) > 1e-9*max(1, math.Abs(r)) {
			t.Fatalf("R² %v in one unit, %v in another", r, again)
		}
		if m := metric.R2(mean); math.Abs(m) > 1e-9 {
			t.Fatalf("R² of the mean is %v", m)
		}
	})
}

// TestValuesThatMeanNothing: nothing is reported that cannot be said.
func TestValuesThatMeanNothing(t *testing.T) {
	all, err := metric.AllValues(metric.Values{Answer: []float64{1}, Target: []float64{2}})
	if _, ok := all["r2"]; ok || err != nil || all["mae"] != 1 {
		t.Errorf("one target: %v, %v", all, err)
	}
	if _, err := metric.AllValues(metric.Values{Answer: []float64{1}}); err == nil {
		t.Error("answers without targets are measured")
	}
	if p := metric.Perplexity(math.Log(65)); math.Abs(p-65) > 1e-9 {
		t.Errorf("the perplexity of an even guess among 65 is %v", p)
	}
}
