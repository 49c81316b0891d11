package zoo_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// one is a network of one parameter.
type one struct{ P *nn.Param }

func (one) Forward(_ *nn.Ctx, x *graph.Node) *graph.Node { return x }

func reshape(t *testing.T, v tensor.Tensor, dims ...int) tensor.Tensor {
	t.Helper()
	w, err := v.Reshape(tensor.Dims(dims...))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// FuzzLoadWeights fills one parameter of any shape from a tensor of any name,
// shape and type, with any layout: filled or an error, never a panic, and every
// number of the parameter is one of the tensor's.
func FuzzLoadWeights(f *testing.F) {
	f.Add("x", []byte{3, 2}, []byte{2, 3}, byte(1), byte(0), byte(0), byte(0))
	f.Add("module.x", []byte{2, 2, 4, 6}, []byte{4, 6, 2, 2}, byte(3), byte(0), byte(0), byte(1))
	f.Add("x", []byte{4, 6}, []byte{4, 2}, byte(0), byte(0), byte(0x13), byte(2))
	f.Add("x", []byte{3, 8}, []byte{8, 3}, byte(0), byte(4), byte(0), byte(0))
	f.Add("y.num_batches_tracked", []byte{}, []byte{}, byte(0), byte(0), byte(0), byte(3))
	types := []tensor.DType{tensor.Float32, tensor.Float16, tensor.BFloat16, tensor.Int64, tensor.Bool, tensor.Float64}
	f.Fuzz(func(t *testing.T, name string, theirs, ours []byte, flags, places, parts, dtype byte) {
		shape := func(list []byte) (tensor.Shape, bool) {
			var dims []int
			for _, b := range list {
				dims = append(dims, int(b%16))
			}
			s, err := tensor.CheckedDims(dims...)
			return s, err == nil && s.Size() <= 1<<16
		}
		from, ok1 := shape(theirs)
		to, ok2 := shape(ours)
		if !ok1 || !ok2 {
			return
		}
		w := tensor.NewWide(tensor.Type{DType: types[int(dtype)%len(types)], Shape: from})
		for i := range w.F {
			w.F[i] = float64(1 + i%100)
		}
		layout := zoo.Layout{Turned: flags&1 != 0, Swapped: flags&2 != 0, Places: int(places % 8), Part: int(parts >> 4), Of: int(parts & 15)}
		net := one{&nn.Param{Value: tensor.New(tensor.Type{DType: tensor.Float32, Shape: to})}}
		m := zoo.Mapping{Name: "fuzz", Rules: []zoo.Rule{{Ours: "p", Theirs: "x", Layout: layout}}}
		err := zoo.LoadWeights(net, m, []string{name}, func(string) (tensor.Tensor, error) { return w.Narrow(), nil })
		var fault *zoo.WeightsError
		if err != nil && (!errors.As(err, &fault) || fmt.Sprint(err) == "") {
			t.Fatal(err)
		}
		for i, v := range net.P.Value.Floats() {
			if err == nil && (v < 1 || v > 100) {
				t.Fatalf("%v of %v, as %v: number %d is %v", layout, from, to, i, v)
			}
		}
	})
}
