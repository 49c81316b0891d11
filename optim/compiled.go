package optim

import (
	"context"
	"fmt"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/tensor"
)

// Compiled is a planned function as an [Objective]. The function's inputs are
// free, which the objective is of, and then fixed; its outputs the value,
// float32 [], and the gradient of each of free. An evaluation overwrites free.
func Compiled(f *exec.Function, free []tensor.Tensor, fixed ...tensor.Tensor) Objective {
	in := append(append([]tensor.Tensor{}, free...), fixed...)
	return func(ctx context.Context, x, grad []float64) (float64, error) {
		Vector(free).Write(x)
		out, err := f.Call(ctx, in...)
		if err != nil {
			return 0, err
		}
		if len(out) != 1+len(free) {
			return 0, fmt.Errorf("optim: a function with %d free inputs has %d outputs, want the value and as many gradients", len(free), len(out))
		}
		Vector(out[1:]).Read(grad)
		return float64(out[0].Floats()[0]), nil
	}
}
