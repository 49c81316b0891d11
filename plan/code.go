package plan

import (
	"unsafe"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// codeOf is the code that computes n: the operation's own, or its definition.
func codeOf(n *graph.Inst) *kernel.Code {
	in, out := n.InTypes(), n.OutTypes()
	if k, ok := n.Op().(graph.Kerneled); ok {
		if code := k.Kernel(in, out); code != nil {
			return code
		}
	}
	if code := looped(n.Op(), in, out); code != nil {
		return code
	}
	if code := inSingle(n.Op(), in, out); code != nil {
		return code
	}
	if code := blockwise(n.Op(), in, out, graph.FLOPs(n)); code != nil {
		return code
	}
	return definition(n.Op(), in, out, graph.FLOPs(n))
}

// definition runs an operation by Ref: what has no fast code still runs. It
// allocates.
func definition(op graph.Op, in, out []tensor.Type, work int64) *kernel.Code {
	return kernel.Serial(int(20*work), func(a *kernel.Args) {
		wide := make([]tensor.Wide, len(in))
		for i, t := range in {
			v, err := tensor.View(t, a.In[i])
			if err != nil {
				panic(err)
			}
			wide[i] = tensor.Widen(v)
		}
		results := make([]tensor.Wide, len(out))
		for i, t := range out {
			results[i] = tensor.NewWide(t)
		}
		op.Ref(results, wide)
		for i, w := range results {
			w.NarrowInto(a.Out[i])
		}
	})
}

// pieceBytes is how much one piece of a copy or a fill moves.
const pieceBytes = 256 << 10

// moving is code of one phase that handles bytes [lo, hi) of its result.
func moving(size int, run func(a *kernel.Args, lo, hi int)) *kernel.Code {
	return &kernel.Code{Phases: []kernel.Phase{{
		Pieces: max(1, (size+pieceBytes-1)/pieceBytes),
		Work:   size / 10, // about 10 bytes in a nanosecond
		Run: func(a *kernel.Args, piece int, _ kernel.Memory) {
			run(a, piece*pieceBytes, min(size, (piece+1)*pieceBytes))
		},
	}}}
}

// copying copies its operand.
func copying(size int) *kernel.Code {
	return moving(size, func(a *kernel.Args, lo, hi int) { copy(a.Out[0][lo:hi], a.In[0][lo:hi]) })
}

// filling repeats one element.
func filling(f graph.Fill) *kernel.Code {
	one := f
	one.Of.Shape = tensor.Dims()
	w := []tensor.Wide{tensor.NewWide(one.Of)}
	one.Ref(w, nil)
	pattern := w[0].Narrow().Bytes()
	return moving(f.Of.Bytes(), func(a *kernel.Args, lo, hi int) {
		m := a.Out[0][lo:hi]
		for done := copy(m, pattern); done > 0 && done < len(m); done *= 2 {
			copy(m[done:], m[:done])
		}
	})
}

// runSerially runs code in the calling goroutine.
func runSerially(code *kernel.Code, a *kernel.Args) {
	a.Shared = tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(code.Shared)}).Bytes()
	local := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(code.Local)}).Bytes()
	for i := range code.Phases {
		for piece := range code.Phases[i].Pieces {
			code.Phases[i].Run(a, piece, local)
		}
	}
}

// aligned says whether m begins where kernels want it.
func aligned(m []byte) bool {
	return len(m) == 0 || uintptr(unsafe.Pointer(unsafe.SliceData(m)))%tensor.Align == 0
}
