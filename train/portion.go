package train

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// portionRoom is how many bytes the largest value of a network may have: more does not
// stay in a cache that cores share until it is read again.
const portionRoom = 20 << 20

// portion is how many of a batch of examples a network answers for at a time: as many
// as stay in the caches, of parts of one size. It answers for each example alone, so
// that this changes nothing but time and memory.
func (n *Network) portion(batch int) (int, error) {
	if batch <= 1 {
		return batch, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.widest == 0 {
		f, _, err := answerFunc(n.net, n.model, 1, n.fixed)
		if err != nil {
			return 0, err
		}
		n.widest = widest(f)
	}
	k := max(1, min(batch, n.room/n.widest))
	for batch%k != 0 {
		k--
	}
	return k, nil
}

// widest is the bytes of the largest value that depends on f's first input.
func widest(f *graph.Func) int {
	depends := map[*graph.Inst]bool{f.In[0].Inst(): true}
	most := f.In[0].Type().Bytes()
	for _, inst := range graph.Reachable(f.Out) {
		for _, in := range inst.In() {
			if depends[in.Inst()] {
				depends[inst] = true
			}
		}
		if depends[inst] {
			for _, out := range inst.Out() {
				most = max(most, out.Type().Bytes())
			}
		}
	}
	return most
}

// part is rows from … to of x.
func part(x tensor.Tensor, from, to int) (tensor.Tensor, error) {
	dims := x.Shape().Dims()
	size := len(x.Bytes()) / dims[0]
	dims[0] = to - from
	return tensor.View(tensor.Type{DType: x.DType(), Shape: tensor.Dims(dims...)}, x.Bytes()[from*size:to*size])
}
