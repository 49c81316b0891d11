package tfjs

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// quantization says how numbers are stored: as q of uint8 or uint16, which stands
// for q·scale + min, or as float16. The zero quantization is none.
type quantization struct {
	DType string   `json:"dtype"`
	Scale *float64 `json:"scale"`
	Min   *float64 `json:"min"`
}

// size is the bytes of a number that is stored so; 0 for none.
func (q quantization) size() int {
	switch q.DType {
	case "uint8":
		return 1
	case "uint16", "float16":
		return 2
	}
	return 0
}

// check says whether v can be stored so.
func (q quantization) check(v *variable) error {
	switch {
	case q == quantization{}:
		return nil
	case q.size() == 0:
		return fmt.Errorf("tfjs: %q is quantised to %q; uint8, uint16 and float16 are read", v.name, q.DType)
	case q.DType != "float16" && (q.Scale == nil || q.Min == nil):
		return fmt.Errorf("tfjs: %q is quantised to %s without scale and min", v.name, q.DType)
	case v.typ.DType != tensor.Float32 && (v.typ.DType != tensor.Int32 || q.DType == "float16"):
		return fmt.Errorf("tfjs: %q of type %v is quantised to %s", v.name, v.typ.DType, q.DType)
	}
	return nil
}

// bytes is how much of the files v takes.
func (v *variable) bytes() int64 {
	if n := v.store.size(); n > 0 {
		return int64(v.typ.Shape.Size()) * int64(n)
	}
	return int64(v.typ.Bytes())
}

// read is the numbers of v.
func (v *variable) read() (tensor.Tensor, error) {
	t := tensor.New(v.typ)
	if v.store.size() == 0 {
		v.data.copy(t.Bytes(), v.at)
		return t, toHost(t, v.name)
	}
	raw := make([]byte, v.bytes())
	v.data.copy(raw, v.at)
	for i := range v.typ.Shape.Size() {
		x := v.store.number(raw, i)
		if v.typ.DType == tensor.Int32 {
			tensor.Of[int32](t)[i] = int32(min(max(math.Floor(x+0.5), math.MinInt32), math.MaxInt32))
			continue
		}
		t.Floats()[i] = float32(x)
	}
	return t, nil
}

// number is what the i-th stored number stands for.
func (q quantization) number(raw []byte, i int) float64 {
	switch q.DType {
	case "uint8":
		return float64(raw[i])*(*q.Scale) + *q.Min
	case "uint16":
		return float64(binary.LittleEndian.Uint16(raw[2*i:]))*(*q.Scale) + *q.Min
	}
	return float64(tensor.HalfToFloat(binary.LittleEndian.Uint16(raw[2*i:])))
}

// toHost turns little-endian elements into those of this machine and checks
// bools.
func toHost(t tensor.Tensor, name string) error {
	b, size := t.Bytes(), t.DType().Size()
	if t.DType() == tensor.Bool {
		if k := slices.IndexFunc(b, func(v byte) bool { return v > 1 }); k >= 0 {
			return fmt.Errorf("tfjs: %q: element %d is a bool of value %d", name, k, b[k])
		}
	}
	if size < 2 || binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return nil
	}
	for e := range slices.Chunk(b, size) {
		slices.Reverse(e)
	}
	return nil
}
