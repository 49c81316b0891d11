package kernel

import "unsafe"

// AttentionGrad is the gradient of Attention, which computes p anew from lse:
//
//	dp = g·vᵀ, ds = p ⊙ (dp - Σ g⊙o + glse), dq = Scale·ds·k, dk = Scale·dsᵀ·q, dv = pᵀ·g
//
// Operands: q, k, v, the mask if there is one, then o, lse, g and with stat the
// cotangent glse of lse; results dq, dk and dv, with the strides of q, k and v.
func AttentionGrad(s AttentionSpec, stat bool) *Code {
	if s.Batch*s.Heads*s.L == 0 {
		return Serial(1, func(a *Args) {
			for _, m := range a.Out {
				clear(m)
			}
		})
	}
	a := s.ready(s.KV)
	g := &attentionGrad{attention: a, attentionScratch: a.scratch(), stat: stat, first: 3}
	if s.Mask != MaskNone {
		g.first++
	}
	g.gt, g.ds = g.size, g.size+s.DV*a.width
	g.size = g.ds + a.keys*a.width
	c := &Code{Local: 4 * g.size, Phases: []Phase{{
		Pieces: s.Batch * s.KV * a.chunks,
		Work:   a.form.time(3*a.flops(s.D)+2*a.flops(s.DV)) + s.Batch*s.Heads*s.L*s.S/4,
		Run:    g.run,
	}}}
	if a.chunks > 1 {
		c.Shared = 4 * a.chunks * s.Batch * s.KV * s.S * (s.D + s.DV)
		c.Phases = append(c.Phases, g.sum(1, s.K, s.D), g.sum(2, s.V, s.DV))
	}
	return c
}

type attentionGrad struct {
	*attention
	attentionScratch
	stat  bool
	first int // the number of the operand o
}

// partial is where a piece gathers dk (which 0) or dv (1), and its rows' stride.
func (g *attentionGrad) partial(a *Args, which, batch, kv, chunk int) (unsafe.Pointer, int) {
	strides, depth := [2]AttentionStrides{g.K, g.V}[which], [2]int{g.D, g.DV}[which]
	if g.chunks == 1 {
		return floats(a.Out[1+which], strides.at(batch, kv, 0)), strides.Row
	}
	before := which * g.chunks * g.Batch * g.KV * g.S * g.D
	return floats(a.Shared, before+((chunk*g.Batch+batch)*g.KV+kv)*g.S*depth), depth
}

// run computes dq of a chunk of the queries of a group of heads, and their part
// of dk and dv.
func (g *attentionGrad) run(args *Args, piece int, local Memory) {
	b := attentionBlock{attention: g.attention, attentionScratch: g.attentionScratch, args: args, local: base(local)}
	chunk, group := piece%g.chunks, g.Heads/g.KV
	kv := piece / g.chunks % g.KV
	b.batch = piece / g.chunks / g.KV
	var to [2]unsafe.Pointer
	var row [2]int
	for w, depth := range [2]int{g.D, g.DV} {
		to[w], row[w] = g.partial(args, w, b.batch, kv, chunk)
		for j := range g.S {
			clear(f32(at(to[w], j*row[w]), depth))
		}
	}
	for h := range group {
		b.head = kv*group + h
		for i := chunk * g.chunk; i < min(g.L, (chunk+1)*g.chunk); i += g.block {
			b.i, b.n = i, min(g.block, g.L-i)
			g.add(&b, to, row)
		}
	}
}

// prepare transposes the block's queries and cotangents, both times Scale, and
// puts lse and Scale·(Σ g⊙o - glse) of each query into shift and sum.
func (g *attentionGrad) prepare(b *attentionBlock) {
	in, first := b.args.In, g.first
	b.pack(b.at(b.qt), floats(in[0], b.Q.at(b.batch, b.head, b.i)), b.Q.Row, b.D, b.Scale)
	b.pack(b.at(b.gt), floats(in[first+2], b.G.at(b.batch, b.head, b.i)), b.G.Row, b.DV, b.Scale)
	shift, delta := f32(b.at(b.shift), b.width), f32(b.at(b.sum), b.width)
	clear(shift)
	clear(delta)
	at0 := (b.batch*b.Heads+b.head)*b.L + b.i
	copy(shift[:b.n], in[first+1].F32()[at0:])
	for i := range delta[:b.n] {
		if b.DV > 0 {
			o := floats(in[first], b.O.at(b.batch, b.head, b.i+i))
			b.vec.op[opMul](b.at(b.row), o, floats(in[first+2], b.G.at(b.batch, b.head, b.i+i)), nil, b.DV)
			delta[i] = b.vec.reduce[ReduceSum](b.at(b.row), b.DV)
		}
		if g.stat {
			delta[i] -= in[first+3].F32()[at0+i]
		}
		delta[i] *= b.Scale
	}
}

// add adds what one block of queries gives.
func (g *attentionGrad) add(b *attentionBlock, to [2]unsafe.Pointer, row [2]int) {
	g.prepare(b)
	in, kv, w := b.args.In, b.kv(), b.width
	dq := floats(b.args.Out[0], b.Q.at(b.batch, b.head, b.i))
	end := b.limit()
	for j := 0; j < end; j += b.keys {
		rows := min(b.keys, end-j)
		b.scores(j, rows)
		b.form.product(product{
			m: rows, n: w, k: b.DV, a: floats(in[2], b.V.at(b.batch, kv, j)), aRow: b.V.Row, aCol: 1,
			b: b.at(b.gt), bRow: w, c: b.at(b.ds), cRow: w,
		})
		b.pass.grad(b.at(b.s), rows, w, b.at(b.shift), b.at(b.sum), b.at(b.ds))
		b.form.product(product{
			m: rows, n: b.DV, k: b.n, a: b.at(b.s), aRow: w, aCol: 1,
			b: floats(in[g.first+2], b.G.at(b.batch, b.head, b.i)), bRow: b.G.Row,
			c: at(to[1], j*row[1]), cRow: row[1], add: true,
		})
		b.form.product(product{
			m: rows, n: b.D, k: b.n, a: b.at(b.ds), aRow: w, aCol: 1,
			b: floats(in[0], b.Q.at(b.batch, b.head, b.i)), bRow: b.Q.Row,
			c: at(to[0], j*row[0]), cRow: row[0], add: true,
		})
		b.form.product(product{
			m: b.n, n: b.D, k: rows, a: b.at(b.ds), aRow: 1, aCol: w,
			b: floats(in[1], b.K.at(b.batch, kv, j)), bRow: b.K.Row, c: dq, cRow: b.Q.Row, add: j > 0,
		})
	}
	if end == 0 {
		for i := range b.n {
			clear(f32(at(dq, i*b.Q.Row), b.D))
		}
	}
}

// sum adds the parts of the chunks in order into result out.
func (g *attentionGrad) sum(out int, s AttentionStrides, depth int) Phase {
	apart, add := g.Batch*g.KV*g.S*depth, sumForms.Best()
	before := (out - 1) * g.chunks * g.Batch * g.KV * g.S * g.D
	return Phase{
		Pieces: g.Batch * g.KV,
		Work:   apart * g.chunks / 4,
		Run: func(a *Args, piece int, _ Memory) {
			for j := range g.S {
				to := a.Out[out].F32()[s.at(piece/g.KV, piece%g.KV, j):][:depth]
				add(to, a.Shared.F32()[before+(piece*g.S+j)*depth:], apart, g.chunks)
			}
		},
	}
}
