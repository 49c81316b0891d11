package kernel

// Reg is a register of the elementwise machine.
type Reg int32

// Expr is a straight-line program over blocks of float32 elements.
type Expr struct{ ins []int }

// Imm is a register whose elements are all v.
func (e *Expr) Imm(v float32) Reg { return 0 }

// Add is a + b.
func (e *Expr) Add(a, b Reg) Reg { return 0 }
