package plan

import (
	"slices"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Entering is work that is done once when a loop begins: what a code can do
// ahead with an operand that is the same in every step.
type Entering struct {
	From  int          // the input of the body that it reads
	Code  *kernel.Code // reads it as operand number Operand and makes Code.Shared bytes
	Input int          // the input of the body that these bytes are
	// Operand is the number under which Code finds what it reads.
	Operand int
	Slot    int // where the bytes are in the scratch of the step
}

// prepareEntering gives u code that finds an operand prepared, if u is part of
// a body and the operand is one of its constants.
func (p *planner) prepareEntering(u *unit) {
	a := u.code.Ahead
	from := p.values[u.in[a.Operand]].input
	if from < p.still[0] || from >= p.still[1] {
		return
	}
	ready := p.addValue(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(a.Bytes)}, p.values[u.in[a.Operand]].name, nil)
	p.values[ready].input = len(p.f.In) + len(p.entering)
	p.entering = append(p.entering, Entering{From: from, Code: a.Prepare, Operand: a.Operand, Input: p.values[ready].input})
	p.ready = append(p.ready, ready)
	u.in, u.types, u.code = slices.Clone(u.in), slices.Clone(u.types), a.Code
	u.in[a.Operand], u.types[a.Operand] = ready, p.values[ready].typ
}
