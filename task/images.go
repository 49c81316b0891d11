package task

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/train"
)

func init() {
	input, recipe, arch := imageFacts{train: 2500, classes: []string{"one", "another"}, least: 1000, most: 1000, width: 32, height: 32}.choose().parts()
	Register(Spec{
		Name: "images", Doc: "Tell the classes of your own images apart, a folder for each class.",
		Data: "images", Arch: arch, Input: input, Recipe: recipe,
		Floor: 0.60, // of the CIFAR-10 subset as folders
		Adapt: adaptImages,
	})
}

// adaptImages chooses network, size, recipe and augmentation by the images, and
// says what was chosen and what is wrong with them.
func adaptImages(u *Setup) error {
	wrong := func(err error) error { return &train.DataError{Err: err} }
	facts, err := imageFactsOf(u.Dataset)
	if err != nil {
		return wrong(err)
	}
	choice := facts.choose()
	u.Input, u.Recipe, u.Arch = choice.parts()
	u.Net = nil
	if err := u.Cut(); err != nil {
		return err
	}
	if u.header.Settings == nil { // a new run, whose notes have not been told
		if facts, err = imageFactsOf(u.Dataset); err != nil { // as they are cut
			return wrong(err)
		}
		for _, text := range append(facts.notes(), choice.why...) {
			u.Note(text)
		}
		if err := u.imageWarnings(facts); err != nil {
			return wrong(err)
		}
	}
	u.Dataset = data.Fitted(u.Dataset, u.Input)
	u.Input.Mean, u.Input.Deviation, err = data.Measure(u.Dataset, u.Input, 2000)
	if err != nil {
		return wrong(err)
	}
	return nil
}

// imageFacts is what is known of the images before anything is chosen.
type imageFacts struct {
	train         int // examples to train on
	test, valid   int
	classes       []string
	counts        []int // of train, by class
	least, most   int   // of them
	width, height int   // in the middle of all, by size
	same          bool  // all images have that size
	grey          bool
}

func imageFactsOf(ds data.Dataset) (imageFacts, error) {
	f := imageFacts{
		train: ds.Len(data.Train), test: ds.Len(data.Test), valid: ds.Len(data.Valid),
		classes: ds.Card().Classes, counts: make([]int, len(ds.Card().Classes)),
	}
	var widths, heights []int
	for i := range f.train {
		l, err := data.Label(ds, data.Train, i)
		if err != nil {
			return f, err
		}
		f.counts[l]++
		s, err := data.ImageShape(ds, data.Train, i)
		if err != nil {
			return f, fmt.Errorf("%s: %w", ds.ID(data.Train, i), err)
		}
		widths, heights = append(widths, s.Dim(1)), append(heights, s.Dim(0))
	}
	if f.train == 0 || len(f.classes) < 2 {
		return f, fmt.Errorf("%d images to train on in %d classes; wanted a folder for each of two classes or more", f.train, len(f.classes))
	}
	slices.Sort(widths)
	slices.Sort(heights)
	f.width, f.height = widths[len(widths)/2], heights[len(heights)/2]
	f.same = widths[0] == widths[len(widths)-1] && heights[0] == heights[len(heights)-1]
	f.least, f.most = slices.Min(f.counts), slices.Max(f.counts)
	var err error
	f.grey, err = data.AllGrey(ds, 200)
	return f, err
}

// notes is the facts, for people.
func (f imageFacts) notes() []string {
	size := fmt.Sprintf("of %d x %d", f.width, f.height)
	if !f.same {
		size = fmt.Sprintf("of several sizes, in the middle %d x %d", f.width, f.height)
	}
	colour := "in colour"
	if f.grey {
		colour = "grey"
	}
	list := []string{fmt.Sprintf("images: %d to train on, %d valid, %d test, in %d classes, %s, %s", f.train, f.valid, f.test, len(f.classes), colour, size)}
	if f.least != f.most {
		list = append(list, fmt.Sprintf("the smallest class to train on is %q with %d images, the largest %q with %d",
			f.classes[slices.Index(f.counts, f.least)], f.least, f.classes[slices.Index(f.counts, f.most)], f.most))
	}
	return list
}

// fewImages is the size of a class that is too small to learn much from.
const fewImages = 10

// imageWarnings looks for what makes the result worse than it could be, or look
// better than it is.
func (u *Setup) imageWarnings(f imageFacts) error {
	ctx := context.Background() // Adapt is asked for a decision, not for a cancellation
	report, err := data.Check(ctx, u.Dataset)
	if err != nil {
		return err
	}
	for _, text := range report.Warnings() {
		u.Note("warning: " + text)
	}
	pairs, err := data.Near(ctx, u.Dataset)
	if err != nil {
		return err
	}
	if text := data.NearText(u.Dataset, pairs); text != "" {
		u.Note("warning: " + text)
	}
	var tiny []string
	for k, n := range f.counts {
		if n < fewImages {
			tiny = append(tiny, fmt.Sprintf("%s (%d)", f.classes[k], n))
		}
	}
	if len(tiny) > 0 {
		more := ""
		if len(tiny) > 10 {
			tiny, more = tiny[:10], " and more"
		}
		u.Note(fmt.Sprintf("warning: classes of fewer than %d images to train on: %s%s", fewImages, strings.Join(tiny, ", "), more))
	}
	return nil
}
