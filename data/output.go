package data

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/tensor"
)

// The kinds of output.
const (
	OutputClass = "class" // logits [N K] of classes
	OutputValue = "value" // a number [N] or [N 1], standardised
	OutputNext  = "next"  // logits [N L V] of the token after each
)

// Output says what the output of a network means. A run keeps it in model.toml.
type Output struct {
	Kind      string  `toml:"kind,omitempty"`      // "class"
	Name      string  `toml:"name,omitempty"`      // of what is predicted: the column of a table
	Mean      float64 `toml:"mean,omitempty"`      // of a value: the target is Mean + Deviation·output
	Deviation float64 `toml:"deviation,omitempty"` // of a value; 1
}

// Is says whether the output is of that kind.
func (o Output) Is(kind string) bool {
	return o.Kind == kind || o.Kind == "" && kind == OutputClass
}

// Check refuses settings that have no meaning.
func (o Output) Check() error {
	switch {
	case !o.Is(OutputClass) && !o.Is(OutputValue) && !o.Is(OutputNext):
		return fmt.Errorf("output: kind %q; there is [%s %s %s]", o.Kind, OutputClass, OutputNext, OutputValue)
	case math.IsNaN(o.Mean-o.Mean) || math.IsNaN(o.Deviation-o.Deviation) || o.Deviation < 0:
		return fmt.Errorf("output: mean %v, deviation %v", o.Mean, o.Deviation)
	}
	return nil
}

// Field is the name of the examples' and the batches' tensor of labels.
func (o Output) Field() string {
	switch o.Kind {
	case OutputValue:
		return FieldValue
	case OutputNext:
		return FieldNext
	}
	return FieldLabel
}

// Label is the type of one example's label for an input of that type.
func (o Output) Label(in tensor.Type) tensor.Type {
	switch o.Kind {
	case OutputValue:
		return tensor.F32()
	case OutputNext:
		return tensor.Type{DType: tensor.Int32, Shape: in.Shape}
	}
	return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims()}
}

// Standard is the output that stands for a target.
func (o Output) Standard(target float64) float32 {
	return float32((target - o.Mean) / o.deviation())
}

// Target is what an output stands for.
func (o Output) Target(output float32) float64 { return o.Mean + o.deviation()*float64(output) }

func (o Output) deviation() float64 {
	if o.Deviation == 0 {
		return 1
	}
	return o.Deviation
}

// fill writes the label of an example to row, of the type of [Output.Label].
func (o Output) fill(row tensor.Tensor, e Example) error {
	switch o.Kind {
	case OutputValue:
		v, err := e.Value()
		row.Floats()[0] = o.Standard(v)
		return err
	case OutputNext:
		t, ok := e[FieldNext]
		if !ok || t.Type() != row.Type() {
			return fmt.Errorf("data: the next tokens are %v, wanted %v", t.Type(), row.Type())
		}
		copy(row.Bytes(), t.Bytes())
		return nil
	}
	label, err := e.Label()
	tensor.Of[int32](row)[0] = int32(label)
	return err
}
