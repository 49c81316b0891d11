package tensor_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/ihae/ihae/tensor"
)

func ExampleDims() {
	s := tensor.Dims(2, 3)
	fmt.Println(s, s.Size(), s.Dim(-1), s == tensor.Dims(2).Append(3), tensor.F32(2, 3))
	// Output: [2 3] 6 3 true float32[2 3]
}

// TestHalf goes through all bit patterns: each is the nearest of its value, and
// of two neighbours the even one is the nearest of their middle.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		v := float64(tensor.HalfToFloat(uint16(h)))
		if v != v {
			if got := tensor.HalfToFloat(tensor.HalfFromFloat(v)); got == got {
				t.Fatalf("%#x: NaN becomes %v", h, got)
			}
			continue
		}
		if got := tensor.HalfFromFloat(v); got != uint16(h) {
			t.Fatalf("%#x is %v, which rounds to %#x", h, v, got)
		}
		if h&0x7fff >= 0x7bff {
			continue
		}
		next := float64(tensor.HalfToFloat(uint16(h + 1)))
		middle, even := (v+next)/2, uint16(h+h&1)
		for x, want := range map[float64]uint16{
			middle:                    even,
			math.Nextafter(middle, v): uint16(h), math.Nextafter(middle, next): uint16(h + 1),
		} {
			if got := tensor.HalfFromFloat(x); got != want {
				t.Fatalf("%v rounds to %#x, want %#x", x, got, want)
			}
		}
	}
	if got := tensor.HalfFromFloat(65520); got != 0x7c00 {
		t.Errorf("65520 rounds to %#x, want infinity", got)
	}
}

// TestBFloat rounds float64 once: by way of float32 the first would be a tie.
func TestBFloat(t *testing.T) {
	for x, want := range map[float64]float64{
		1 + 1.0/256 + 1.0/(1<<40): 1 + 1.0/128, 1 + 1.0/256: 1, 1 + 3.0/256: 1 + 2.0/128,
		-1e-60: math.Copysign(0, -1), 1e300: math.Inf(1), math.Inf(-1): math.Inf(-1),
	} {
		w := tensor.NewWide(tensor.Type{DType: tensor.BFloat16})
		w.F[0] = x
		if got := tensor.Widen(w.Narrow()).F[0]; got != want {
			t.Errorf("%v rounds to %v, want %v", x, got, want)
		}
	}
}

// TestWrap holds integers to Go's conversions.
func TestWrap(t *testing.T) {
	for _, c := range []struct {
		d       tensor.DType
		v, want int64
	}{
		{tensor.Int8, 128, -128}, {tensor.Uint8, -1, 255}, {tensor.Int16, 1 << 15, -1 << 15},
		{tensor.Uint16, -1, 1<<16 - 1}, {tensor.Int32, 1 << 31, -1 << 31}, {tensor.Uint32, -1, 1<<32 - 1},
		{tensor.Int64, -1, -1}, {tensor.Uint64, -1, -1}, {tensor.Bool, -7, 1},
	} {
		w := tensor.NewWide(tensor.Type{DType: c.d})
		w.I[0] = c.v
		w.Wrap()
		if w.I[0] != c.want {
			t.Errorf("%v: %d wraps to %d, want %d", c.d, c.v, w.I[0], c.want)
		}
	}
}

// TestEveryDTypeRoundTrips writes and reads small numbers of each type.
func TestEveryDTypeRoundTrips(t *testing.T) {
	for _, name := range tensor.DTypes() {
		d, err := tensor.ParseDType(name)
		if err != nil {
			t.Fatal(err)
		}
		w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(2)})
		for i := range w.F {
			w.F[i] = float64(i+1) / 2
		}
		for i := range w.I {
			w.I[i] = int64(i)
		}
		got := tensor.Widen(w.Narrow())
		if fmt.Sprint(got) != fmt.Sprint(w) || d.Name() != name {
			t.Errorf("%s: %v becomes %v", name, w, got)
		}
	}
	if _, err := tensor.ParseDType("float33"); err == nil {
		t.Error("float33 is an element type")
	}
}

// TestView refuses memory that does not fit the type.
func TestView(t *testing.T) {
	mem := tensor.New(tensor.F32(4)).Bytes()
	if _, err := tensor.View(tensor.F32(3), mem); err == nil {
		t.Error("16 bytes are 3 elements")
	}
	across, err := tensor.View(tensor.F32(3), mem[1:13])
	if fine := runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"; fine != (err == nil) {
		t.Errorf("elements that lie across: %v", err)
	} else if fine {
		copy(mem[5:], []byte{0, 0, 128, 63}) // 1
		if got := across.Floats()[1]; got != 1 {
			t.Errorf("read across as %v, want 1", got)
		}
		clear(mem)
	}
	x, err := tensor.View(tensor.F32(2, 2), mem)
	if err != nil {
		t.Fatal(err)
	}
	x.Floats()[3] = 5
	if mem[15] == 0 {
		t.Error("the memory is not shared")
	}
}

// TestCheckedDims refuses what overflows, in any order of the axes.
func TestCheckedDims(t *testing.T) {
	for _, d := range [][]int{{1 << 40, 1 << 40}, {0, 1 << 40, 1 << 40}, {1 << 40, 1 << 40, 0}, {-1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}} {
		if s, err := tensor.CheckedDims(d...); err == nil {
			t.Errorf("%v is the shape %v", d, s)
		}
	}
	if _, err := tensor.CheckedDims(0, 7); err != nil {
		t.Error(err)
	}
}

// TestOf sees elements as their Go type only.
func TestOf(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("uint32 is seen as int32")
		}
	}()
	tensor.Of[int32](tensor.New(tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)}))
}
