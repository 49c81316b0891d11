package tensorflow

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Lists of tensors (TensorArray of TensorFlow 1, TensorList of 2) are one tensor
// with the elements along its first axis. A loop may write one element each
// time; the loop's results are then the list.
func init() {
	register((*call).newArray, "TensorArrayV3")
	register((*call).scatter, "TensorArrayScatterV3")
	register(func(k *call) error { return k.read(2, 1) }, "TensorArrayReadV3")
	register(func(k *call) error { return k.gatherList(2, 1) }, "TensorArrayGatherV3")
	register(func(k *call) error { return k.write(3, 1, 2) }, "TensorArrayWriteV3")
	register((*call).listLength, "TensorArraySizeV3", "TensorListLength")
	register((*call).reserveList, "TensorListReserve", "EmptyTensorList")
	register((*call).listFrom, "TensorListFromTensor")
	register(func(k *call) error { return k.read(0, 1) }, "TensorListGetItem")
	register(func(k *call) error { return k.write(0, 1, 2) }, "TensorListSetItem")
	register((*call).stackList, "TensorListStack")
}

func scalarInt32(v int) tensor.Tensor { return tensor.Scalar(int32(v)) }

// newArray gives the list twice: as a handle and as what flows.
func (k *call) newArray() error {
	if err := k.takes(1); err != nil {
		return err
	}
	a := &array{length: k.in[0], typ: k.typ("dtype", floatType)}
	k.out = []*value{{typ: Resource, array: a}, {typ: floatType, array: a}}
	return nil
}

// listAt is input i as a list; the node must have so many inputs.
func (k *call) listAt(i, inputs int) (*array, error) {
	if err := k.takes(inputs); err != nil {
		return nil, err
	}
	if k.in[i].array == nil {
		return nil, fmt.Errorf("input %d is no list", i)
	}
	return k.in[i].array, nil
}

// counting says whether indices are 0, 1, 2 and so on.
func counting(v *value) bool {
	if v.mark.upTo != nil {
		return true
	}
	n := v.numbers()
	if !n.all() || n.scalar {
		return false
	}
	for i, e := range n.list {
		if e != int64(i) {
			return false
		}
	}
	return true
}

// whole says whether indices are 0, 1, 2 and so on, over all of a list.
func (a *array) whole(v *value) bool {
	if v.mark.upTo != nil {
		return v.mark.upTo == a.length
	}
	n := v.numbers()
	if a.length != nil {
		if length, ok := a.length.numbers().one(); ok {
			return counting(v) && int64(len(n.list)) == length
		}
	}
	return counting(v) && len(n.list) == a.stack.shape.dim(0)
}

// scatter makes the elements of a tensor those of a list.
func (k *call) scatter() error {
	a, err := k.listAt(3, 4)
	if err != nil {
		return err
	}
	if a.stack != nil || a.written != nil || !counting(k.in[1]) {
		return fmt.Errorf("a list that is not filled as a whole")
	}
	return k.filled(a, k.in[2])
}

// filled gives a list with the elements of a tensor.
func (k *call) filled(a *array, v *value) error {
	y := &array{length: a.length, typ: v.typ, stack: v}
	if v.shape.ranked && len(v.shape.dims) > 0 {
		y.element = dimsOf(v.shape.dims[1:]...)
	}
	return k.same(&value{typ: floatType, array: y})
}

// read gives one element.
func (k *call) read(list, index int) error {
	a, err := k.listAt(list, max(list, index)+1)
	if err != nil {
		return err
	}
	if a.stack == nil {
		return fmt.Errorf("reads from a list before it is filled")
	}
	return k.give(a.stack.typ, a.element, "Gather", []string{k.use(a.stack), k.use(k.in[index])}, onnx.Int("axis", 0))
}

// gatherList gives elements along a first axis.
func (k *call) gatherList(list, index int) error {
	a, err := k.listAt(list, max(list, index)+1)
	switch {
	case err != nil:
		return err
	case a.stack == nil:
		return fmt.Errorf("a list that is not filled as a whole")
	case a.whole(k.in[index]):
		return k.same(a.stack)
	}
	return k.give(a.stack.typ, a.stack.shape.with(0, unknown), "Gather",
		[]string{k.use(a.stack), k.use(k.in[index])}, onnx.Int("axis", 0))
}

// write notes that one element is written.
func (k *call) write(list, index, item int) error {
	a, err := k.listAt(list, max(list, item)+1)
	if err != nil {
		return err
	}
	if a.written != nil {
		return fmt.Errorf("two elements of a list are written at once")
	}
	y := *a
	y.base, y.index, y.written = a, k.in[index], k.in[item]
	return k.same(&value{typ: k.in[list].typ, array: &y})
}

// listLength is the number of elements.
func (k *call) listLength() error {
	a, err := k.listAt(0, 1)
	switch {
	case err != nil:
		return err
	case a.length != nil:
		return k.same(a.length)
	case a.stack == nil:
		return fmt.Errorf("a list whose length is not known")
	}
	n := &ints{true, []int64{number(a.stack.shape.dim(0))}}
	return k.giveInts(n, int32Type, func() error {
		size := k.node("Shape", []string{k.use(a.stack)}, onnx.Int("end", 1))
		return k.give(int32Type, dimsOf(), "Cast", []string{k.node("Squeeze", []string{size})}, k.to(int32Type))
	})
}

func (k *call) reserveList() error {
	if err := k.takes(2); err != nil {
		return err
	}
	length := k.in[1]
	if k.n.Op == "EmptyTensorList" { // the input is how many there may be
		length = constant("", scalarInt32(0))
	}
	a := &array{length: length, typ: k.typ("element_dtype", floatType), element: shapeFrom(k.in[0].numbers())}
	return k.same(&value{typ: Variant, array: a})
}

func (k *call) listFrom() error {
	if err := k.takes(1); err != nil {
		return err
	}
	return k.filled(&array{}, k.in[0])
}

func (k *call) stackList() error {
	a, err := k.listAt(0, 1)
	if err != nil {
		return err
	}
	if a.stack == nil {
		return fmt.Errorf("a list that is not filled as a whole")
	}
	return k.same(a.stack)
}
