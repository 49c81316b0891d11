package lower

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// What the operators of texts have in common. Texts live on the host.

// onTexts makes a function of one tensor of texts what [Call.Host] takes.
func onTexts(f func(x Host) ([]Host, error)) HostFunc {
	return func(in []Host) ([]Host, error) {
		if err := allTexts(in); err != nil {
			return nil, err
		}
		return f(in[0])
	}
}

// onTextPairs makes f, of two lists of texts that are stretched to one shape by
// NumPy's rule, what [Call.Host] takes.
func onTextPairs(f func(a, b []string, dims []int) Host) HostFunc {
	return func(in []Host) ([]Host, error) {
		if err := allTexts(in); err != nil {
			return nil, err
		}
		dims, err := broadcastDims(in[0].Dims, in[1].Dims)
		if err != nil {
			return nil, err
		}
		return []Host{f(stretchTexts(in[0], dims), stretchTexts(in[1], dims), dims)}, nil
	}
}

func allTexts(in []Host) error {
	for i, h := range in {
		if h.Kind != KindStrings {
			return fmt.Errorf("operand %d is no tensor of texts", i)
		}
		if err := textsFit(h.Dims); err != nil {
			return err
		}
		if n := tensor.Dims(h.Dims...).Size(); n != len(h.Strings) {
			return fmt.Errorf("operand %d has %d texts, its shape %v wants %d", i, len(h.Strings), h.Dims, n)
		}
	}
	return nil
}

// broadcastDims is the shape that a and b stretch to by NumPy's rule.
func broadcastDims(a, b []int) ([]int, error) {
	if len(a) < len(b) {
		a, b = b, a
	}
	dims := append([]int{}, a...)
	for i, d := range b {
		switch at := len(a) - len(b) + i; {
		case dims[at] == 1:
			dims[at] = d
		case d != 1 && d != dims[at]:
			return nil, fmt.Errorf("shapes %v and %v do not broadcast", a, b)
		}
	}
	return dims, textsFit(dims)
}

// maxTexts bounds the elements of a tensor of texts.
const maxTexts = 1 << 26

// textsFit is an error for shapes of more texts than are allowed.
func textsFit(dims []int) error {
	s, err := tensor.CheckedDims(dims...)
	if err == nil && s.Size() > maxTexts {
		err = fmt.Errorf("a tensor of texts of shape %v, at most %d elements are allowed", dims, maxTexts)
	}
	return err
}

// stretchTexts is the texts of h repeated to shape dims, which h stretches to.
func stretchTexts(h Host, dims []int) []string {
	size, lead := 1, len(dims)-len(h.Dims)
	for _, d := range dims {
		size *= d
	}
	y := make([]string, size)
	for i := range y {
		from, stride, rest := 0, 1, i
		for a := len(dims) - 1; a >= lead; a-- {
			at := rest % dims[a]
			rest /= dims[a]
			if d := h.Dims[a-lead]; d > 1 {
				from += at * stride
				stride *= d
			}
		}
		y[i] = h.Strings[from]
	}
	return y
}

// boolsHost is truth values of a shape.
func boolsHost(v []bool, dims []int) Host {
	t := tensor.New(tensor.Type{DType: tensor.Bool, Shape: tensor.Dims(dims...)})
	for i, x := range v {
		if x {
			t.Bytes()[i] = 1
		}
	}
	return TensorHost(t)
}
