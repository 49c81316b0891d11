package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// attentionCase is sizes and a mask that the tests of attention try.
type attentionCase struct {
	AttentionDims
	turned                 turned
	b, h, kv, l, s, dk, dv int
	mask                   tensor.Type // no elements: none
	stat                   bool
	dtype                  tensor.DType
}

func attentionSamples(sample func(attentionCase) graph.Sample) []graph.Sample {
	bools := func(d ...int) tensor.Type { return tensor.Type{DType: tensor.Bool, Shape: tensor.Dims(d...)} }
	var all []graph.Sample
	for _, c := range []attentionCase{
		{b: 2, h: 2, kv: 2, l: 3, s: 4, dk: 5, dv: 3},
		{b: 1, h: 2, kv: 1, l: 4, s: 4, dk: 2, dv: 2, AttentionDims: AttentionDims{Causal: true}, stat: true},
		{b: 1, h: 4, kv: 2, l: 2, s: 5, dk: 3, dv: 4, AttentionDims: AttentionDims{Causal: true, Offset: 3, Scale: 0.7}, turned: 31},
		{b: 1, h: 1, kv: 1, l: 3, s: 2, dk: 2, dv: 2, AttentionDims: AttentionDims{Causal: true, Offset: -1}, turned: 9},
		{b: 2, h: 2, kv: 2, l: 3, s: 4, dk: 2, dv: 3, mask: bools(2, 1, 1, 4), turned: 6, stat: true},
		{b: 1, h: 2, kv: 2, l: 3, s: 2, dk: 2, dv: 3, mask: bools(1, 2, 3, 2)},
		{b: 2, h: 2, kv: 1, l: 3, s: 4, dk: 2, dv: 3, mask: tensor.F32(1, 2, 3, 4), AttentionDims: AttentionDims{Causal: true}},
		{b: 2, h: 1, kv: 1, l: 3, s: 4, dk: 2, dv: 3, mask: tensor.F32(2, 1, 1, 4), turned: 16},
		{b: 1, h: 1, kv: 1, l: 2, s: 3, dk: 2, dv: 2, mask: tensor.F32(1, 1, 2, 1)},
		{b: 1, h: 1, kv: 1, l: 2, s: 0, dk: 2, dv: 2},
		{b: 1, h: 2, kv: 2, l: 0, s: 3, dk: 2, dv: 2},
		{b: 1, h: 2, kv: 2, l: 2, s: 3, dk: 0, dv: 2},
		{b: 1, h: 1, kv: 1, l: 2, s: 2, dk: 2, dv: 2, dtype: tensor.Float64},
	} {
		if c.dtype == (tensor.DType{}) {
			c.dtype = tensor.Float32
		}
		all = append(all, sample(c))
	}
	return all
}

func (c attentionCase) operands() []tensor.Type {
	t := func(i, h, l, d int) tensor.Type {
		return tensor.Type{DType: c.dtype, Shape: c.turned.shape(i, [4]int{c.b, h, l, d})}
	}
	in := []tensor.Type{t(0, c.h, c.l, c.dk), t(1, c.kv, c.s, c.dk), t(2, c.kv, c.s, c.dv)}
	if c.mask.DType != (tensor.DType{}) {
		in = append(in, c.mask)
	}
	return in
}

func (c attentionCase) forward() graph.Sample {
	op := attention{c.AttentionDims, c.turned & 7}
	return graph.Sample{Of: op, In: c.operands(), Low: -2, High: 2}
}

func (c attentionCase) backward() graph.Sample {
	op := attentionGrad{c.AttentionDims, c.turned, c.mask.DType != (tensor.DType{}), c.stat}
	in := c.operands()
	o := [4]int{c.b, c.h, c.l, c.dv}
	lse := tensor.Type{DType: c.dtype, Shape: tensor.Dims(o[:3]...)}
	in = append(in, tensor.Type{DType: c.dtype, Shape: c.turned.shape(3, o)}, lse)
	in = append(in, tensor.Type{DType: c.dtype, Shape: c.turned.shape(4, o)})
	if c.stat {
		in = append(in, lse)
	}
	return graph.Sample{Of: op, In: in, Low: -1, High: 1}
}
