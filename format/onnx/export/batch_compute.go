package export

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Vectors of numbers that depend on the batch, computed before all else.

// compute is the name of a vector of numbers.
func (j *joint) compute(numbers []affine) string {
	key := fmt.Sprint(numbers)
	if name, ok := j.made[key]; ok {
		return name
	}
	var parts []string
	for len(numbers) > 0 {
		n := 0
		for n < len(numbers) && numbers[n].factor == 0 {
			n++
		}
		if n > 0 {
			fixed := make([]int64, n)
			for i := range fixed {
				fixed[i] = numbers[i].rest
			}
			parts = append(parts, j.vector(fixed))
		} else {
			parts = append(parts, j.number(numbers[0]))
			n = 1
		}
		numbers = numbers[n:]
	}
	name := parts[0]
	if len(parts) > 1 {
		name = j.add("Concat", parts, onnx.Int("axis", 0))
	}
	j.made[key] = name
	return name
}

// number is the name of a vector of one number.
func (j *joint) number(n affine) string {
	if j.size == "" {
		j.size = j.add("Shape", []string{j.input}, onnx.Int("start", 0), onnx.Int("end", 1))
	}
	y := j.size
	if n.factor != 1 {
		y = j.add("Mul", []string{y, j.vector([]int64{n.factor})})
	}
	if n.rest != 0 {
		y = j.add("Add", []string{y, j.vector([]int64{n.rest})})
	}
	return y
}

// vector is the name of a vector that the model holds.
func (j *joint) vector(v []int64) string {
	key := fmt.Sprint("fixed ", v)
	name, ok := j.made[key]
	if !ok {
		name = j.fresh("constant")
		j.root.Inits = append(j.root.Inits, onnx.NewTensor(name, tensor.From(tensor.Dims(len(v)), v)))
		j.made[key] = name
	}
	return name
}

func (j *joint) add(op string, in []string, attrs ...onnx.Attr) string {
	name := "size"
	if op == "Shape" {
		name = "batch"
	}
	name = j.fresh(name)
	j.before = append(j.before, &onnx.Node{Name: name, Op: op, In: in, Out: []string{name}, Attrs: attrs})
	return name
}

func (j *joint) fresh(base string) string {
	name := base
	for i := 1; j.names[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	j.names[name] = true
	return name
}

// finish puts what is computed in front, and removes the constants that it
// replaces.
func (j *joint) finish() {
	j.root.Nodes = slices.Concat(j.before, j.root.Nodes)
	prune(j.root)
}
