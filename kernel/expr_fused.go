package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/tensor"
)

// FusedSpec is a loop over a space that computes several results at once.
type FusedSpec struct {
	Space []int   // sizes of the axes, outermost first
	In    [][]int // strides of each operand over Space, in elements; 0 repeats
	Expr  *Expr
	Out   []Reg          // what is written, each one element behind the other over Space
	OutOf []tensor.DType // their element types, which [Stores] names; nil for float32
}

// element is how the machine reads and writes elements of one type. Registers have
// float32 for all of them.
type element struct{ load, store vecOp }

var elementOf = map[tensor.DType]element{
	tensor.Float32: {opCopy, opCopy},
	tensor.Bool:    {opFromBool, opToBool},
	tensor.Uint8:   {opFromUint8, opToByte},
	tensor.Int8:    {opFromInt8, opToByte},
	tensor.Int32:   {load: opFromInt32},
}

// Loads says whether the machine reads elements of type d.
func Loads(d tensor.DType) bool { return elementOf[d].load != 0 }

// Stores says whether the machine writes elements of type d: registers hold no
// others exactly.
func Stores(d tensor.DType) bool { return elementOf[d].store != 0 }

// Fused computes the expression over the space, block by block: every operand
// is read and every result written once, whatever lies between stays in the
// first cache. A result may lie in the memory of an operand that covers the
// whole space in the same order. It is nil for spaces of more than 16 axes that
// cannot be merged and for programs of more than 128 registers.
//
// Operands: as the Loads of the expression number them.
func Fused(s FusedSpec) *Code {
	f := newLoop(s, true, vecForms.Best())
	if f == nil {
		return nil
	}
	return f.code()
}

// pieceBlocks is how many of the largest blocks make a piece: 64 KB of each result.
const pieceBlocks = 16

// loop is a program and the space it runs over.
type loop struct {
	space
	vec    *vecTable
	prog   program
	stores []store // of each result
}

// store is how a result is written.
type store struct {
	op   vecOp
	size int // bytes of an element
}

// newLoop compiles s; with toMemory the results are written there.
func newLoop(s FusedSpec, toMemory bool, vec *vecTable) *loop {
	sp, ok := newSpace(s.Space, s.In)
	if !ok {
		return nil
	}
	stores := storesOf(s.Out, s.OutOf)
	p, ok := compileExpr(s.Expr, s.Out, toMemory, stores)
	if !ok {
		return nil
	}
	for _, l := range p.loads {
		o := &sp.operands[l.in]
		o.load, o.size = elementOf[l.of].load, l.of.Size()
	}
	sp.crowd(p.slots)
	return &loop{*sp, vec, p, stores}
}

// storesOf is how results are written as elements of types of; nil is float32.
func storesOf(out []Reg, of []tensor.DType) []store {
	stores := make([]store, len(out))
	for i := range stores {
		stores[i] = store{opCopy, 4}
		if of != nil {
			stores[i] = store{elementOf[of[i]].store, of[i].Size()}
		}
	}
	return stores
}

func (f *loop) local() int { return f.prog.blocks * f.block * 4 }

func (f *loop) pieces() int {
	per := f.perPiece()
	return (f.n + per - 1) / per
}

// perPiece is the elements of a piece, whole blocks.
func (f *loop) perPiece() int {
	return max(1, pieceBlocks*blockSize/f.block) * f.block
}

// work estimates nanoseconds: instructions at 25 elements a nanosecond, memory
// at 4.
func (f *loop) work() int {
	cost := 1 + 2*(len(f.prog.loads)+len(f.prog.outs))
	for _, s := range f.prog.steps {
		cost++
		if s.op >= opExp {
			cost += 8
		}
	}
	return f.n*cost/25 + 20
}

func (f *loop) code() *Code {
	if f.n == 0 {
		return &Code{}
	}
	return &Code{
		Local: f.local(),
		Phases: []Phase{{
			Pieces: f.pieces(),
			Work:   f.work(),
			Run:    func(a *Args, piece int, local Memory) { f.run(a.In, a.Out, piece, local) },
		}},
	}
}

// frame is the addresses that the instructions of one piece use.
type frame struct {
	slot  [maxSlots]unsafe.Pointer
	local unsafe.Pointer // a block for each of the first slots
}

// run computes one piece.
func (f *loop) run(in, out []Memory, piece int, local Memory) {
	var p frame
	start := piece * f.perPiece()
	end := min(start+f.perPiece(), f.n)
	f.begin(&p, in, start, end, local)
	for i := start; i < end; i += f.block {
		n := min(f.block, end-i)
		for k, o := range f.prog.outs {
			if o.direct {
				p.slot[o.slot] = at(base(out[k]), i)
			}
		}
		f.eval(&p, in, i, n)
		for k, o := range f.prog.outs {
			if s := f.stores[k]; !o.direct {
				f.vec.op[s.op](unsafe.Add(base(out[k]), i*s.size), p.slot[o.slot], nil, nil, n)
			}
		}
	}
}

// begin points the slots to their blocks and loads what no block changes: the
// constants, and operands that repeat from block to block. Blocks lie in
// [start, end) and begin a multiple of the block after start.
func (f *loop) begin(p *frame, in []Memory, start, end int, local Memory) {
	n := min(f.block, end-start, f.n-start)
	p.local = base(local)
	for k := range f.prog.blocks {
		p.slot[k] = at(p.local, k*f.block)
	}
	for i := range f.prog.imms {
		m := &f.prog.imms[i]
		f.vec.op[opFill](p.slot[m.slot], unsafe.Pointer(&m.bits), nil, nil, n)
	}
	for _, l := range f.prog.loads {
		o := &f.operands[l.in]
		if o.once {
			f.gather(f.vec, p.slot[l.slot], o, base(in[l.in]), start, n)
		}
	}
}

// eval computes n elements of all registers from element i of the space on.
func (f *loop) eval(p *frame, in []Memory, i, n int) {
	for _, l := range f.prog.loads {
		o := &f.operands[l.in]
		switch {
		case o.once:
		case o.load == opCopy && o.straight(i, n):
			p.slot[l.slot] = at(base(in[l.in]), f.offset(o, i))
		case o.straight(i, n):
			f.vec.op[o.load](p.slot[l.slot], unsafe.Add(base(in[l.in]), f.offset(o, i)*o.size), nil, nil, n)
		default:
			// A straight block before left the slot in the operand's memory.
			p.slot[l.slot] = at(p.local, l.slot*f.block)
			f.gather(f.vec, p.slot[l.slot], o, base(in[l.in]), i, n)
		}
	}
	for _, s := range f.prog.steps {
		f.vec.op[s.op](p.slot[s.dst], p.slot[s.a], p.slot[s.b], p.slot[s.c], n)
	}
}
