package task

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/linear"
	"github.com/ihae/ihae/media/token"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/train"
)

// gramBuckets is how many features n-grams are hashed to: Weinberger et al.,
// "Feature Hashing for Large Scale Multitask Learning", ICML 2009.
const gramBuckets = 1 << 18

// grams is a bag of n-grams: words and pairs of words, and runs of characters,
// which in Hangul are letters too.
type grams struct{ hangul bool }

// words gives the words of a text and its pairs of words.
func (g grams) words(text string, add func(gram string)) {
	text = strings.ToLower(text)
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.M, r) && r != '\''
	})
	for i, w := range words {
		add(w)
		if i > 0 {
			add(words[i-1] + " " + w)
		}
	}
}

// each gives the n-grams of a text.
func (g grams) each(text string, add func(gram string)) {
	g.words(text, add)
	text = strings.ToLower(text)
	squeezed := []rune(" " + strings.Join(strings.Fields(text), " ") + " ")
	low, high := 2, 5
	if g.hangul {
		low, high = 1, 4
		letters := []rune(token.Jamo(string(squeezed)))
		runs(letters, 4, 6, add)
	}
	runs(squeezed, low, high, add)
}

// runs gives all runs of low to high characters.
func runs(text []rune, low, high int, add func(gram string)) {
	for n := low; n <= high; n++ {
		for i := 0; i+n <= len(text); i++ {
			add("‹" + string(text[i:i+n]) + "›")
		}
	}
}

func bucket(gram string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(gram))
	return int(h.Sum32() % gramBuckets)
}

// row appends the features of a text, a vector of length 1.
func (g grams) row(m *linear.Matrix, text string) {
	seen := map[int]bool{}
	g.each(text, func(gram string) { seen[bucket(gram)] = true })
	list := make([]int, 0, len(seen))
	for b := range seen {
		list = append(list, b)
	}
	slices.Sort(list)
	for _, b := range list {
		m.Add(b, float32(1/math.Sqrt(float64(len(list)))))
	}
	m.End()
}

// gramEpochs is the most passes over the texts; without a valid split there are
// gramFixed.
const (
	gramEpochs = 20
	gramFixed  = 6
)

// baseline is logistic regression on n-grams.
func (t *textSetup) baseline() train.BaselineFunc {
	g := grams{t.hangul}
	l := linearRows{out: t.Output, classes: len(t.classes)}
	draw := rng.New(t.Seed).Split("baseline")
	return func(ctx context.Context, ds data.Dataset, split data.Split) (train.Baseline, error) {
		b := train.Baseline{Name: "logistic regression on n-grams"}
		parts := map[data.Split]*linearPart{}
		for _, s := range []data.Split{data.Train, data.Valid, split} {
			if ds.Len(s) == 0 || parts[s] != nil {
				continue
			}
			var err error
			if parts[s], err = g.read(ctx, ds, s); err != nil {
				return b, err
			}
		}
		best, err := l.descend(ctx, parts, draw)
		if err != nil {
			return b, err
		}
		if b.Metrics, err = l.measure(best, parts[split]); err != nil {
			return b, err
		}
		b.Telling, err = g.telling(best, ds, t.classes)
		return b, err
	}
}

// descend fits to the training split until the valid split gets no better.
func (l linearRows) descend(ctx context.Context, parts map[data.Split]*linearPart, draw rng.Stream) (*linear.Model, error) {
	train, valid := parts[data.Train], parts[data.Valid]
	o := linear.Descent{Epochs: gramFixed, Stream: draw}
	var best *linear.Model
	var failed error
	if valid != nil {
		least, stale := math.Inf(1), 0
		o.Epochs = gramEpochs
		o.After = func(_ int, w *linear.Model) bool {
			all, err := l.measure(w, valid)
			if err != nil {
				failed = err
				return true
			}
			if loss := float64(all["loss"]); loss < least {
				least, stale = loss, 0
				kept := *w
				kept.Weight, kept.Bias = slices.Clone(w.Weight), slices.Clone(w.Bias)
				best = &kept
				return false
			}
			stale++
			return stale == 2
		}
	}
	last, err := o.Fit(ctx, train.x, train.labels, l.classes)
	if best == nil {
		best = last
	}
	return best, errors.Join(err, failed)
}

// gramTexts bounds the texts of a split that the model of n-grams sees: a text
// takes about three kilobytes.
const gramTexts = 200_000

func (g grams) read(ctx context.Context, ds data.Dataset, s data.Split) (*linearPart, error) {
	p := &linearPart{x: linear.NewMatrix(gramBuckets)}
	n := ds.Len(s)
	if s == data.Train { // others are measured as a whole
		n = min(n, gramTexts)
	}
	for k := range n {
		i := int(int64(k) * int64(ds.Len(s)) / int64(n)) // evenly apart
		if k%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		text, err := data.TextOf(ds, s, i)
		if err != nil {
			return nil, err
		}
		label, err := data.Label(ds, s, i)
		if err != nil {
			return nil, err
		}
		g.row(p.x, text)
		p.labels = append(p.labels, int32(label))
	}
	return p, nil
}

// The n-grams that are told of: so many of each class, each in so many texts.
const (
	toldGrams = 20
	toldTexts = 5
)

// telling is the words and pairs of words that speak most for each class, the
// strongest first.
func (g grams) telling(m *linear.Model, ds data.Dataset, classes []string) (map[string][]string, error) {
	texts := map[string]int{}
	for i := range ds.Len(data.Train) {
		text, err := data.TextOf(ds, data.Train, i)
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		g.words(text, func(gram string) {
			if !seen[gram] {
				seen[gram] = true
				texts[gram]++
			}
		})
	}
	var list []string
	for gram, k := range texts {
		if k >= toldTexts {
			list = append(list, gram)
		}
	}
	out := map[string][]string{}
	for k, class := range classes {
		score := func(gram string) float64 { return m.Weight[bucket(gram)*m.Outputs+k] }
		slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(score(b), score(a)), cmp.Compare(a, b)) })
		out[class] = slices.Clone(list[:min(toldGrams, len(list))])
	}
	return out, nil
}
