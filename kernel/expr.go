package kernel

import (
	"math"

	"github.com/ihae/ihae/tensor"
)

// Reg is a register of the elementwise machine: one value for every element.
type Reg int32

// Expr is a straight-line program over blocks of float32 elements. The zero
// Expr is an empty program. Its methods append instructions and return the
// register of the result; equal instructions are one. A mask is a register
// whose elements are 1 (true) or 0 (false), so it is also a number.
type Expr struct{ code []instr }

type instr struct {
	op      vecOp
	a, b, c Reg
	in      int          // of opLoad
	of      tensor.DType // of opLoad: how elements lie in memory
	imm     uint32       // bits of opImm
}

// arity is how many registers an instruction reads.
func (i instr) arity() int {
	switch i.op {
	case opLoad, opImm:
		return 0
	case opMulAdd, opSelect:
		return 3
	case opAdd, opSub, opMul, opDiv, opMax, opMin, opEq, opNe, opLt, opLe, opGate, opPow:
		return 2
	}
	return 1
}

// reads lists the registers that i reads.
func (i instr) reads() []Reg { return []Reg{i.a, i.b, i.c}[:i.arity()] }

func (e *Expr) add(i instr) Reg {
	for r, have := range e.code {
		if have == i {
			return Reg(r)
		}
	}
	e.code = append(e.code, i)
	return Reg(len(e.code) - 1)
}

// Load is operand i, of float32.
func (e *Expr) Load(i int) Reg { return e.LoadOf(i, tensor.Float32) }

// LoadOf is operand i, whose elements are of a type that [Loads] names: bool as a
// mask, int32 rounded to float32.
func (e *Expr) LoadOf(i int, of tensor.DType) Reg { return e.add(instr{op: opLoad, in: i, of: of}) }

// Imm is a register whose elements are all v.
func (e *Expr) Imm(v float32) Reg { return e.add(instr{op: opImm, imm: math.Float32bits(v)}) }

// Add is a + b.
func (e *Expr) Add(a, b Reg) Reg { return e.add(instr{op: opAdd, a: a, b: b}) }

// Sub is a - b.
func (e *Expr) Sub(a, b Reg) Reg { return e.add(instr{op: opSub, a: a, b: b}) }

// Mul is a · b.
func (e *Expr) Mul(a, b Reg) Reg { return e.add(instr{op: opMul, a: a, b: b}) }

// Div is a / b.
func (e *Expr) Div(a, b Reg) Reg { return e.add(instr{op: opDiv, a: a, b: b}) }

// Max is the larger of a and b, NaN if either is NaN.
func (e *Expr) Max(a, b Reg) Reg { return e.add(instr{op: opMax, a: a, b: b}) }

// Min is the smaller of a and b, NaN if either is NaN.
func (e *Expr) Min(a, b Reg) Reg { return e.add(instr{op: opMin, a: a, b: b}) }

// MulAdd is a·b + c, rounded once.
func (e *Expr) MulAdd(a, b, c Reg) Reg { return e.add(instr{op: opMulAdd, a: a, b: b, c: c}) }

// Pow is a to the power of b.
func (e *Expr) Pow(a, b Reg) Reg { return e.add(instr{op: opPow, a: a, b: b}) }

// Neg is -a.
func (e *Expr) Neg(a Reg) Reg { return e.add(instr{op: opNeg, a: a}) }

// Abs is |a|.
func (e *Expr) Abs(a Reg) Reg { return e.add(instr{op: opAbs, a: a}) }

// Sqrt is the square root, correctly rounded.
func (e *Expr) Sqrt(a Reg) Reg { return e.add(instr{op: opSqrt, a: a}) }

// Rsqrt is 1/√a.
func (e *Expr) Rsqrt(a Reg) Reg { return e.add(instr{op: opRsqrt, a: a}) }

// Recip is 1/a, correctly rounded.
func (e *Expr) Recip(a Reg) Reg { return e.add(instr{op: opRecip, a: a}) }

// Exp is e to the power of a.
func (e *Expr) Exp(a Reg) Reg { return e.add(instr{op: opExp, a: a}) }

// Log is the natural logarithm.
func (e *Expr) Log(a Reg) Reg { return e.add(instr{op: opLog, a: a}) }

// Log1p is log(1 + a).
func (e *Expr) Log1p(a Reg) Reg { return e.add(instr{op: opLog1p, a: a}) }

// Expm1 is exp(a) - 1.
func (e *Expr) Expm1(a Reg) Reg { return e.add(instr{op: opExpm1, a: a}) }

// Tanh is the hyperbolic tangent.
func (e *Expr) Tanh(a Reg) Reg { return e.add(instr{op: opTanh, a: a}) }

// Logistic is 1/(1 + exp(-a)).
func (e *Expr) Logistic(a Reg) Reg { return e.add(instr{op: opLogistic, a: a}) }

// Erf is the error function.
func (e *Expr) Erf(a Reg) Reg { return e.add(instr{op: opErf, a: a}) }

// GELU is a/2·(1 + erf(a/√2)).
func (e *Expr) GELU(a Reg) Reg { return e.add(instr{op: opGELU, a: a}) }

// GELUSlope is the derivative of GELU.
func (e *Expr) GELUSlope(a Reg) Reg { return e.add(instr{op: opGELUSlope, a: a}) }

// Sin is the sine.
func (e *Expr) Sin(a Reg) Reg { return e.add(instr{op: opSin, a: a}) }

// Cos is the cosine.
func (e *Expr) Cos(a Reg) Reg { return e.add(instr{op: opCos, a: a}) }

// Floor is the largest whole number not above a.
func (e *Expr) Floor(a Reg) Reg { return e.add(instr{op: opFloor, a: a}) }

// Ceil is the smallest whole number not below a.
func (e *Expr) Ceil(a Reg) Reg { return e.add(instr{op: opCeil, a: a}) }

// Round is the nearest whole number, the even one of two.
func (e *Expr) Round(a Reg) Reg { return e.add(instr{op: opRound, a: a}) }

// Cut is a cut towards zero and kept within the range of to, which is uint8 or int8;
// NaN becomes 0.
func (e *Expr) Cut(a Reg, to tensor.DType) Reg {
	if to == tensor.Uint8 {
		return e.add(instr{op: opCutUint8, a: a})
	}
	return e.add(instr{op: opCutInt8, a: a})
}

// Sign is 1 or -1, and a itself where it is zero or NaN.
func (e *Expr) Sign(a Reg) Reg { return e.add(instr{op: opSign, a: a}) }

// Square is a².
func (e *Expr) Square(a Reg) Reg { return e.Mul(a, a) }

// ReLU is a where it is positive and 0 where it is negative; NaN stays NaN.
func (e *Expr) ReLU(a Reg) Reg { return e.add(instr{op: opReLU, a: a}) }

// Eq is the mask a = b.
func (e *Expr) Eq(a, b Reg) Reg { return e.add(instr{op: opEq, a: a, b: b}) }

// Ne is the mask a ≠ b, true where either is NaN.
func (e *Expr) Ne(a, b Reg) Reg { return e.add(instr{op: opNe, a: a, b: b}) }

// Lt is the mask a < b.
func (e *Expr) Lt(a, b Reg) Reg { return e.add(instr{op: opLt, a: a, b: b}) }

// Le is the mask a ≤ b.
func (e *Expr) Le(a, b Reg) Reg { return e.add(instr{op: opLe, a: a, b: b}) }

// Gt is the mask a > b.
func (e *Expr) Gt(a, b Reg) Reg { return e.Lt(b, a) }

// Ge is the mask a ≥ b.
func (e *Expr) Ge(a, b Reg) Reg { return e.Le(b, a) }

// And is the mask that is true where both masks are.
func (e *Expr) And(a, b Reg) Reg { return e.Mul(a, b) }

// Or is the mask that is true where one of the masks is.
func (e *Expr) Or(a, b Reg) Reg { return e.Max(a, b) }

// Not is the mask that is true where the mask a is false.
func (e *Expr) Not(a Reg) Reg { return e.add(instr{op: opNot, a: a}) }

// Select is a where mask is true and b elsewhere.
func (e *Expr) Select(mask, a, b Reg) Reg { return e.add(instr{op: opSelect, a: mask, b: a, c: b}) }
