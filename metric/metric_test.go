package metric_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ihae/ihae/metric"
	"pgregory.net/rapid"
)

var nan = float32(math.NaN())

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }

// drawn is random predictions with many ties and some NaN.
func drawn(t *rapid.T, classes int) metric.Predictions {
	n := rapid.IntRange(1, 30).Draw(t, "n")
	p := metric.Predictions{Classes: classes}
	for range n {
		for range classes {
			v := float32(rapid.IntRange(-1, 4).Draw(t, "p")) / 4
			if v < 0 {
				v = nan
			}
			p.Probability = append(p.Probability, v)
		}
		p.Label = append(p.Label, int32(rapid.IntRange(0, classes-1).Draw(t, "label")))
	}
	return p
}

// wins counts pairs: 1 where the positive is ahead, 1/2 for ties.
func wins(p metric.Predictions) float64 {
	value := func(i int, whenNaN float64) float64 {
		if metric.Answer(p.Row(i)) < 0 {
			return whenNaN
		}
		return float64(p.Row(i)[1])
	}
	sum, pairs := 0.0, 0.0
	for i, a := range p.Label {
		for j, b := range p.Label {
			if a != 1 || b != 0 {
				continue
			}
			pairs++
			switch x, y := value(i, -9), value(j, 9); {
			case x > y:
				sum++
			case x == y:
				sum += 0.5
			}
		}
	}
	return sum / pairs
}

func TestAUCIsTheShareOfPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t, 2)
		want, got := wins(p), metric.AUC(p, 1)
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && !near(want, got) {
			t.Fatalf("AUC %v, pairs give %v", got, want)
		}
		if math.IsNaN(want) {
			return
		}
		area, points := 0.0, metric.ROC(p, 1)
		for i, b := range points[1:] {
			a := points[i]
			area += (b.FalsePositive - a.FalsePositive) * (a.TruePositive + b.TruePositive) / 2
		}
		if !near(area, want) || points[len(points)-1].FalsePositive != 1 || points[len(points)-1].TruePositive != 1 {
			t.Fatalf("area under ROC %v, want %v: %v", area, want, points)
		}
	})
}

// TestConfusionAgrees derives accuracy and the classes' figures from counts
// made one by one.
func TestConfusionAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t, 3)
		c := metric.NewConfusion(p)
		right, total := 0, 0
		for k, class := range c.PerClass() {
			right, total = right+c.At(k, k), total+class.Count
			answers, hits, members := 0, 0, 0
			for i, l := range p.Label {
				a := metric.Answer(p.Row(i))
				if a == k {
					answers++
				}
				if int(l) == k {
					members++
				}
				if a == k && int(l) == k {
					hits++
				}
			}
			if class.Count != members || !near(class.Precision*float64(answers), float64(hits)) || !near(class.Recall*float64(members), float64(hits)) {
				t.Fatalf("class %d: %+v, want %d of %d answers, %d examples", k, class, hits, answers, members)
			}
			if d := class.Precision + class.Recall; d > 0 && !near(class.F1, 2*class.Precision*class.Recall/d) {
				t.Fatalf("F1 %v", class)
			}
		}
		if total != p.Len() || !near(float64(right)/float64(total), metric.Accuracy(p)) {
			t.Fatalf("%d of %d right, accuracy %v", right, total, metric.Accuracy(p))
		}
		if metric.TopK(p, 1) != metric.Accuracy(p) {
			t.Fatal("top 1 is not accuracy")
		}
	})
}

func TestNaNIsNeverRight(t *testing.T) {
	p := metric.Predictions{Classes: 6, Probability: []float32{nan, 0, 0, 0, 0, 0, 1, nan, 0, 0, 0, 0}, Label: []int32{0, 0}}
	if a, k := metric.Accuracy(p), metric.TopK(p, 5); a != 0 || k != 0 {
		t.Error(a, k)
	}
}

func TestTop5CutsAtFive(t *testing.T) {
	p := metric.Predictions{Classes: 6, Probability: []float32{.1, .1, .1, .1, .1, .5, .5, .1, .1, .1, .1, .1}, Label: []int32{4, 4}}
	if got := metric.TopK(p, 5); got != 0.5 { // 4 is sixth in the first row, fifth in the second
		t.Error(got)
	}
}

func TestLoss(t *testing.T) {
	p := metric.Predictions{Classes: 2, Probability: []float32{0.25, 0.75, 1, 0}, Label: []int32{0, 1}}
	want := (math.Log(4) - math.Log(math.SmallestNonzeroFloat32)) / 2
	if got := metric.Loss(p); !near(got, want) {
		t.Error(got, want)
	}
	p.Probability[0] = nan
	if got := metric.Loss(p); !math.IsNaN(got) {
		t.Error(got)
	}
}

// TestWilson: 57 of 60 and the ends, computed with the quantile of Python's
// statistics.NormalDist.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		right, n  int
		low, high float64
	}{
		{57, 60, 0.86299, 0.98285},
		{0, 10, 0, 0.27753},
		{10, 10, 0.72247, 1},
		{0, 0, 0, 1},
	} {
		if low, high := metric.Wilson(c.right, c.n, 0.95); math.Abs(low-c.low) > 5e-6 || math.Abs(high-c.high) > 5e-6 {
			t.Errorf("%d of %d: [%.5f, %.5f], want [%.5f, %.5f]", c.right, c.n, low, high, c.low, c.high)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, p := range map[string]metric.Predictions{
		"nothing":           {},
		"a label too large": {Classes: 2, Probability: []float32{0, 1}, Label: []int32{2}},
		"a label below 0":   {Classes: 2, Probability: []float32{0, 1}, Label: []int32{-1}},
		"too few numbers":   {Classes: 2, Probability: []float32{0}, Label: []int32{0}},
	} {
		if _, err := metric.All(p); err == nil {
			t.Error(name, "is taken")
		}
	}
}

// TestRegistered asks every metric for its doc and a figure of the best answers
// that is at least as good as that of the worst.
func TestRegistered(t *testing.T) {
	best := metric.Predictions{Classes: 2, Probability: []float32{1, 0, 0, 1}, Label: []int32{0, 1}}
	worst := best
	worst.Label = []int32{1, 0}
	for _, name := range metric.Names() {
		e, err := metric.Lookup(name)
		if err != nil || e.Doc == "" {
			t.Error(name, err, "or no Doc")
		}
		if e.Of == nil || e.Defined != nil && !e.Defined(best) {
			continue
		}
		if b, w := e.Of(best), e.Of(worst); b == w || b < w != e.Lower || e.Fraction && b != 1 {
			t.Errorf("%s: best %v, worst %v", name, b, w)
		}
	}
}

func ExampleAll() {
	p := metric.Predictions{Classes: 2, Probability: []float32{0.9, 0.1, 0.4, 0.6, 0.7, 0.3}, Label: []int32{0, 1, 1}}
	all, err := metric.All(p)
	fmt.Printf("accuracy %.3f, auc %.3f, loss %.3f, %v\n", all["accuracy"], all["auc"], all["loss"], err)
	// Output: accuracy 0.667, auc 1.000, loss 0.607, <nil>
}
