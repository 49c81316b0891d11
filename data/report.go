package data

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// Report is what [Check] found.
type Report struct {
	Count    map[Split]int   // examples
	PerClass map[Split][]int // examples by label
	Within   int             // examples whose image, row or text came before in the same split
	Across   int             // examples whose image, row or text stands in an earlier split too
	Leaks    []string        // of Across up to ten: "test/3 = train/17"
	Constant []string        // up to ten images whose samples are all equal
	Broken   []BadFile       // examples that cannot be decoded, and files left out
}

// Warnings is what a person should read before training, a line each.
func (r Report) Warnings() []string {
	var w []string
	if r.Across > 0 {
		w = append(w, fmt.Sprintf("%d examples stand in more than one split, which flatters the result: %v", r.Across, r.Leaks))
	}
	if r.Within > 0 {
		w = append(w, fmt.Sprintf("%d examples stand twice in their split", r.Within))
	}
	if len(r.Constant) > 0 {
		w = append(w, fmt.Sprintf("images of one colour: %v", r.Constant))
	}
	if len(r.Broken) > 0 {
		w = append(w, fmt.Sprintf("%d files cannot be read, the first: %s: %v", len(r.Broken), r.Broken[0].Path, r.Broken[0].Err))
	}
	for _, s := range Splits {
		for l, n := range r.PerClass[s] {
			if n == 0 && r.Count[s] > 0 {
				w = append(w, fmt.Sprintf("%s has no example of class %d", s, l))
			}
		}
	}
	return w
}

// finding is what one example adds to the report.
type finding struct {
	sum      [sha256.Size]byte
	label    int
	constant bool
	err      error
}

// Check decodes every example of ds and counts. Only a cancelled ctx is an
// error: what is wrong with the data stands in the report.
func Check(ctx context.Context, ds Dataset) (Report, error) {
	r := Report{Count: map[Split]int{}, PerClass: map[Split][]int{}, Broken: slices.Clone(badFiles(ds))}
	home := map[[sha256.Size]byte]Ref{}
	for _, s := range Splits {
		found := make([]finding, ds.Len(s))
		if err := parallel(ctx, 0, len(found), func(i int) { found[i] = find(ds, s, i) }); err != nil {
			return r, err
		}
		r.Count[s], r.PerClass[s] = len(found), make([]int, len(ds.Card().Classes))
		for i, f := range found {
			r.add(ds, Ref{s, i}, f, home)
		}
	}
	return r, nil
}

func find(ds Dataset, s Split, i int) finding {
	e, err := ExampleOf(ds, s, i)
	if err != nil {
		return finding{err: err}
	}
	f := finding{label: -1}
	if n := len(ds.Card().Classes); n > 0 {
		if f.label, f.err = e.Label(); f.err == nil && (f.label < 0 || f.label >= n) {
			f.err = fmt.Errorf("label %d; there are %d classes", f.label, n)
		}
	}
	image, ok := e[FieldImage]
	if !ok {
		f.sum = e.sum()
		return f
	}
	f.sum = ImageSum(image)
	pix := image.Bytes()
	f.constant = !slices.ContainsFunc(pix, func(v byte) bool { return v != pix[0] })
	return f
}

// sum is a hash of all but the label of an example.
func (e Example) sum() [sha256.Size]byte {
	h := sha256.New()
	for _, name := range []string{FieldRow, FieldEnds, FieldText} {
		t := e[name]
		fmt.Fprintf(h, "%s %v ", name, t.Type())
		h.Write(t.Bytes())
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// ImageSum is a hash of shape and samples: equal for the same image only.
func ImageSum(t tensor.Tensor) [sha256.Size]byte {
	h := sha256.New()
	for _, d := range t.Shape().Dims() {
		_ = binary.Write(h, binary.LittleEndian, uint64(d))
	}
	h.Write(t.Bytes())
	return [sha256.Size]byte(h.Sum(nil))
}

func (r *Report) add(ds Dataset, at Ref, f finding, home map[[sha256.Size]byte]Ref) {
	const shown = 10
	if f.err != nil {
		r.Broken = append(r.Broken, BadFile{ds.ID(at.Split, at.Index), f.err})
		return
	}
	if f.label >= 0 {
		r.PerClass[at.Split][f.label]++
	}
	if f.constant && len(r.Constant) < shown {
		r.Constant = append(r.Constant, ds.ID(at.Split, at.Index))
	}
	first, seen := home[f.sum]
	switch {
	case !seen:
		home[f.sum] = at
	case first.Split == at.Split:
		r.Within++
	default:
		r.Across++
		if len(r.Leaks) < shown {
			r.Leaks = append(r.Leaks, ds.ID(at.Split, at.Index)+" = "+ds.ID(first.Split, first.Index))
		}
	}
}
