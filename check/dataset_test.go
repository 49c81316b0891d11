package check_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
)

// faulty is a small right dataset with one fault.
type faulty struct {
	data.Dataset
	fault string
	reads *int
}

func (f faulty) Card() data.Card {
	c := f.Dataset.Card()
	if f.fault == "count" {
		c.Count = map[data.Split]int{data.Train: 41, data.Test: 8}
	}
	return c
}

func (f faulty) Put(e data.Example, s data.Split, i int) error {
	err := f.Dataset.Put(e, s, i)
	*f.reads++
	switch {
	case f.fault == "shape" && i == 3:
		e[data.FieldImage] = tensor.From(tensor.Dims(2, 8, 1), e[data.FieldImage].Bytes())
	case f.fault == "label" && i == 7:
		e[data.FieldLabel] = tensor.Scalar[int32](2)
	case f.fault == "unstable" && i == 5:
		e[data.FieldImage] = e[data.FieldImage].Clone()
		e[data.FieldImage].Bytes()[0] = byte(*f.reads)
	case f.fault == "leak" && s == data.Test && i == 2:
		return f.Dataset.Put(e, data.Train, 2)
	}
	return err
}

func (f faulty) Label(s data.Split, i int) (int, error) {
	e, err := data.ExampleOf(f, s, i)
	if err != nil {
		return 0, err
	}
	return e.Label()
}

func (f faulty) ID(s data.Split, i int) string {
	if f.fault == "name" {
		return "the same"
	}
	return f.Dataset.ID(s, i)
}

func part(n int, first byte) data.Part {
	p := data.Part{Images: tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(n, 4, 4, 1)}), Labels: make([]int32, n)}
	for i := range n {
		p.Images.Bytes()[16*i+1], p.Labels[i] = first+byte(i), int32(i%2)
	}
	return p
}

// TestDatasetFindsFaults plants one fault at a time and asks that Dataset names
// it.
func TestDatasetFindsFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"":         "",
		"licence":  "empty field",
		"count":    "card says 41",
		"shape":    "an image of",
		"label":    "label 2 of 2 classes",
		"unstable": "differs when it is read again",
		"name":     "or another's",
		"leak":     "1 examples stand in two splits",
	} {
		t.Run(fault, func(t *testing.T) {
			card := data.Card{
				Name: "small", Doc: "d", Source: "s", Licence: "l", Classes: []string{"a", "b"},
				Count: map[data.Split]int{data.Train: 40, data.Test: 8},
			}
			if fault == "licence" {
				card.Licence = ""
			}
			if fault == "count" {
				card.Count[data.Train] = 41
			}
			e := data.Entry{Card: card, Open: func(context.Context, string, data.OnBadFile) (data.Dataset, error) {
				ds, err := data.NewPacked(card, map[data.Split]data.Part{data.Train: part(40, 0), data.Test: part(8, 100)})
				return faulty{ds, fault, new(int)}, err
			}}
			err := check.Dataset(t.Context(), e, "")
			switch {
			case want == "" && err != nil:
				t.Errorf("the right set is refused: %v", err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error = %v, want %q in it", err, want)
			}
		})
	}
}
