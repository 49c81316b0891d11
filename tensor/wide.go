package tensor

// Wide is a tensor as definitions see it: floating-point elements as float64,
// all others as int64 (uint64 by its bits, Bool as 0 or 1). Exactly one of F
// and I is used, by the kind of Type.DType.
type Wide struct {
	Type Type
	F    []float64
	I    []int64
}

// NewWide returns a wide tensor of zeros.
func NewWide(t Type) Wide {
	if t.DType.Float() {
		return Wide{Type: t, F: make([]float64, t.Shape.Size())}
	}
	return Wide{Type: t, I: make([]int64, t.Shape.Size())}
}

// Widen copies t; nothing is lost.
func Widen(t Tensor) Wide {
	w := NewWide(t.typ)
	w.Load(t.mem)
	return w
}

// Load copies the elements of w from memory of w.Type.Bytes() bytes.
func (w Wide) Load(mem []byte) { w.Type.DType.info.load(mem, w.F, w.I) }

// Narrow copies w into a tensor of its type: floats are rounded to nearest
// even, integers wrap around.
func (w Wide) Narrow() Tensor {
	t := New(w.Type)
	w.NarrowInto(t.mem)
	return t
}

// NarrowInto is Narrow into memory of w.Type.Bytes() bytes.
func (w Wide) NarrowInto(mem []byte) { w.Type.DType.info.store(mem, w.F, w.I) }

// Wrap brings the integers of w into the range of w's element type, as
// arithmetic on that type wraps around. It leaves floats alone.
func (w Wide) Wrap() {
	if w.Type.DType.Float() {
		return
	}
	mem := make([]byte, w.Type.Bytes())
	w.Type.DType.info.store(mem, nil, w.I)
	w.Type.DType.info.load(mem, nil, w.I)
}

// Saturate brings the elements of w into the range of w's element type: what is
// beyond becomes the largest or the least finite value, infinities too; NaN
// stays. Narrow then rounds: together they are the Cast of ONNX with saturate=1.
func (w Wide) Saturate() {
	low, high := w.Type.DType.Range()
	for i, v := range w.F {
		if v == v {
			w.F[i] = min(max(v, low), high)
		}
	}
	if w.Type.DType.Bits() == 64 {
		return // every int64 is a value
	}
	for i, v := range w.I {
		w.I[i] = min(max(v, int64(low)), int64(high))
	}
}

func loadInt[T Element](src []byte, _ []float64, i []int64) {
	for j, v := range view[T](src) {
		i[j] = int64(v)
	}
}

func storeInt[T Element](dst []byte, _ []float64, i []int64) {
	d := view[T](dst)
	for j, v := range i {
		d[j] = T(v)
	}
}

func loadFloat[T float32 | float64](src []byte, f []float64, _ []int64) {
	for j, v := range view[T](src) {
		f[j] = float64(v)
	}
}

func storeFloat[T float32 | float64](dst []byte, f []float64, _ []int64) {
	d := view[T](dst)
	for j, v := range f {
		d[j] = T(v)
	}
}
