package kernel

import "github.com/ihae/ihae/tensor"

// maxSlots bounds the registers of a program at one moment.
const maxSlots = 128

// program is an Expr made ready: dead code removed, products and sums joined,
// registers given slots. A slot is an address that instructions read and write:
// the temporaries come first, then operands, constants and results.
type program struct {
	steps  []step
	loads  []loadSlot
	imms   []immSlot
	outs   []outSlot
	blocks int // slots [0, blocks) have a block of scratch
	slots  int
}

type step struct {
	op           vecOp
	dst, a, b, c uint8
}

type loadSlot struct {
	in, slot int
	of       tensor.DType
}

type immSlot struct {
	bits uint32
	slot int
}

type outSlot struct {
	slot   int
	direct bool // the instruction writes the result's memory itself
}

// compiler turns the live instructions of an Expr into a program.
type compiler struct {
	code []instr
	uses []int // how many times a register is read, results included
	last []int // the last instruction that reads a register
	slot []int
	free []int
	p    program
}

// compileExpr makes the program that computes the registers outs. With toMemory,
// results are written there as stores says, and may take the place of an operand.
// ok is false if the program needs too many registers.
func compileExpr(e *Expr, outs []Reg, toMemory bool, stores []store) (p program, ok bool) {
	c := &compiler{code: append([]instr(nil), e.code...)}
	outs = append([]Reg(nil), outs...)
	if toMemory {
		for i, r := range outs {
			if c.code[r].arity() == 0 {
				c.code = append(c.code, instr{op: opCopy, a: r})
				outs[i] = Reg(len(c.code) - 1)
			}
		}
	}
	c.count(outs)
	c.join()
	c.count(outs)
	direct := make([]bool, len(outs))
	if toMemory {
		c.direct(outs, stores, direct)
	}
	return c.assign(outs, direct)
}

// count finds how often and where last each register is read. Registers that
// are never read are dead.
func (c *compiler) count(outs []Reg) {
	c.uses, c.last = make([]int, len(c.code)), make([]int, len(c.code))
	for _, r := range outs {
		c.uses[r]++
		c.last[r] = len(c.code)
	}
	for k := len(c.code) - 1; k >= 0; k-- {
		if c.uses[k] == 0 {
			continue
		}
		for _, r := range c.code[k].reads() {
			c.uses[r]++
			c.last[r] = max(c.last[r], k)
		}
	}
}

// join makes one instruction of a sum and a product that nobody else reads, and
// of the choice between a number and 0 by what is positive.
func (c *compiler) join() {
	zero := instr{op: opImm}
	for k, i := range c.code {
		if i.op == opSelect && c.code[i.c] == zero && c.code[i.a].op == opLt && c.code[c.code[i.a].a] == zero {
			c.code[k] = instr{op: opGate, a: c.code[i.a].b, b: i.b}
		}
		if i.op != opAdd || c.uses[k] == 0 {
			continue
		}
		for _, s := range [2][2]Reg{{i.a, i.b}, {i.b, i.a}} {
			if m := c.code[s[0]]; m.op == opMul && c.uses[s[0]] == 1 {
				c.code[k] = instr{op: opMulAdd, a: m.a, b: m.b, c: s[1]}
				break
			}
		}
	}
}

// direct finds results that instructions may write to memory at once: those
// after which no operand is read any more, since the result may lie in the
// memory of an operand.
func (c *compiler) direct(outs []Reg, stores []store, direct []bool) {
	lastRead := -1
	seen := map[Reg]int{}
	for k, i := range c.code {
		if c.uses[k] > 0 && i.op == opLoad && i.of == tensor.Float32 {
			lastRead = max(lastRead, c.last[k])
		}
	}
	for _, r := range outs {
		seen[r]++
	}
	for i, r := range outs {
		direct[i] = int(r) >= lastRead && seen[r] == 1 && stores[i].op == opCopy
	}
}

// assign gives every live register a slot.
func (c *compiler) assign(outs []Reg, direct []bool) (program, bool) {
	c.slot = make([]int, len(c.code))
	own := map[int]int{} // register to the result it writes directly
	for i, r := range outs {
		if direct[i] {
			own[int(r)] = i
		}
	}
	temps := 0
	for k, i := range c.code {
		if c.uses[k] == 0 || i.arity() == 0 {
			continue
		}
		c.release(k, own)
		if _, ok := own[k]; ok {
			continue
		}
		if n := len(c.free); n > 0 {
			c.slot[k], c.free = c.free[n-1], c.free[:n-1]
			continue
		}
		c.slot[k] = temps
		temps++
	}
	next := c.sources(temps)
	c.p.blocks = next
	for i, r := range outs {
		if direct[i] {
			c.slot[r] = next
			next++
		}
	}
	c.p.slots = next
	for i, r := range outs {
		c.p.outs = append(c.p.outs, outSlot{c.slot[r], direct[i]})
	}
	if next > maxSlots {
		return program{}, false
	}
	for k, i := range c.code {
		if c.uses[k] > 0 && i.arity() > 0 {
			c.p.steps = append(c.p.steps, step{i.op, uint8(c.slot[k]), c.read(i, 0), c.read(i, 1), c.read(i, 2)})
		}
	}
	return c.p, true
}

// release frees the slots of temporaries that instruction k reads last.
func (c *compiler) release(k int, own map[int]int) {
	reads := c.code[k].reads()
	for j, r := range reads {
		again := false
		for _, s := range reads[:j] {
			again = again || s == r
		}
		_, direct := own[int(r)]
		if c.last[r] == k && c.code[r].arity() > 0 && !direct && !again {
			c.free = append(c.free, c.slot[r])
		}
	}
}

// sources gives operands and constants their slots from next on.
func (c *compiler) sources(next int) int {
	for k, i := range c.code {
		if c.uses[k] == 0 || i.arity() > 0 {
			continue
		}
		c.slot[k] = next
		if i.op == opImm {
			c.p.imms = append(c.p.imms, immSlot{i.imm, next})
		} else {
			c.p.loads = append(c.p.loads, loadSlot{i.in, next, i.of})
		}
		next++
	}
	return next
}

func (c *compiler) read(i instr, k int) uint8 {
	if reads := i.reads(); k < len(reads) {
		return uint8(c.slot[reads[k]])
	}
	return 0
}
