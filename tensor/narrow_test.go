package tensor_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/tensor"
)

// TestNarrowFloatsAsMLDTypes holds all codes and 4,600 numbers, most of them at
// or beside the middle of two values, to what the Python package ml_dtypes makes
// of them: see testdata/narrow.py.
func TestNarrowFloatsAsMLDTypes(t *testing.T) {
	file, err := os.ReadFile("testdata/narrow.bin")
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(file)
	read := func(v any) {
		if err := binary.Read(r, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	var n uint32
	read(&n)
	short := make([]float32, n)
	read(short)
	numbers := make([]float64, n)
	for i, v := range short {
		numbers[i] = float64(v)
	}
	for _, d := range []tensor.DType{
		tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ, tensor.Float8E8M0, tensor.Float4E2M1,
	} {
		var values [256]float64
		read(&values)
		codes := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(256)})
		for c := range codes.Bytes() {
			codes.Bytes()[c] = uint8(c)
		}
		for c, v := range tensor.Widen(codes).F[:1<<d.Bits()] {
			if want := values[c]; math.Float64bits(v) != math.Float64bits(want) && (v == v || want == want) {
				t.Errorf("%v: code %#x is %v, want %v", d, c, v, want)
			}
		}
		want := make([]uint8, n)
		read(want)
		got := tensor.Wide{Type: tensor.Type{DType: d, Shape: tensor.Dims(int(n))}, F: numbers}.Narrow()
		for i, c := range tensor.Of[uint8](got) {
			if c != want[i] && !(d == tensor.Float8E8M0 && math.Abs(numbers[i]) < 0x1p-126) { // ml_dtypes does not go to the nearest there
				t.Errorf("%v: %v (%x) becomes %#x, want %#x", d, numbers[i], numbers[i], c, want[i])
			}
		}
	}
	if r.Len() != 0 || n < 3000 {
		t.Errorf("%d numbers, %d bytes left", n, r.Len())
	}
}

// TestNarrowFloatsRoundOnce: of all values the nearest, of two the one with the
// even code; by way of float32 what is beside the middle would be a tie.
func TestNarrowFloatsRoundOnce(t *testing.T) {
	for _, d := range []tensor.DType{
		tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ, tensor.Float4E2M1,
	} {
		value := func(code int) float64 {
			x, err := tensor.View(tensor.Type{DType: d}, []byte{uint8(code)})
			if err != nil {
				t.Fatal(err)
			}
			return tensor.Widen(x).F[0]
		}
		_, most := d.Range()
		for code := 0; value(code) < most; code++ {
			v, next := value(code), value(code+1)
			middle, even := (v+next)/2, code+code&1
			for x, want := range map[float64]int{
				v: code, middle: even, math.Nextafter(middle, 0): code, math.Nextafter(middle, most): code + 1,
			} {
				for _, sign := range []float64{1, -1} {
					got := tensor.Widen(tensor.Wide{Type: tensor.Type{DType: d}, F: []float64{sign * x}}.Narrow()).F[0]
					if got != sign*value(want) {
						t.Errorf("%v: %x rounds to %v, want %v", d, sign*x, got, sign*value(want))
					}
				}
			}
		}
	}
}

// TestSaturate: the table of ONNX's operator Cast, version 19 and later.
func TestSaturate(t *testing.T) {
	inf := math.Inf(1)
	for d, most := range map[tensor.DType]float64{
		tensor.Float8E4M3FN: 448, tensor.Float8E4M3FNUZ: 240, tensor.Float8E5M2: 57344, tensor.Float8E5M2FNUZ: 57344, tensor.Float4E2M1: 6,
	} {
		for x, want := range map[float64]float64{inf: most, -inf: -most, most + 1: most, -1e300: -most, 1: 1, -0.5: -0.5, most: most} {
			w := tensor.Wide{Type: tensor.Type{DType: d}, F: []float64{x}}
			w.Saturate()
			if got := tensor.Widen(w.Narrow()).F[0]; got != want {
				t.Errorf("%v: %v saturates to %v, want %v", d, x, got, want)
			}
		}
		w := tensor.Wide{Type: tensor.Type{DType: d}, F: []float64{math.NaN()}}
		if w.Saturate(); w.F[0] == w.F[0] {
			t.Errorf("%v: NaN saturates to %v", d, w.F[0])
		}
	}
	for d, want := range map[tensor.DType][2]int64{
		tensor.Int4: {-8, 7}, tensor.Uint4: {0, 15}, tensor.Int2: {-2, 1}, tensor.Uint2: {0, 3}, tensor.Int8: {-128, 127}, tensor.Uint16: {0, 65535},
		tensor.Int64: {math.MinInt64, math.MaxInt64}, tensor.Bool: {0, 1},
	} {
		w := tensor.Wide{Type: tensor.Type{DType: d, Shape: tensor.Dims(2)}, I: []int64{math.MinInt64, math.MaxInt64}}
		if w.Saturate(); w.I[0] != want[0] || w.I[1] != want[1] {
			t.Errorf("%v: the range is %v, want %v", d, w.I, want)
		}
	}
}

// TestScaleRoundings: the column "saturate + up" of ONNX's Cast, and its
// neighbours.
func TestScaleRoundings(t *testing.T) {
	for _, c := range []struct {
		x                 float64
		nearest, up, down uint8
	}{
		{1, 127, 127, 127}, {1.25, 127, 128, 127}, {1.5, 128, 128, 127}, {3, 129, 129, 128}, {0x1p-127, 0, 0, 0}, {0x1p-130, 0, 0, 0},
		{0x1p127, 254, 254, 254}, {0x1.4p127, 254, 255, 254}, {0x1.8p127, 255, 255, 254}, {0x1p128, 255, 255, 255},
		{0, 255, 255, 255}, {-1, 255, 255, 255}, {math.NaN(), 255, 255, 255}, {math.Inf(1), 255, 255, 255},
	} {
		got := [3]uint8{tensor.ScaleFromFloat(c.x, tensor.Nearest), tensor.ScaleFromFloat(c.x, tensor.Up), tensor.ScaleFromFloat(c.x, tensor.Down)}
		if got != [3]uint8{c.nearest, c.up, c.down} {
			t.Errorf("%v rounds to %v, want %v", c.x, got, [3]uint8{c.nearest, c.up, c.down})
		}
	}
	w := tensor.Wide{Type: tensor.Type{DType: tensor.Float8E8M0, Shape: tensor.Dims(3)}, F: []float64{0, math.Inf(1), 0x1p-140}}
	w.Saturate()
	if fmt.Sprint(w.F) != fmt.Sprint([]float64{0x1p-127, 0x1p127, 0x1p-127}) {
		t.Errorf("0, infinity and 2^-140 saturate to %v", w.F)
	}
}

// TestPack packs what the specification of ONNX packs: TensorProto.raw_data of
// the 4-bit and 2-bit types.
func TestPack(t *testing.T) {
	for _, c := range []struct {
		d      tensor.DType
		values []int64
		packed []byte
	}{
		{tensor.Uint4, []int64{1, 2, 15}, []byte{0x21, 0x0f}},
		{tensor.Int4, []int64{-1, 7, -8}, []byte{0x7f, 0x08}},
		{tensor.Uint2, []int64{0, 1, 2, 3, 2}, []byte{0b11_10_01_00, 2}},
		{tensor.Int2, []int64{0, 1, -2, -1, -2}, []byte{0b11_10_01_00, 2}},
		{tensor.Int16, []int64{-2}, []byte{0xfe, 0xff}},
	} {
		typ := tensor.Type{DType: c.d, Shape: tensor.Dims(len(c.values))}
		x := tensor.Wide{Type: typ, I: c.values}.Narrow()
		if got := tensor.Pack(x); !bytes.Equal(got, c.packed) {
			t.Errorf("%v: %v is packed as %x, want %x", typ, c.values, got, c.packed)
		}
		if c.d.Bits() < 8 {
			c.packed[len(c.packed)-1] |= 0xf0 // means nothing
		}
		y, err := tensor.Unpack(typ, c.packed)
		if err != nil || !bytes.Equal(x.Bytes(), y.Bytes()) {
			t.Errorf("%v: %x is unpacked as %v, %v", typ, c.packed, y.Bytes(), err)
		}
		if _, err := tensor.Unpack(typ, append(c.packed, 0)); err == nil {
			t.Errorf("%v: a byte too many is unpacked", typ)
		}
	}
	x, err := tensor.Unpack(tensor.Type{DType: tensor.Int4, Shape: tensor.Dims(2)}, []byte{0x1e})
	if err != nil || fmt.Sprint(tensor.Of[int8](x)) != "[-2 1]" {
		t.Errorf("int4 seen as int8: %v, %v", x.Bytes(), err)
	}
}

// TestSmallTypesTakeABytePerElement: what elements mean and what they occupy.
func TestSmallTypesTakeABytePerElement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, err := tensor.ParseDType(rapid.SampledFrom(tensor.DTypes()).Draw(t, "type"))
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(0, 9).Draw(t, "n")
		typ := tensor.Type{DType: d, Shape: tensor.Dims(n)}
		if typ.Bytes() != n*d.Size() || d.Size() != max(1, d.Bits()/8) || tensor.PackedBytes(typ) != (n*d.Bits()+7)/8 {
			t.Fatalf("%v: %d bytes, packed %d", typ, typ.Bytes(), tensor.PackedBytes(typ))
		}
		w := tensor.NewWide(typ)
		for i := range w.I {
			w.I[i] = rapid.Int64().Draw(t, "v")
		}
		for i := range w.F {
			w.F[i] = rapid.Float64().Draw(t, "v")
		}
		x := w.Narrow()
		y, err := tensor.Unpack(typ, tensor.Pack(x))
		if err != nil || !bytes.Equal(x.Bytes(), y.Bytes()) {
			t.Fatalf("%v: %v is unpacked as %v, %v", typ, x.Bytes(), y.Bytes(), err)
		}
		// A value that was stored is stored again as the same.
		if again := tensor.Widen(x).Narrow(); !bytes.Equal(again.Bytes(), x.Bytes()) {
			t.Fatalf("%v: %v is stored again as %v", typ, x.Bytes(), again.Bytes())
		}
	})
}
