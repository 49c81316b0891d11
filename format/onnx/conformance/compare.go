package conformance

import (
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// Tolerance is how far a number x may be from y: Abs + Rel·|y|.
type Tolerance struct{ Rel, Abs float64 }

// DefaultTolerance is that of the ONNX project's own runner.
var DefaultTolerance = Tolerance{Rel: 1e-3, Abs: 1e-7}

// Compare says how got differs from want: in kind, type, or a number.
func Compare(got, want lower.Host, tol Tolerance) error {
	if want.Kind == lower.KindOptional && got.Kind != lower.KindOptional && len(want.Items) == 1 {
		return Compare(got, want.Items[0], tol)
	}
	if got.Kind != want.Kind {
		return fmt.Errorf("is of kind %d, want %d", got.Kind, want.Kind)
	}
	switch got.Kind {
	case lower.KindTensor:
		return compareTensors(got.Tensor, want.Tensor, tol)
	case lower.KindStrings:
		if !slices.Equal(got.Dims, want.Dims) || !slices.Equal(got.Strings, want.Strings) {
			return fmt.Errorf("is %q%v, want %q%v", got.Strings, got.Dims, want.Strings, want.Dims)
		}
		return nil
	}
	if len(got.Items) != len(want.Items) {
		return fmt.Errorf("has %d elements, want %d", len(got.Items), len(want.Items))
	}
	for i := range got.Items {
		if err := Compare(got.Items[i], want.Items[i], tol); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

func compareTensors(got, want tensor.Tensor, tol Tolerance) error {
	if got.Type() != want.Type() {
		return fmt.Errorf("is %v, want %v", got.Type(), want.Type())
	}
	a, b := tensor.Widen(got), tensor.Widen(want)
	bad, first := 0, -1
	for i := range b.F {
		if !near(a.F[i], b.F[i], tol) {
			if bad++; first < 0 {
				first = i
			}
		}
	}
	for i := range b.I {
		if a.I[i] != b.I[i] {
			if bad++; first < 0 {
				first = i
			}
		}
	}
	if bad == 0 {
		return nil
	}
	var x, y any
	if b.F != nil {
		x, y = a.F[first], b.F[first]
	} else {
		x, y = a.I[first], b.I[first]
	}
	return fmt.Errorf("%d of %d elements of %v differ; element %d is %v, want %v", bad, want.Shape().Size(), want.Type(), first, x, y)
}

func near(a, b float64, tol Tolerance) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) && math.IsNaN(b)
	}
	if math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b
	}
	return math.Abs(a-b) <= tol.Abs+tol.Rel*math.Abs(b)
}
