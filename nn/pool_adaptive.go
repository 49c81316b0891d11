package nn

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// AdaptiveAvgPool is the mean over windows that share each spatial axis out: [N
// spatial… C] → [N Size… C] whatever the sides. Along an axis of n places, window
// i of k is those from ⌊i·n/k⌋ to ⌈(i+1)·n/k⌉, as in PyTorch: with n = k nothing
// changes, and where k does not divide n, neighbours overlap.
type AdaptiveAvgPool struct{ Size []int }

// Forward implements Layer.
func (l AdaptiveAvgPool) Forward(c *Ctx, x *graph.Node) *graph.Node {
	s, rank := x.Shape(), len(l.Size)
	if s.Rank() != rank+2 || s.Size() == 0 {
		c.Graph.Fail("adaptive-avg-pool", fmt.Errorf("%v, want [N spatial… C] with %d spatial axes", x.Type(), rank))
		return x
	}
	window, even, same := make([]int, rank), true, true
	for i, k := range l.Size {
		window[i] = s.Dim(1+i) / k
		even = even && s.Dim(1+i)%k == 0
		same = same && s.Dim(1+i) == k
	}
	switch {
	case same:
		return x
	case even:
		return AvgPool{PoolConfig{Size: window}}.Forward(c, x)
	}
	order := []int{0}
	for i, k := range l.Size { // [N d… C o…]·[d k] → [N … C o… k]
		means := ops.Convert(c.Graph.Constant(windowMeans(s.Dim(1+i), k)), x.DType())
		x = ops.DotGeneral(x, means, ops.DotDims{ContractA: ops.List(1), ContractB: ops.List(0)})
		order = append(order, 2+i)
	}
	return ops.Transpose(x, append(order, 1)...) // [N C o…] → [N o… C]
}

// windowMeans is [n k]: what each of n places counts in each of k windows.
func windowMeans(n, k int) tensor.Tensor {
	m := make([]float32, n*k)
	for i := range k {
		from, to := i*n/k, ((i+1)*n+k-1)/k
		for j := from; j < to; j++ {
			m[j*k+i] = 1 / float32(to-from)
		}
	}
	return tensor.From(tensor.Dims(n, k), m)
}

func init() {
	Register(Spec{
		Name: "adaptive-avg-pool",
		Doc:  "the mean over a given number of windows along each axis",
		New:  func(rng.Stream) Layer { return AdaptiveAvgPool{Size: []int{2, 3}} },
		In:   tensor.F32(2, 5, 2, 3),
		Out:  tensor.F32(2, 2, 3, 3),
	})
}
