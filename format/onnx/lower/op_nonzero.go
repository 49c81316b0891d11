package lower

import "github.com/ihae/ihae/tensor"

func init() {
	register(Operator{Name: "NonZero", Since: []int64{9, 13}, Rule: func(c *Call) {
		c.tensorOrTexts(0)
		c.Host(nonZero, 0)
	}})
}

// tensorOrTexts asks for operand i as a tensor, of numbers or of texts.
func (c *Call) tensorOrTexts(i int) {
	if k := c.Kind(i); k != KindTensor && k != KindStrings {
		c.Fail("operand %d is no tensor", i)
	}
}

// nonZero is the places of what is not 0, or no empty text, in row-major order:
// [axes places].
func nonZero(in []Host) ([]Host, error) {
	var at []int
	dims := in[0].Dims
	if in[0].Kind == KindStrings {
		for i, t := range in[0].Strings {
			if t != "" {
				at = append(at, i)
			}
		}
	} else {
		w := tensor.Widen(in[0].Tensor)
		dims = w.Type.Shape.Dims()
		for i := range w.Type.Shape.Size() {
			if w.F != nil && w.F[i] != 0 || w.F == nil && w.I[i] != 0 {
				at = append(at, i)
			}
		}
	}
	y := make([]int64, len(dims)*len(at))
	for a, stride := len(dims)-1, 1; a >= 0; a-- {
		for j, i := range at {
			y[a*len(at)+j] = int64(i / stride % dims[a])
		}
		stride *= dims[a]
	}
	return []Host{TensorHost(tensor.From(tensor.Dims(len(dims), len(at)), y))}, nil
}
