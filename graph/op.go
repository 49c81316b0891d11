package graph

import (
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Op is one operation. Its fields are the operation's attributes, its methods
// are the operation's rules. An Op is a small comparable struct, or implements
// [Keyed]. What an operation can do beyond this it says by implementing the
// optional interfaces below; who needs the answer asks by type assertion.
type Op interface {
	// Name is the operation's name in messages, files and tables.
	Name() string
	// Infer gives the types of the results, or says why the operands do not
	// fit. It checks the number of operands too.
	Infer(in []tensor.Type) ([]tensor.Type, error)
	// Ref computes the operation plainly: floats in float64, integers exactly.
	// It is the definition that every kernel is held to. It writes all of out,
	// which is new, and nothing else. Integer results are wrapped to their type
	// by the caller.
	Ref(out, in []tensor.Wide)
}

// Keyed is an Op whose attributes cannot be compared with ==. Two ops of one
// name and key are the same operation.
type Keyed interface {
	Op
	Key() string
}

// Differentiable is an Op with a gradient.
type Differentiable interface {
	Op
	// VJP is the vector-Jacobian product: given the cotangent of each result
	// (nil where none is needed) it returns one cotangent per operand, nil
	// where there is none. Cotangents have the types of what they belong to.
	VJP(ct []*Node, n *Inst) []*Node
}

// Kerneled is an Op with fast code for some types.
type Kerneled interface {
	Op
	// Kernel returns code for operands and results of these types, or nil if
	// there is none; then the definition is used.
	Kernel(in, out []tensor.Type) *kernel.Code
}

// Elementwise is an Op of one result each of whose elements depends on the
// element at the same place of each operand. Chains of such operations whose
// operands and results are float32 or bool, all of one shape, are fused into one
// loop; others run by their kernel or definition. See [InLoops].
type Elementwise interface {
	Op
	// Lane appends the instructions that compute the result from the registers
	// in, one for each operand, and returns the register of the result. It is
	// asked for float32 and bool operands alone, unless the operation is Converting;
	// ok is false for what the register machine cannot do.
	Lane(e *kernel.Expr, in []kernel.Reg) (r kernel.Reg, ok bool)
}

// Converting is an Elementwise whose operand may be of any type that
// [kernel.Loads] names, and its result of any that [kernel.Stores] does.
type Converting interface {
	Elementwise
	Converts()
}

// InLoops says whether loops can compute op for operands and a result of these
// types.
func InLoops(op Op, in, out []tensor.Type) bool {
	e, ok := op.(Elementwise)
	if !ok || len(in) == 0 || len(out) != 1 {
		return false
	}
	of := func(d tensor.DType) bool { return d == tensor.Float32 || d == tensor.Bool }
	loads, stores := of, of
	if _, ok := op.(Converting); ok {
		loads, stores = kernel.Loads, kernel.Stores
	}
	regs, x := make([]kernel.Reg, len(in)), &kernel.Expr{}
	for i, t := range in {
		if t.Shape != out[0].Shape || !loads(t.DType) {
			return false
		}
		regs[i] = x.LoadOf(i, t.DType)
	}
	_, ok = e.Lane(x, regs)
	return ok && stores(out[0].DType)
}

// Costed is an Op that knows how many floating-point operations it takes: a
// multiply-add is two. Others count one for each element of their results.
type Costed interface {
	Op
	FLOPs(in, out []tensor.Type) int64
}

// Contracting is an Op that adds up products: a convolution, a product of
// matrices. What a network costs is often told by its multiply-adds alone.
type Contracting interface {
	Op
	// MACs is how many products are added up, those with padding too.
	MACs(in, out []tensor.Type) int64
}

// InPlace is an Op whose result i may lie in the memory of operand j when
// nobody else needs the operand any more: its code reads each element of the
// operand before it writes the same element of the result, piece by piece.
type InPlace interface {
	Op
	// InPlace returns pairs {result, operand}, the most useful first.
	InPlace() [][2]int
}

// Aliasing is an Op whose only result is its first operand's memory, seen with
// another type: nothing needs to be computed.
type Aliasing interface {
	Op
	Aliases() bool
}

// Simplifier is an Op that may have a simpler equal.
type Simplifier interface {
	Op
	// Simplify returns nodes, equal to the results of n, that take less work,
	// or nil. It may add nodes to n's graph.
	Simplify(n *Inst) []*Node
}

// Permuter is an Op that can trade places with a transposition of its operands.
type Permuter interface {
	Op
	// Permute answers what op gives f(transpose(x)) = transpose(op(x)), where f
	// is the receiver, in is the types of f's operands, and every operand and
	// every result of len(perm) axes is transposed by perm, in the sense that
	// axis i afterwards is axis perm[i] before; others stay. ok is false if
	// there is none.
	Permute(perm []int, in []tensor.Type) (op Op, ok bool)
}

// Absorber is an Op that can compute what its only user does as well, as the
// last step of its own kernel: a bias, an activation, a residual sum.
type Absorber interface {
	Op
	// Absorb returns the operation that computes user's results from the
	// operands of n and extra, or ok false. The first result of n has no other
	// user than user.
	Absorb(n, user *Inst) (op Op, extra []*Node, ok bool)
}

// Bodied is an Op that runs other graphs.
type Bodied interface {
	Op
	Bodies() []*Func
}

// Entry is what a file of package ops registers.
type Entry struct {
	Op      Op
	Doc     string   // the formula in one line
	Samples []Sample // operands for the free tests, the benchmarks and the docs
	// Large is operands as large as networks have, for what is measured; without,
	// a sample is stretched until it is large.
	Large *Sample
}

// Sample describes operands drawn evenly from Low to High; integers from the
// whole numbers of [Low, High), unsigned ones from those that are not negative;
// bools from both. Of is the attributes, nil for Entry.Op itself.
type Sample struct {
	Of        Op
	In        []tensor.Type
	Low, High float64
	// Ranges is Low and High for each operand apart; nil if all have the same.
	Ranges [][2]float64
	// Tol is how far kernels may be from the definition, relative to the
	// larger of 1 and the value; 0 means 1e-5.
	Tol float64
	// NaN samples are those where the definition may give NaN.
	NaN bool
	// Rough samples lie where the operation is not differentiable in places
	// (ties, kinks at drawn values): the gradient is not checked there.
	Rough bool
}

var entries = registry.New[Entry]("operation")

// Register makes an operation known. Call it from init.
func Register(e Entry) { entries.Set(e.Op.Name(), e) }

// Ops lists the names of all registered operations.
func Ops() []string { return entries.Names() }

// Lookup finds a registered operation; the error lists what there is.
func Lookup(name string) (Entry, error) { return entries.Get(name) }
