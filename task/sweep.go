package task

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/train"
)

// KeySeed is what a sweep calls the seed, which is no setting of a task.
const KeySeed = "seed"

// maxTrials bounds what a slip of the keyboard starts.
const maxTrials = 10_000

// Axis is one setting that a sweep tries several values of: a list, or a range
// to draw from.
type Axis struct {
	Key       string
	Values    []string // as --set takes them
	Low, High float64  // the range, where Values is empty
	Log       bool     // draw evenly by order of magnitude
	Whole     bool     // draw whole numbers
}

// ParseAxis reads key=a,b,c, or key=LOW..HIGH for a range to draw from, which is
// drawn evenly by order of magnitude where it spans more than a factor of ten.
// Lists of lists, such as widths, have semicolons between: key=8,16;16,32.
func ParseAxis(text string) (Axis, error) {
	bad := func(reason string) (Axis, error) {
		return Axis{}, &train.ConfigError{Key: "--sweep " + text, Reason: reason}
	}
	key, list, ok := strings.Cut(text, "=")
	if !ok || key == "" || list == "" {
		return bad("want key=a,b,c or key=LOW..HIGH")
	}
	a := Axis{Key: key}
	if low, high, ok := strings.Cut(list, ".."); ok {
		var errs [2]error
		a.Low, errs[0] = strconv.ParseFloat(low, 64)
		a.High, errs[1] = strconv.ParseFloat(high, 64)
		if errs[0] != nil || errs[1] != nil || !(a.Low < a.High) || math.IsInf(a.High-a.Low, 0) {
			return bad("want LOW..HIGH, two numbers in rising order")
		}
		a.Whole = !strings.ContainsAny(low+high, ".eE")
		a.Log = a.Low > 0 && a.High > 10*a.Low
		return a, nil
	}
	between := ","
	if strings.Contains(list, ";") {
		between = ";"
	}
	for v := range strings.SplitSeq(list, between) {
		if v = strings.TrimSpace(v); v == "" || slices.Contains(a.Values, v) {
			return bad("a value is empty or there twice")
		}
		a.Values = append(a.Values, v)
	}
	return a, nil
}

// draw is a value of the axis.
func (a Axis) draw(r rng.Stream) string {
	u := r.Rand()
	if len(a.Values) > 0 {
		return a.Values[u.IntN(len(a.Values))]
	}
	low, high := a.Low, a.High
	if a.Whole {
		high++ // every whole number has a share, the last one too
	}
	v := low + (high-low)*u.Float64()
	if a.Log {
		v = low * math.Pow(high/low, u.Float64())
	}
	if a.Whole {
		return strconv.FormatFloat(min(math.Floor(v), a.High), 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// Sweep is a search over settings.
type Sweep struct {
	Axes  []Axis
	Draws int // trials drawn at random; 0 tries every combination
	Jobs  int // trials at a time; as many as there are threads
}

// Trial is one run of a sweep.
type Trial struct {
	Name string   // of its folder
	Set  []string // key=value for every axis but the seed
	Seed uint64
}

// Trials lists the runs. The draws depend on seed alone, which is also the seed
// of every trial where it is no axis.
func (s Sweep) Trials(seed uint64) ([]Trial, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	var rows [][]string
	if s.Draws == 0 {
		rows = combinations(s.Axes)
	}
	for i := range s.Draws {
		row := make([]string, len(s.Axes))
		for k, a := range s.Axes {
			row[k] = a.draw(rng.New(seed).Split("sweep").Split(a.Key).At(uint64(i)))
		}
		rows = append(rows, row)
	}
	trials := make([]Trial, len(rows))
	for i, row := range rows {
		t := Trial{Name: fmt.Sprintf("%0*d", len(strconv.Itoa(len(rows))), i+1), Seed: seed}
		for k, a := range s.Axes {
			if a.Key != KeySeed {
				t.Set = append(t.Set, a.Key+"="+row[k])
				continue
			}
			var err error
			if t.Seed, err = strconv.ParseUint(row[k], 10, 63); err != nil {
				return nil, &train.ConfigError{Key: "--sweep seed=" + row[k], Reason: "want a whole number of at least 0"}
			}
		}
		trials[i] = t
	}
	return trials, nil
}

func (s Sweep) check() error {
	count := 1
	seen := map[string]bool{}
	for _, a := range s.Axes {
		if seen[a.Key] {
			return &train.ConfigError{Key: "--sweep " + a.Key, Reason: "is given twice"}
		}
		seen[a.Key] = true
		if len(a.Values) == 0 && s.Draws == 0 {
			return &train.ConfigError{Key: "--sweep " + a.Key, Reason: "a range is drawn from: say how often with --trials N"}
		}
		count *= max(1, len(a.Values))
		if count = min(count, maxTrials+1); s.Draws == 0 && count > maxTrials {
			return &train.ConfigError{Key: "--sweep", Reason: fmt.Sprintf("there are more than %d combinations; draw some with --trials N", maxTrials)}
		}
	}
	if s.Draws < 0 || s.Draws > maxTrials {
		return &train.ConfigError{Key: "--trials", Reason: fmt.Sprintf("want 1 to %d", maxTrials)}
	}
	return nil
}

// combinations is every combination of values, the last axis changing fastest.
func combinations(axes []Axis) [][]string {
	rows := [][]string{nil}
	for _, a := range axes {
		var next [][]string
		for _, row := range rows {
			for _, v := range a.Values {
				next = append(next, append(slices.Clone(row), v))
			}
		}
		rows = next
	}
	return rows
}

// folder is where the trial's run lies in the sweep's folder.
func (t Trial) folder(dir string) string { return filepath.Join(dir, t.Name) }
