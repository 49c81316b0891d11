package plan

import (
	"sync"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Elements of a block of [blockwise], and blocks of one of its pieces.
const (
	wideBlock  = 512
	wideBlocks = 8
)

// blockwise runs an elementwise operation by its definition, in blocks that fit
// the first cache and any number of pieces: what has no code of its own for its
// element types, such as the sine of float64. It is nil for other operations.
func blockwise(op graph.Op, in, out []tensor.Type, work int64) *kernel.Code {
	if _, ok := op.(graph.Elementwise); !ok || len(in) == 0 || len(out) != 1 {
		return nil
	}
	for _, t := range in {
		if t.Shape != out[0].Shape {
			return nil
		}
	}
	n := out[0].Shape.Size()
	b := &blocks{op: op, in: in, out: out[0], n: n}
	b.buffers.New = func() any { return newWideBuffers(in, out[0]) }
	return &kernel.Code{Phases: []kernel.Phase{{
		Pieces: (n + wideBlock*wideBlocks - 1) / (wideBlock * wideBlocks),
		Work:   int(6 * work),
		Run:    b.run,
	}}}
}

type blocks struct {
	op      graph.Op
	in      []tensor.Type
	out     tensor.Type
	n       int
	buffers sync.Pool
}

// wideBuffers is a block of each operand and of the result.
type wideBuffers struct{ in, out, inNow, outNow []tensor.Wide }

func newWideBuffers(in []tensor.Type, out tensor.Type) *wideBuffers {
	w := &wideBuffers{inNow: make([]tensor.Wide, len(in)), outNow: make([]tensor.Wide, 1)}
	block := func(t tensor.Type) tensor.Wide {
		t.Shape = tensor.Dims(wideBlock)
		return tensor.NewWide(t)
	}
	for _, t := range in {
		w.in = append(w.in, block(t))
	}
	w.out = append(w.out, block(out))
	return w
}

// head is the first n elements of w.
func head(w tensor.Wide, n int) tensor.Wide {
	w.Type.Shape = w.Type.Shape.With(0, n)
	w.F, w.I = w.F[:min(n, len(w.F))], w.I[:min(n, len(w.I))]
	return w
}

func (b *blocks) run(a *kernel.Args, piece int, _ kernel.Memory) {
	w := b.buffers.Get().(*wideBuffers)
	defer b.buffers.Put(w)
	part := func(m kernel.Memory, t tensor.Type, from, n int) kernel.Memory {
		return m[from*t.DType.Size():][:n*t.DType.Size()]
	}
	for i := range wideBlocks {
		from := (piece*wideBlocks + i) * wideBlock
		n := min(wideBlock, b.n-from)
		if n <= 0 {
			return
		}
		for k, t := range b.in {
			w.inNow[k] = head(w.in[k], n)
			w.inNow[k].Load(part(a.In[k], t, from, n))
		}
		w.outNow[0] = head(w.out[0], n)
		b.op.Ref(w.outNow, w.inNow)
		w.outNow[0].NarrowInto(part(a.Out[0], b.out, from, n))
	}
}
