package plan

import (
	"sync"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// inSingle is the float32 code of an operation between conversions: Float16 and
// BFloat16 are types to store in, not to compute in. It is nil where there is no
// such operand or result, or no such code.
func inSingle(op graph.Op, in, out []tensor.Type) *kernel.Code {
	in32, changed := single(in)
	out32, also := single(out)
	if !changed && !also {
		return nil
	}
	if types, err := op.Infer(in32); err != nil || len(types) != len(out32) {
		return nil
	} else {
		for i, t := range types {
			if t != out32[i] {
				return nil
			}
		}
	}
	code := singleCode(op, in32, out32)
	if code == nil {
		return nil
	}
	s := &stored{code: code, in: in, out: out, in32: in32, out32: out32}
	return s.wrap()
}

// singleCode is op's own code, or the loop of its lane.
func singleCode(op graph.Op, in, out []tensor.Type) *kernel.Code {
	if k, ok := op.(graph.Kerneled); ok {
		if code := k.Kernel(in, out); code != nil {
			return code
		}
	}
	return looped(op, in, out)
}

// looped is the loop of one elementwise operation, or nil if loops cannot compute
// it.
func looped(op graph.Op, in, out []tensor.Type) *kernel.Code {
	if !graph.InLoops(op, in, out) {
		return nil
	}
	expr, regs, strides := &kernel.Expr{}, make([]kernel.Reg, len(in)), make([][]int, len(in))
	for i, t := range in {
		regs[i], strides[i] = expr.LoadOf(i, t.DType), []int{1}
	}
	r, _ := op.(graph.Elementwise).Lane(expr, regs)
	return kernel.Fused(kernel.FusedSpec{
		Space: []int{out[0].Shape.Size()}, In: strides, Expr: expr, Out: []kernel.Reg{r}, OutOf: []tensor.DType{out[0].DType},
	})
}

// single is types with float32 in place of 16-bit floats.
func single(types []tensor.Type) (of []tensor.Type, changed bool) {
	for _, t := range types {
		if t.DType == tensor.Float16 || t.DType == tensor.BFloat16 {
			t.DType, changed = tensor.Float32, true
		}
		of = append(of, t)
	}
	return of, changed
}

// stored is a code whose operands and results are stored in other types.
type stored struct {
	code                 *kernel.Code
	in, out, in32, out32 []tensor.Type
	inAt, outAt          []int // where in the shared scratch they lie
	sharedAt             int   // where the code's own does
	args                 sync.Pool
}

func (s *stored) wrap() *kernel.Code {
	size := 0
	place := func(types []tensor.Type) []int {
		at := make([]int, len(types))
		for i, t := range types {
			at[i] = size
			size += (t.Bytes() + tensor.Align - 1) / tensor.Align * tensor.Align
		}
		return at
	}
	s.inAt, s.outAt = place(s.in32), place(s.out32)
	s.sharedAt = size
	s.args.New = func() any {
		return &kernel.Args{In: make([]kernel.Memory, len(s.in)), Out: make([]kernel.Memory, len(s.out))}
	}
	c := &kernel.Code{Shared: size + s.code.Shared, Local: s.code.Local}
	for i, t := range s.in {
		if t != s.in32[i] {
			c.Phases = append(c.Phases, s.converted(t.DType, tensor.Float32, t.Shape.Size(), func(a *kernel.Args) (to, from kernel.Memory) {
				return a.Shared[s.inAt[i]:], a.In[i]
			}))
		}
	}
	for _, p := range s.code.Phases {
		p := p
		c.Phases = append(c.Phases, kernel.Phase{Pieces: p.Pieces, Work: p.Work, Run: func(a *kernel.Args, piece int, local kernel.Memory) {
			inner := s.see(a)
			p.Run(inner, piece, local)
			s.args.Put(inner)
		}})
	}
	for i, t := range s.out {
		if t != s.out32[i] {
			c.Phases = append(c.Phases, s.converted(tensor.Float32, t.DType, t.Shape.Size(), func(a *kernel.Args) (to, from kernel.Memory) {
				return a.Out[i], a.Shared[s.outAt[i]:]
			}))
		}
	}
	return c
}

// see is a as the code in the middle wants it.
func (s *stored) see(a *kernel.Args) *kernel.Args {
	inner := s.args.Get().(*kernel.Args)
	for i, t := range s.in {
		inner.In[i] = a.In[i]
		if t != s.in32[i] {
			inner.In[i] = a.Shared[s.inAt[i]:][:s.in32[i].Bytes()]
		}
	}
	for i, t := range s.out {
		inner.Out[i] = a.Out[i]
		if t != s.out32[i] {
			inner.Out[i] = a.Shared[s.outAt[i]:][:s.out32[i].Bytes()]
		}
	}
	inner.Shared = a.Shared[s.sharedAt:]
	return inner
}

// converted is a phase that converts n elements.
func (s *stored) converted(from, to tensor.DType, n int, where func(a *kernel.Args) (to, from kernel.Memory)) kernel.Phase {
	const each = 1 << 14
	move := kernel.Converter(from, to)
	return kernel.Phase{Pieces: (n + each - 1) / each, Work: n, Run: func(a *kernel.Args, piece int, _ kernel.Memory) {
		dst, src := where(a)
		lo, hi := piece*each, min(n, (piece+1)*each)
		move(dst[lo*to.Size():hi*to.Size()], src[lo*from.Size():hi*from.Size()])
	}}
}
