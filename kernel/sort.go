package kernel

import (
	"cmp"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// SortSpec puts the middle axis of a space of [Outer Axis Inner] elements in
// order and keeps the First of them. Equal elements keep their order, and NaN is
// above all numbers.
type SortSpec struct {
	Outer, Axis, Inner int
	First              int
	Descending         bool
}

// Sort sorts elements of type d.
//
// Operands: x [Outer Axis Inner]; results the elements in order [Outer First
// Inner] and their places along the axis, int32 of the same shape.
func Sort(s SortSpec, d tensor.DType) *Code {
	c := &sorter{SortSpec: s}
	rows, n := s.Outer*s.Inner, s.Axis
	if rows*s.First == 0 {
		return &Code{}
	}
	row, scratch := c.rowOf(d)
	if row == nil {
		return nil
	}
	per := max(1, 4096/n)
	return &Code{
		Local: scratch * n,
		Phases: []Phase{{
			Pieces: ceilDiv(rows, per),
			Work:   rows * n * 20,
			Run: func(a *Args, piece int, local Memory) {
				for r := piece * per; r < min(rows, (piece+1)*per); r++ {
					row(a, r, local)
				}
			},
		}},
	}
}

type sorter struct{ SortSpec }

// rowOf is how a row of elements of d is sorted, and the bytes of scratch for
// each element. Elements of up to 32 bits become numbers of 64 bits, with the
// order of the elements above and their place below, so that none are equal.
func (c *sorter) rowOf(d tensor.DType) (row func(a *Args, r int, local Memory), scratch int) {
	flip := uint32(0)
	if c.Descending {
		flip = ^flip
	}
	switch d {
	case tensor.Float32:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 32, func(v uint32) uint32 { return rank32(v) ^ flip })
		}, 16
	case tensor.Int32:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 32, func(v uint32) uint32 { return v ^ 1<<31 ^ flip })
		}, 16
	case tensor.Uint32:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 32, func(v uint32) uint32 { return v ^ flip })
		}, 16
	case tensor.Float16:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 32, func(v uint16) uint32 { return rank16(v, 0x7c00) ^ flip })
		}, 16
	case tensor.BFloat16:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 32, func(v uint16) uint32 { return rank16(v, 0x7f80) ^ flip })
		}, 16
	case tensor.Int16:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 16, func(v uint16) uint32 { return uint32(v^1<<15) ^ flip })
		}, 16
	case tensor.Uint16:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 16, func(v uint16) uint32 { return uint32(v) ^ flip })
		}, 16
	case tensor.Int8:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 8, func(v uint8) uint32 { return uint32(v^1<<7) ^ flip })
		}, 16
	case tensor.Uint8, tensor.Bool:
		return func(a *Args, r int, local Memory) {
			sortShort(c, a, r, local, 8, func(v uint8) uint32 { return uint32(v) ^ flip })
		}, 16
	}
	return c.wideRowOf(d)
}

// rank32 orders the bits of float32 numbers as the numbers: 0 and -0 are one,
// and so are all NaNs, which are highest.
func rank32(v uint32) uint32 {
	switch {
	case v<<1 > 0xff<<24:
		return 1<<32 - 1
	case v == 1<<31:
		return 1 << 31
	}
	return v ^ (uint32(int32(v)>>31) | 1<<31) // without a branch on the sign
}

// rank16 is rank32 for numbers of 16 bits whose infinity is inf.
func rank16(v, inf uint16) uint32 {
	switch {
	case v&^(1<<15) > inf:
		return 1<<16 - 1
	case v == 1<<15:
		return 1 << 15
	}
	return uint32(v ^ (uint16(int16(v)>>15) | 1<<15))
}

// rank64 is rank32 for float64.
func rank64(v uint64) uint64 {
	switch {
	case v<<1 > 0x7ff<<53:
		return 1<<64 - 1
	case v == 1<<63:
		return 1 << 63
	}
	return v ^ (uint64(int64(v)>>63) | 1<<63) // without a branch on the sign
}

// sortShort sorts row r by ranks, whose lowest bits alone differ.
func sortShort[T any](c *sorter, a *Args, r int, local Memory, bits int, rank func(T) uint32) {
	x := see[T](a.In[0])[r/c.Inner*c.Axis*c.Inner+r%c.Inner:]
	keys := see[uint64](local)[:2*c.Axis]
	keys, spare := keys[:c.Axis], keys[c.Axis:]
	if c.First <= c.Axis/4 {
		keys = c.least(keys[:0], func(i int) uint64 { return uint64(rank(x[i*c.Inner]))<<32 | uint64(i) })
	} else {
		for i := range keys {
			keys[i] = uint64(rank(x[i*c.Inner]))<<32 | uint64(i)
		}
		keys = sortKeys(keys, spare, bits)
	}
	to := r/c.Inner*c.First*c.Inner + r%c.Inner
	y, places := see[T](a.Out[0])[to:], a.Out[1].I32()[to:]
	for j, k := range keys[:c.First] {
		place := int(uint32(k))
		y[j*c.Inner], places[j*c.Inner] = x[place*c.Inner], int32(place)
	}
}

// least is the First smallest keys in order. Few are kept in order as they come;
// of many, they and at most as many more wait in keys. What is not below the
// largest that can stay never comes in.
func (c *sorter) least(keys []uint64, key func(i int) uint64) []uint64 {
	limit, few := ^uint64(0), c.First <= 32
	for i := range c.Axis {
		k := key(i)
		if k >= limit {
			continue
		}
		keys = append(keys, k)
		switch {
		case few:
			keys = insert(keys, c.First)
		case len(keys) == 2*c.First:
			slices.Sort(keys)
			keys = keys[:c.First]
		default:
			continue
		}
		if len(keys) == c.First {
			limit = keys[c.First-1]
		}
	}
	if !few {
		slices.Sort(keys)
	}
	return keys
}

// insert brings the last key to its place and keeps the first n.
func insert(keys []uint64, n int) []uint64 {
	i := len(keys) - 1
	k := keys[i]
	for ; i > 0 && keys[i-1] > k; i-- {
		keys[i] = keys[i-1]
	}
	keys[i] = k
	return keys[:min(len(keys), n)]
}

// sortKeys sorts by the 32 bits above, of which the lowest bits differ; keys that
// are equal there are in order already. Long rows go digit by digit from the
// lowest, to and fro between keys and spare.
func sortKeys(keys, spare []uint64, bits int) []uint64 {
	if len(keys) < 300 {
		slices.Sort(keys)
		return keys
	}
	for shift := 32; shift < 32+bits; shift += 8 {
		var at [256]int
		for _, k := range keys {
			at[byte(k>>shift)]++
		}
		if at[byte(keys[0]>>shift)] == len(keys) {
			continue // one digit is all there is
		}
		sum := 0
		for d, n := range at {
			at[d] = sum
			sum += n
		}
		for _, k := range keys {
			d := byte(k >> shift)
			spare[at[d]] = k
			at[d]++
		}
		keys, spare = spare, keys
	}
	return keys
}

// ranked is an element of 64 bits and its place.
type ranked struct{ rank, place uint64 }

func (c *sorter) wideRowOf(d tensor.DType) (row func(a *Args, r int, local Memory), scratch int) {
	flip, rank := uint64(0), func(v uint64) uint64 { return v }
	switch d {
	case tensor.Float64:
		rank = rank64
	case tensor.Int64:
		rank = func(v uint64) uint64 { return v ^ 1<<63 }
	case tensor.Uint64:
	default:
		return nil, 0
	}
	if c.Descending {
		flip = ^flip
	}
	return func(a *Args, r int, local Memory) {
		x := see[uint64](a.In[0])[r/c.Inner*c.Axis*c.Inner+r%c.Inner:]
		keys := see[ranked](local)[:c.Axis]
		for i := range keys {
			keys[i] = ranked{rank(x[i*c.Inner]) ^ flip, uint64(i)}
		}
		slices.SortFunc(keys, func(a, b ranked) int {
			if a.rank != b.rank {
				return cmp.Compare(a.rank, b.rank)
			}
			return cmp.Compare(a.place, b.place)
		})
		to := r/c.Inner*c.First*c.Inner + r%c.Inner
		y, places := see[uint64](a.Out[0])[to:], a.Out[1].I32()[to:]
		for j, k := range keys[:c.First] {
			y[j*c.Inner], places[j*c.Inner] = x[int(k.place)*c.Inner], int32(k.place)
		}
	}, 16
}
