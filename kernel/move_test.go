package kernel

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func randomBytes(n int) Memory {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	m := make(Memory, n)
	for i := range m {
		m[i] = byte(r.Uint32())
	}
	return m
}

// TestStridedCopyOfAnySpace copies permuted, repeated and reversed operands.
func TestStridedCopyOfAnySpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		elem := rapid.SampledFrom([]int{1, 2, 4, 8}).Draw(t, "elem")
		space := rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 3, 8, 17, 40, 130}), 0, 4).Draw(t, "space")
		n := 1
		for _, d := range space {
			n *= d
		}
		if n > 1<<17 {
			t.Skip("too large")
		}
		src, size := drawOperand(t, space)
		dst := make([]int, len(space))
		total := 1
		for _, axis := range rapid.Permutation(identity(len(space))).Draw(t, "order") {
			dst[axis] = total
			total *= space[axis]
		}
		offset := 0
		for axis := range space {
			if rapid.IntRange(0, 3).Draw(t, "reversed") == 0 {
				offset += src[axis] * (space[axis] - 1)
				src[axis] = -src[axis]
			}
		}
		x := randomBytes(size * elem)
		got := runEach(t, StridedCopy(elem, space, dst, src, 0, offset), []Memory{x}, n*elem)[0]
		for i := range n {
			from, to := (place(space, src, i)+offset)*elem, place(space, dst, i)*elem
			if !bytes.Equal(got[to:to+elem], x[from:from+elem]) {
				t.Fatalf("element %d of %v is % x, want % x", i, space, got[to:to+elem], x[from:from+elem])
			}
		}
	})
}

func identity(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

func TestConcat(t *testing.T) {
	for _, elem := range []int{1, 4, 8} {
		sizes := []int{3, 0, 1000, 7}
		const outer = 50
		var in []Memory
		var want Memory
		for _, n := range sizes {
			in = append(in, randomBytes(outer*n*elem))
		}
		for r := range outer {
			for k, n := range sizes {
				want = append(want, in[k][r*n*elem:(r+1)*n*elem]...)
			}
		}
		if got := runEach(t, Concat(elem, outer, sizes), in, len(want))[0]; !slices.Equal(got, want) {
			t.Errorf("elements of %d bytes: other bytes", elem)
		}
	}
	if Concat(3, 1, []int{1}) != nil {
		t.Error("there is code for elements of 3 bytes")
	}
}

// TestPadOfAnyShape pads, cuts and spreads one axis of three.
func TestPadOfAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape, low, high, interior := make([]int, 3), make([]int, 3), make([]int, 3), make([]int, 3)
		out, total, size := make([]int, 3), 1, 1
		for i := range 3 {
			shape[i] = rapid.IntRange(1, 9).Draw(t, "size")
			interior[i] = rapid.IntRange(0, 2).Draw(t, "interior")
			wide := (shape[i]-1)*(interior[i]+1) + 1
			low[i] = rapid.IntRange(-wide, 4).Draw(t, "low")
			high[i] = rapid.IntRange(-(wide+min(low[i], 0)), 4).Draw(t, "high")
			out[i] = max(0, low[i]+wide+high[i])
			total, size = total*out[i], size*shape[i]
		}
		x, value := randomBytes(4*size), Memory{1, 2, 3, 4}
		got := runEach(t, Pad(4, shape, low, high, interior), []Memory{x, value}, 4*total)[0]
		for i := range total {
			index, from, inside := i, 0, true
			stride := 1
			for k := 2; k >= 0; k-- {
				p := index%out[k] - low[k]
				index /= out[k]
				step := interior[k] + 1
				inside = inside && p >= 0 && p%step == 0 && p/step < shape[k]
				from += p / step * stride
				stride *= shape[k]
			}
			want := value
			if inside {
				want = x[4*from : 4*from+4]
			}
			if !bytes.Equal(got[4*i:4*i+4], want) {
				t.Fatalf("element %d is % x, want % x", i, got[4*i:4*i+4], want)
			}
		}
	})
}

func TestFillBytes(t *testing.T) {
	want := bytes.Repeat([]byte{7, 8, 9}, 50000)
	if got := runEach(t, FillBytes(150000, []byte{7, 8, 9}), nil, 150000)[0]; !bytes.Equal(got, want) {
		t.Error("other bytes")
	}
}

func TestMovesDoNotAllocate(t *testing.T) {
	m := make(Memory, 4*6400)
	noAllocs(t, StridedCopy(4, []int{80, 80}, []int{80, 1}, []int{1, 80}, 0, 0), []Memory{m}, []Memory{make(Memory, 4*6400)})
	noAllocs(t, Concat(4, 40, []int{80, 80}), []Memory{m, m}, []Memory{make(Memory, 4*6400)})
}
