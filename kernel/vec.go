package kernel

import "unsafe"

// vecOp is an instruction of the elementwise machine: it computes one block.
type vecOp uint8

// The instructions. Masks are ordinary elements: 1 is true, 0 is false.
const (
	opLoad      vecOp = iota // an operand
	opImm                    // a constant
	opFill                   // every element is a[0]
	opCopy                   // a
	opFromBool               // a is bytes, of which those that are not 0 are true
	opFromUint8              // a is bytes
	opFromInt8               // a is bytes
	opFromInt32              // a is int32, rounded
	opToBool                 // the result is bytes 0 and 1
	opToByte                 // the result is bytes, of whole numbers that these hold
	opCutUint8               // a cut towards 0, within 0 … 255; NaN becomes 0
	opCutInt8                // a cut towards 0, within -128 … 127; NaN becomes 0
	opAdd                    // a + b
	opSub                    // a - b
	opMul                    // a · b
	opDiv                    // a / b
	opMax                    // NaN if either is
	opMin                    // NaN if either is
	opMulAdd                 // a·b + c, rounded once
	opNeg
	opAbs
	opSqrt
	opRsqrt
	opRecip
	opFloor
	opCeil
	opRound // half to even
	opSign  // ±1, and a itself where it is 0 or NaN
	opReLU  // NaN stays
	opEq
	opNe
	opLt
	opLe
	opNot
	opSelect // a is the mask, b where it is true, c elsewhere
	opGate   // b where a > 0, 0 elsewhere
	opExp
	opLog
	opLog1p
	opExpm1
	opTanh
	opLogistic
	opErf
	opGELU      // a/2·(1 + erf(a/√2))
	opGELUSlope // its derivative
	opSin
	opCos
	opPow // a to the power of b
	numVecOps
)

// vecFunc computes n elements of dst from n elements of its operands, as many
// as the instruction has. dst may be one of the operands, never a shifted one.
type vecFunc func(dst, a, b, c unsafe.Pointer, n int)

// reduceFunc folds n ≥ 1 elements into one, in an order that depends on n only.
type reduceFunc func(x unsafe.Pointer, n int) float32

// vecTable is one form of all instructions.
//
// Largest errors of the assembly forms in units of the last place, against
// float64; the plain form rounds the float64 result. Sin and cos of blocks with
// an angle above 8192, and pow, are plain in every form.
//
//	exp   1.0    log      0.9    log1p  1.6    expm1  1.6    rsqrt  1.6
//	tanh  2.7    logistic 2.5    erf    1.1    sin    1.7    cos    1.7
//
// gelu is within 3e-7 of max(1, |x|), its slope within 4e-7. Denormal numbers are computed as others are; overflow gives Inf, NaN stays.
type vecTable struct {
	op     [numVecOps]vecFunc
	reduce [numReduceOps]reduceFunc
}

var vecForms = newFamily("elementwise", &vecPlain)

// f32 sees n elements at p.
func f32(p unsafe.Pointer, n int) []float32 { return unsafe.Slice((*float32)(p), n) }

// at is the address of element i of the float32 elements at p.
func at(p unsafe.Pointer, i int) unsafe.Pointer { return unsafe.Add(p, 4*i) }

// base is the address of the first byte of m.
func base(m Memory) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(m)) }

// fill makes n ≥ 1 elements of dst x.
func (v *vecTable) fill(dst unsafe.Pointer, x float32, n int) {
	*(*float32)(dst) = x // through dst, so that no variable needs an address
	v.op[opFill](dst, dst, nil, nil, n)
}
