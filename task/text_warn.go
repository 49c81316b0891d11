package task

import (
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/ihae/ihae/data"
)

// fewTexts is how many texts a class should have at least.
const fewTexts = 20

// textFlaws is what is wrong with texts.
type textFlaws struct {
	empty    int
	across   int    // texts of test or valid that stand in the training split too
	first    string // of those
	disputed int    // texts that came before with another label
	classes  []int  // texts to train on, by class
}

// flaws looks at all texts.
func (t *textSetup) flaws() (f textFlaws, err error) {
	type home struct {
		train bool
		label int
	}
	seen, seed := map[uint64]home{}, maphash.MakeSeed()
	f.classes = make([]int, len(t.classes))
	for _, s := range data.Splits {
		for i := range t.Dataset.Len(s) {
			text, err := data.TextOf(t.Dataset, s, i)
			if err != nil {
				return f, err
			}
			label, err := data.Label(t.Dataset, s, i)
			if err != nil {
				return f, err
			}
			if s == data.Train {
				f.classes[label]++
			}
			text = strings.TrimSpace(text)
			if text == "" {
				f.empty++
				continue
			}
			sum := maphash.String(seed, text)
			was, again := seen[sum]
			switch {
			case !again:
				seen[sum] = home{s == data.Train, label}
				continue
			case was.label != label:
				f.disputed++
			}
			if was.train && s != data.Train {
				if f.across++; f.across == 1 {
					f.first = t.Dataset.ID(s, i)
				}
			}
		}
	}
	return f, nil
}

// warn tells of what makes the result worse than it could be, or look better than
// it is.
func (t *textSetup) warn() error {
	f, err := t.flaws()
	if err != nil {
		return refuse("%w", err)
	}
	warning := func(format string, args ...any) { t.Note("warning: " + fmt.Sprintf(format, args...)) }
	if f.across > 0 {
		warning("%d texts of test or valid stand in the training split too, which flatters the result; the first %s", f.across, f.first)
	}
	if f.disputed > 0 {
		warning("%d texts came before with another label", f.disputed)
	}
	if f.empty > 0 {
		warning("%d texts are empty", f.empty)
	}
	for k, n := range f.classes {
		if n < fewTexts {
			warning("the class %q has only %d texts to train on", t.classes[k], n)
		}
	}
	for _, s := range []data.Split{data.Valid, data.Test} {
		if n := t.Dataset.Len(s); n > 0 && n < 100 {
			warning("the %s split has only %d texts: its figures are rough", s, n)
		}
	}
	return nil
}
