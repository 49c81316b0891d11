// Package report writes what people read about a run: one self-contained page
// that shows how the network learned, what it answers on every test example,
// what its layers look for, what it cost and how to make it again.
package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/ihae/ihae/page"
)

// Picture is 8-bit samples [H W C], C 1 or 3.
type Picture struct {
	W, H, C int
	Pix     []uint8
}

// Guess is a class and the probability the network gives it.
type Guess struct {
	Label       string
	Probability float64
}

// Example is one example of the reported split and the network's answer.
type Example struct {
	ID      string
	Picture Picture
	Truth   string
	Top     []Guess // the likeliest first
}

// Wrong says whether the network's answer is not the truth.
func (e Example) Wrong() bool { return len(e.Top) == 0 || e.Top[0].Label != e.Truth }

// Stage is what one layer makes of a picture: its strongest feature maps.
type Stage struct {
	Name string // the layer
	Doc  string // what it is, in words
	Maps []Picture
}

// Walk is one example followed from its pixels to the decision.
type Walk struct {
	Example
	Stages []Stage
}

// Fact is a name and a figure.
type Fact struct{ Name, Value, Note string }

// Page is everything the page of a run shows. Empty parts are left out.
type Page struct {
	Run, Task, Doc string
	Split          string
	Count          int
	Score          string // in place of Accuracy where there are no classes, as R² 0.45
	ScoreDoc       string // what Score means
	ScoreMore      string
	Accuracy       float64
	Low, High      float64 // the 95 % interval of Accuracy
	Unit           string  // what an example is called: photographs
	Facts          []Fact
	Charts         []page.Chart
	Classes        []string
	Confusion      [][]int
	ROC            *page.Chart
	AUC            float64
	Examples       []Example // mistakes first
	Shown          int       // how many of Examples are drawn at once, the rest behind a fold; 0 for all
	Filters        []Picture
	FilterDoc      string
	Walks          []Walk
	Layers         []Layer
	Costs          []Fact
	Baseline       *Grid    // beside a simpler model
	Table          *Table   // of rows
	Text           *Text    // of texts
	Chars          *Chars   // of a language model
	Reproduce      []string // commands
	Data           []Fact
}

// Layer is one row of the table of the network.
type Layer struct {
	Path, Kind, Shape string
	Params, FLOPs     string
}

//go:embed run.html
var runHTML string

//go:embed table.html
var tableHTML string

//go:embed text.html
var textHTML string

var runTemplate = template.Must(template.New("run").Funcs(template.FuncMap{
	"style":     page.Style,
	"percent":   page.Percent,
	"png":       func(p Picture) (template.URL, error) { return page.PNG(p.W, p.H, p.C, p.Pix) },
	"confusion": page.Confusion,
	"width":     func(f float64) template.CSS { return template.CSS(fmt.Sprintf("width:%.1f%%", 100*f)) },
}).Parse(tableHTML + textHTML + runHTML))

// Write writes the page. The same Page gives the same bytes.
func Write(w io.Writer, p Page) error {
	if err := runTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// Mistakes counts the wrong answers.
func (p Page) Mistakes() int {
	n := 0
	if p.Confusion != nil {
		for i, row := range p.Confusion {
			for k, c := range row {
				if k != i {
					n += c
				}
			}
		}
		return n
	}
	for _, e := range p.Examples {
		if e.Wrong() {
			n++
		}
	}
	return n
}

// First is the examples drawn at once, Rest those behind the fold.
func (p Page) First() []Example {
	if p.Shown == 0 || p.Shown >= len(p.Examples) {
		return p.Examples
	}
	return p.Examples[:p.Shown]
}

// Rest is the examples behind the fold.
func (p Page) Rest() []Example { return p.Examples[len(p.First()):] }
