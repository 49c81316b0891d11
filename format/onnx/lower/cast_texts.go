package lower

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// textsToNumbers reads texts as numbers of d: plain, scientific, and the names of
// what is not finite. Whole numbers are cut, and what is not 0 is true.
func textsToNumbers(d tensor.DType) HostFunc {
	return onTexts(func(x Host) ([]Host, error) {
		w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(x.Dims...)})
		bits := 64
		if d == tensor.Float32 {
			bits = 32 // rounded once
		}
		for i, s := range x.Strings {
			s = strings.TrimSpace(s)
			v, err := strconv.ParseFloat(s, bits)
			if err != nil && !math.IsInf(v, 0) {
				return nil, fmt.Errorf("element %d, %q, is no number", i, x.Strings[i])
			}
			if w.F != nil {
				w.F[i] = v
				continue
			}
			if w.I[i], err = wholeText(s, v, d); err != nil {
				return nil, fmt.Errorf("element %d, %q, is no number of %v", i, x.Strings[i], d)
			}
		}
		return []Host{TensorHost(w.Narrow())}, nil
	})
}

// wholeText is the text s, which is the number v, as an integer or bool of type d.
func wholeText(s string, v float64, d tensor.DType) (int64, error) {
	if d == tensor.Bool {
		if v != 0 {
			return 1, nil
		}
		return 0, nil
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil && d.Kind() == tensor.KindUint {
		return int64(u), nil
	}
	if !(math.Abs(v) < 1<<63) {
		return 0, strconv.ErrRange
	}
	return int64(v), nil
}

// numbersToTexts writes numbers plainly, floats with as many digits as tell them from
// other float64s or, those of up to 32 bits, float32s; bools are 0 and 1.
func numbersToTexts(in []Host) ([]Host, error) {
	t := in[0].Tensor
	w := tensor.Widen(t)
	texts := make([]string, t.Shape().Size())
	bits := 64
	if t.DType().Bits() <= 32 {
		bits = 32
	}
	for i := range texts {
		switch {
		case w.F != nil:
			texts[i] = floatText(w.F[i], bits)
		case t.DType().Kind() == tensor.KindUint:
			texts[i] = strconv.FormatUint(uint64(w.I[i]), 10)
		default:
			texts[i] = strconv.FormatInt(w.I[i], 10)
		}
	}
	return []Host{StringsHost(texts, t.Shape().Dims()...)}, nil
}

func floatText(v float64, bits int) string {
	switch {
	case v != v:
		return "NaN"
	case math.IsInf(v, 1):
		return "INF"
	case math.IsInf(v, -1):
		return "-INF"
	}
	return strconv.FormatFloat(v, 'f', -1, bits)
}
