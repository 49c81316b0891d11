package kernel

import "unsafe"

const (
	maxAxes   = 16
	blockSize = 1024 // elements; several blocks fit the first cache
)

// space is an iteration space, outermost axis first, with neighbouring axes
// merged where all operands allow it.
type space struct {
	dims     []int
	operands []operand
	n        int // elements
	block    int // elements of a block
	longest  int // the longest period that a block can have
	target   int // about how many there should be, at most blockSize
}

// operand is how one operand lies under the space.
type operand struct {
	strides []int
	size    int   // bytes of an element
	load    vecOp // what makes float32 of its elements
	period  int   // elements after which the operand repeats
	run     int   // so many last elements lie one behind the other
	full    bool
	once    bool // every block sees the same elements
}

// newSpace merges axes. ok is false for what is too complicated.
func newSpace(dims []int, strides [][]int) (s *space, ok bool) {
	s = &space{n: 1, target: blockSize, operands: make([]operand, len(strides))}
	for _, st := range strides {
		if len(st) != len(dims) {
			return nil, false
		}
	}
	for i, d := range dims {
		s.n *= d
		if d == 1 {
			continue
		}
		s.push(d, strides, i)
	}
	if len(s.dims) == 0 {
		s.dims = []int{1}
		for k := range s.operands {
			s.operands[k].strides = []int{0}
		}
	}
	s.describe()
	return s, len(s.dims) <= maxAxes
}

// push adds axis i of size d, merged with the axis before if possible.
func (s *space) push(d int, strides [][]int, i int) {
	last := len(s.dims) - 1
	merge := last >= 0
	for k := range s.operands {
		merge = merge && s.operands[k].strides[last] == strides[k][i]*d
	}
	if merge {
		s.dims[last] *= d
	} else {
		s.dims = append(s.dims, d)
		last++
	}
	for k := range s.operands {
		o := &s.operands[k]
		o.strides = append(o.strides[:last], strides[k][i])
	}
}

// describe finds out how each operand repeats and chooses the block.
func (s *space) describe() {
	longest := 1
	for k := range s.operands {
		o := &s.operands[k]
		o.size, o.load, o.run, o.period = 4, opCopy, 1, 1
		inside := 1
		whole := true
		for i := len(s.dims) - 1; i >= 0; i-- {
			if whole && o.strides[i] == inside {
				o.run *= s.dims[i]
			} else {
				whole = false
			}
			inside *= s.dims[i]
			if o.strides[i] != 0 {
				o.period = inside
			}
		}
		o.full = o.run >= s.n
		if o.period <= blockSize {
			longest = max(longest, o.period)
		}
	}
	s.longest = longest
	s.align(longest)
}

// crowd makes blocks so small that so many of them fit the first cache.
func (s *space) crowd(slots int) {
	const cache = 28 << 10
	s.target = min(blockSize, max(256, cache/(4*max(slots, 1))&^15))
	s.align(s.longest)
}

// align makes the block a multiple of period, and of 16 where that fits.
func (s *space) align(period int) {
	unit := period
	for unit%16 != 0 && unit*2 <= s.target {
		unit *= 2
	}
	s.block = max(s.target/unit, 1) * unit
	for k := range s.operands {
		o := &s.operands[k]
		o.once = !o.full && s.block%o.period == 0
	}
}

// offset is where element i of the space lies in o, in elements.
func (s *space) offset(o *operand, i int) int {
	if o.full {
		return i
	}
	pos := 0
	for k := len(s.dims) - 1; k > 0; k-- {
		q := i / s.dims[k]
		pos += (i - q*s.dims[k]) * o.strides[k]
		i = q
	}
	return pos + i*o.strides[0]
}

// straight says whether n elements from i on lie one behind the other.
func (o *operand) straight(i, n int) bool { return o.full || i%o.run+n <= o.run }

// gather collects n elements of o from element i of the space on into dst.
func (s *space) gather(v *vecTable, dst unsafe.Pointer, o *operand, src unsafe.Pointer, i, n int) {
	last := len(s.dims) - 1
	var index [maxAxes]int
	pos := 0
	for k := last; k >= 0; k-- {
		q := i / s.dims[k]
		index[k] = i - q*s.dims[k]
		pos += index[k] * o.strides[k]
		i = q
	}
	for done := 0; done < n; {
		run := min(s.dims[last]-index[last], n-done)
		o.collect(v, at(dst, done), unsafe.Add(src, pos*o.size), run, o.strides[last])
		done += run
		pos += run * o.strides[last]
		index[last] += run
		for k := last; k > 0 && index[k] == s.dims[k]; k-- {
			pos += o.strides[k-1] - s.dims[k]*o.strides[k]
			index[k] = 0
			index[k-1]++
		}
	}
}

// collect copies n elements that lie stride elements apart.
func (o *operand) collect(v *vecTable, dst, src unsafe.Pointer, n, stride int) {
	switch {
	case stride == 1:
		v.op[o.load](dst, src, nil, nil, n)
	case stride == 0:
		v.op[o.load](dst, src, nil, nil, 1)
		v.op[opFill](dst, dst, nil, nil, n)
	case o.load != opCopy:
		for i := range f32(dst, n) {
			v.op[o.load](at(dst, i), unsafe.Add(src, i*stride*o.size), nil, nil, 1)
		}
	default:
		for i := range f32(dst, n) {
			*(*float32)(at(dst, i)) = *(*float32)(at(src, i*stride))
		}
	}
}
