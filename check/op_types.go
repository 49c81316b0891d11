package check

import (
	"fmt"
	"math/rand/v2"
	"reflect"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// refuses asks that the type rule counts its operands: it takes neither none
// nor one of a type that no operation wants beside the others.
func refuses(op graph.Op, in []tensor.Type) error {
	odd := tensor.Type{DType: tensor.Bool, Shape: tensor.Dims(3, 1, 2, 1, 3)}
	tries := [][]tensor.Type{append(append([]tensor.Type{}, in...), odd)}
	if len(in) > 0 {
		tries = append(tries, nil)
	}
	for _, t := range tries {
		var err error
		if p := guarded(func() error { _, err = op.Infer(t); return nil }); p != nil {
			return fmt.Errorf("Infer of %d operands: %w", len(t), p)
		}
		if err == nil {
			return fmt.Errorf("Infer takes %d operands: %v", len(t), t)
		}
	}
	return nil
}

// trials is how many spoilt attributes and types survives tries.
const trials = 150

// small is how many elements an operation may have for survives to run it.
const small = 2000

// survives spoils the sample's attributes and types at random and asks that
// Infer does not panic, and that what it accepts can be computed.
func survives(op graph.Op, in []tensor.Type, r rng.Stream) error {
	rand := r.Rand()
	for i := range trials {
		o, t := op, append([]tensor.Type{}, in...)
		if i%2 == 0 {
			o = spoilOp(op, rand)
		}
		for range rand.IntN(3) {
			t = spoilTypes(t, rand)
		}
		if err := guarded(func() error { return survivesOne(o, t, r.At(uint64(i))) }); err != nil {
			return fmt.Errorf("%+v on %v: %w", o, t, err)
		}
	}
	return nil
}

func survivesOne(op graph.Op, in []tensor.Type, r rng.Stream) error {
	out, err := op.Infer(in)
	if err != nil {
		return nil
	}
	for _, t := range out {
		if t.DType.Bits() == 0 {
			return fmt.Errorf("Infer gives a result without a type")
		}
		if _, err := tensor.CheckedDims(t.Shape.Dims()...); err != nil {
			return fmt.Errorf("Infer gives an impossible result: %w", err)
		}
	}
	if c, ok := op.(graph.Costed); ok && c.FLOPs(in, out) < 0 {
		return fmt.Errorf("FLOPs is negative")
	}
	if !modest(reflect.ValueOf(op)) {
		return nil
	}
	for _, t := range append(append([]tensor.Type{}, in...), out...) {
		if t.Shape.Size() > small {
			return nil
		}
	}
	_, err = defines(op, out, Draw(graph.Sample{In: in, Low: -3, High: 5}, r), true)
	return err
}

// modest says whether no attribute is so large that the definition could take
// long, as windows of 2⁴⁰ places would.
func modest(v reflect.Value) bool {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if !modest(v.Field(i)) {
				return false
			}
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			if !modest(v.Index(i)) {
				return false
			}
		}
	case v.CanInt():
		return v.Int() > -small && v.Int() < small
	}
	return true
}

// spoilTypes changes one thing about operand types.
func spoilTypes(in []tensor.Type, rand *rand.Rand) []tensor.Type {
	if len(in) == 0 || rand.IntN(12) == 0 {
		return append(in, randomType(rand))
	}
	i := rand.IntN(len(in))
	t := &in[i]
	switch rand.IntN(6) {
	case 0:
		return in[:i]
	case 1:
		*t = randomType(rand)
	case 2:
		t.DType = randomDType(rand)
	case 3:
		if t.Shape.Rank() < tensor.MaxRank {
			if s, err := tensor.CheckedDims(append(t.Shape.Dims(), randomDim(rand))...); err == nil {
				t.Shape = s
			}
		}
	case 4:
		if r := t.Shape.Rank(); r > 0 {
			t.Shape = t.Shape.Without(rand.IntN(r))
		}
	case 5:
		t.Shape = spoilShape(t.Shape, rand)
	}
	return in
}

func spoilShape(s tensor.Shape, rand *rand.Rand) tensor.Shape {
	d := s.Dims()
	if len(d) == 0 {
		return s
	}
	d[rand.IntN(len(d))] = randomDim(rand)
	if spoilt, err := tensor.CheckedDims(d...); err == nil {
		return spoilt
	}
	return s
}

func randomType(rand *rand.Rand) tensor.Type {
	d := make([]int, rand.IntN(tensor.MaxRank+1))
	for i := range d {
		d[i] = rand.IntN(4)
	}
	return tensor.Type{DType: randomDType(rand), Shape: tensor.Dims(d...)}
}

func randomDType(rand *rand.Rand) tensor.DType {
	names := tensor.DTypes()
	if i := rand.IntN(len(names) + 1); i < len(names) {
		d, _ := tensor.ParseDType(names[i])
		return d
	}
	return tensor.DType{}
}

func randomDim(rand *rand.Rand) int {
	return []int{0, 1, 2, 3, 4, 7, 1 << 20, 1 << 50}[rand.IntN(8)]
}

// spoilOp changes one exported attribute of op, as a file that is read could.
func spoilOp(op graph.Op, rand *rand.Rand) graph.Op {
	if reflect.TypeOf(op).Kind() != reflect.Struct {
		return op
	}
	v := reflect.New(reflect.TypeOf(op)).Elem()
	v.Set(reflect.ValueOf(op))
	spoilField(v, rand)
	return v.Interface().(graph.Op)
}

func spoilField(v reflect.Value, rand *rand.Rand) {
	var open []reflect.Value
	for i := range v.NumField() {
		if v.Field(i).CanSet() {
			open = append(open, v.Field(i))
		}
	}
	if len(open) == 0 {
		return
	}
	f := open[rand.IntN(len(open))]
	switch f.Interface().(type) {
	case ops.Ints:
		f.Set(reflect.ValueOf(spoilInts(f.Interface().(ops.Ints), rand)))
		return
	case tensor.Shape:
		f.Set(reflect.ValueOf(randomType(rand).Shape))
		return
	case tensor.DType:
		f.Set(reflect.ValueOf(randomDType(rand)))
		return
	}
	switch f.Kind() {
	case reflect.Int, reflect.Int64, reflect.Int32:
		f.SetInt([]int64{-1 << 62, -2, -1, 0, 1, 2, 5, 1 << 40, 1<<63 - 1}[rand.IntN(9)] >> (64 - f.Type().Bits()))
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Struct:
		spoilField(f, rand)
	}
}

// spoilInts changes a number of l, or its length.
func spoilInts(l ops.Ints, rand *rand.Rand) ops.Ints {
	v := l.Slice()
	number := func() int { return []int{-1 << 62, -9, -2, -1, 0, 1, 2, 3, 9, 1 << 40, 1 << 62}[rand.IntN(11)] }
	switch i := rand.IntN(len(v) + 2); {
	case i < len(v):
		v[i] = number()
	case i == len(v):
		v = append(v, number())
	case len(v) > 0:
		v = v[1:]
	}
	return ops.List(v...)
}
