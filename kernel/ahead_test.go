package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// aheadBits runs c and what c's Ahead leaves to do, and wants the same bits.
func aheadBits(t *testing.T, what any, c *Code, in []Memory, size int) bool {
	t.Helper()
	if c.Ahead == nil {
		return false
	}
	want := sameBits(t, c, in, make(Memory, 4*size))
	ready := prepare(c.Ahead, in)
	in = slices.Clone(in)
	in[c.Ahead.Operand] = ready
	if got := sameBits(t, c.Ahead.Code, in, make(Memory, 4*size)); !slices.Equal(got, want) {
		t.Fatalf("%+v: other bits than without preparation", what)
	}
	return true
}

// TestWorkAheadKeepsTheBits: packing weights when a program is built changes no
// result of convolutions, their gradients and products.
func TestWorkAheadKeepsTheBits(t *testing.T) {
	eachForm(t, func(t *testing.T, f *tileForm) {
		r := rand.New(rand.NewPCG(11, 12))
		done := 0
		for range 60 {
			s := ConvSpec{
				N: 1 + r.IntN(2), D: 1 + r.IntN(2), H: 1 + r.IntN(7), W: 3 + r.IntN(9), C: 1 + r.IntN(9), K: 1 + r.IntN(150),
				KD: 1 + r.IntN(2), KH: 1 + r.IntN(3), KW: 1 + r.IntN(3), StrideH: 1 + r.IntN(2), StrideW: 1 + r.IntN(2),
				PadFront: 1, PadTop: r.IntN(3), PadLeft: r.IntN(3), PadBottom: r.IntN(3), PadRight: r.IntN(3), Bias: true,
			}.filled()
			x, w := values(r, make(Memory, 4*s.places()*s.C)), values(r, make(Memory, 4*s.KD*s.KH*s.KW*s.C*s.K))
			outs := s.N * s.OutD() * s.OutH() * s.OutW() * s.K
			dy, bias := values(r, make(Memory, 4*outs)), values(r, make(Memory, 4*s.K))
			for _, ok := range []bool{
				aheadBits(t, s, convIn(f, s), []Memory{x, w, bias}, outs),
				aheadBits(t, s, convGradInputIn(f, s), []Memory{dy, w}, s.places()*s.C),
			} {
				if ok {
					done++
				}
			}
			g := dense(1+r.IntN(70), 1+r.IntN(150), 1+r.IntN(700), false, r.IntN(2) == 0)
			a, b := values(r, make(Memory, 4*g.M*g.K)), values(r, make(Memory, 4*g.K*g.N))
			c := gemmIn(f, g, 0)
			if c.Ahead != nil {
				nearPrepared(t, g, c, []Memory{a, b})
				done++
			}
		}
		if done < 80 {
			t.Errorf("only %d codes prepare", done)
		}
	})
}

// nearPrepared allows a product to be cut otherwise when B is packed.
func nearPrepared(t *testing.T, g GemmSpec, c *Code, in []Memory) {
	t.Helper()
	want := sameBits(t, c, in, make(Memory, 4*g.M*g.N))
	ready := prepare(c.Ahead, in)
	got := sameBits(t, c.Ahead.Code, []Memory{in[0], ready}, make(Memory, 4*g.M*g.N))
	for i, v := range want {
		if d := got[i] - v; !(d <= 1e-4 && d >= -1e-4) {
			t.Fatalf("%+v: element %d is %v, want %v", g, i, got[i], v)
		}
	}
}

// prepare is what ahead makes of its operand.
func prepare(ahead *Ahead, in []Memory) Memory {
	a := &Args{In: make([]Memory, len(in)), Shared: make(Memory, ahead.Bytes)}
	a.In[ahead.Operand] = in[ahead.Operand]
	local := make(Memory, ahead.Prepare.Local)
	for _, p := range ahead.Prepare.Phases {
		for i := range p.Pieces {
			p.Run(a, p.Pieces-1-i, local)
		}
	}
	return a.Shared
}
