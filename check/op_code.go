package check

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"unsafe"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// codes holds every code that there is for op on these operands to the
// definition: its own kernel and the fused loop of its lane.
func codes(op graph.Op, in, want []tensor.Wide, s graph.Sample, r rng.Stream) error {
	if k, ok := op.(graph.Kerneled); ok {
		if c := k.Kernel(typesOf(in), typesOf(want)); c != nil {
			if err := agrees(op, c, in, want, s.Tol, r); err != nil {
				return fmt.Errorf("kernel %w", err)
			}
		}
	}
	c, err := lane(op, typesOf(in), typesOf(want))
	if err != nil || c == nil {
		return err
	}
	if err := agrees(op, c, in, want, s.Tol, r); err != nil {
		return fmt.Errorf("lane %w", err)
	}
	return nil
}

// agrees runs c apart from its operands, twice with its pieces in other orders,
// and in the memory of an operand where op says that it may.
func agrees(op graph.Op, c *kernel.Code, in, want []tensor.Wide, tol float64, r rng.Stream) error {
	b := newBench(in, typesOf(want))
	first, err := b.run(c, r.Split("first").Rand())
	if err != nil {
		return err
	}
	for i, w := range want {
		if err := close(first[i], w, tol); err != nil {
			return fmt.Errorf("result %d: %w", i, err)
		}
	}
	second, err := b.run(c, r.Split("second").Rand())
	if err != nil {
		return err
	}
	if !equal(first, second) {
		return fmt.Errorf("gives other bits when its pieces run in another order")
	}
	p, ok := op.(graph.InPlace)
	if !ok {
		return nil
	}
	for _, pair := range p.InPlace() {
		if len(first[pair[0]]) != len(b.in[pair[1]]) {
			continue
		}
		b.share(pair[0], pair[1])
		shared, err := b.run(c, r.Split("shared").Rand())
		if err != nil {
			return err
		}
		if !equal(first, shared) {
			return fmt.Errorf("gives other bits with result %d in the memory of operand %d", pair[0], pair[1])
		}
		b.shared = nil
	}
	return nil
}

// close compares the bytes of a result with its definition. A tolerance is
// never finer than the element type.
func close(got kernel.Memory, want tensor.Wide, tol float64) error {
	if tol == 0 {
		tol = 1e-5
	}
	switch want.Type.DType {
	case tensor.Float16:
		tol = max(tol, 1.0/(1<<10))
	case tensor.BFloat16:
		tol = max(tol, 1.0/(1<<7))
	}
	t, err := tensor.View(want.Type, got)
	if err != nil {
		return err
	}
	g, w := tensor.Widen(t), rounded(want)
	if i := firstFar(g, w, tol); i >= 0 {
		return fmt.Errorf("gives %s at %d, definition %s", at(g, i), i, at(w, i))
	}
	return nil
}

func equal(a, b []kernel.Memory) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// bench runs a code with guards around all that it may write.
type bench struct {
	in     []kernel.Memory
	out    []tensor.Type
	shared *[2]int // result and operand that lie in one place
}

func newBench(in []tensor.Wide, out []tensor.Type) *bench {
	b := &bench{out: out}
	for _, w := range in {
		b.in = append(b.in, w.Narrow().Bytes())
	}
	return b
}

func (b *bench) share(result, operand int) { b.shared = &[2]int{result, operand} }

// run runs the pieces of each phase in an order drawn from rand, with scratch
// full of garbage, and returns the results.
func (b *bench) run(c *kernel.Code, rand *rand.Rand) ([]kernel.Memory, error) {
	a := &kernel.Args{Shared: fenced(c.Shared, 0x3f)}
	fences := []kernel.Memory{a.Shared}
	for _, m := range b.in {
		own := fenced(len(m), 0)
		copy(own, m)
		a.In, fences = append(a.In, own), append(fences, own)
	}
	for i, t := range b.out {
		m := fenced(t.Bytes(), 0x7f)
		if b.shared != nil && b.shared[0] == i {
			m = a.In[b.shared[1]]
		}
		a.Out, fences = append(a.Out, m), append(fences, m)
	}
	for _, p := range c.Phases {
		for _, piece := range rand.Perm(p.Pieces) {
			local := fenced(c.Local, 0x4f)
			p.Run(a, piece, local)
			fences = append(fences, local)
		}
	}
	for _, m := range fences {
		if !stands(m) {
			return nil, fmt.Errorf("writes outside its memory")
		}
	}
	for i, m := range a.In {
		if (b.shared == nil || b.shared[1] != i) && !bytes.Equal(m, b.in[i]) {
			return nil, fmt.Errorf("changes operand %d", i)
		}
	}
	return a.Out, nil
}

// fence is the bytes before and behind a fenced memory.
const fence, fenceByte = tensor.Align, 0xc7

// fenced is n bytes of value v, aligned as tensors are, between two fences.
func fenced(n int, v byte) kernel.Memory {
	buf := bytes.Repeat([]byte{fenceByte}, n+3*fence)
	o := fence - int(uintptr(unsafe.Pointer(&buf[0]))%fence) // at least one byte before
	m := buf[o+fence : o+fence+n]
	for i := range m {
		m[i] = v
	}
	return m[: n : n+fence]
}

// stands says whether the fences of m stand.
func stands(m kernel.Memory) bool {
	before := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(m)), -fence)), fence)
	behind := m[:cap(m)][len(m):]
	return bytes.Count(before, []byte{fenceByte}) == fence && bytes.Count(behind[:min(len(behind), fence)], []byte{fenceByte}) == len(behind)
}
