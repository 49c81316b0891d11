package caffe

import (
	"fmt"
	"math"
)

// Power: (shift + scale·x)^power. Exp: base^(shift + scale·x). Log: the
// logarithm of shift + scale·x to a base. A base of -1 is e.
func init() {
	register("Power", func(s *step) error {
		p := s.p.child("power_param")
		power, scale, shift := p.float("power", 1), p.float("scale", 1), p.float("shift", 0)
		return s.chain([]link{{"Mul", "scale", scale, 1}, {"Add", "shift", shift, 0}, {"Pow", "power", power, 1}})
	})
	register("Exp", func(s *step) error {
		p := s.p.child("exp_param")
		log, scale, shift := logBase(p), p.float("scale", 1), p.float("shift", 0)
		return s.chain([]link{
			{"Mul", "scale", scale * log, 1}, {"Add", "shift", shift * log, 0}, {op: "Exp"},
		})
	})
	register("Log", func(s *step) error {
		p := s.p.child("log_param")
		log, scale, shift := logBase(p), p.float("scale", 1), p.float("shift", 0)
		return s.chain([]link{
			{"Mul", "scale", scale, 1}, {"Add", "shift", shift, 0}, {op: "Log"}, {"Div", "log-base", log, 1},
		})
	})
}

// logBase is the natural logarithm of the base.
func logBase(p *params) float32 {
	base := p.float("base", -1)
	if base == -1 {
		return 1
	}
	log := math.Log(float64(base))
	if !(base > 0) || log == 0 || math.IsInf(log, 0) {
		p.fail(p.m.at, "base %v: wanted -1, for e, or a positive number other than 1", base)
	}
	return float32(log)
}

// link is one operator of a chain: with a number, unless that is the one which
// changes nothing, or without.
type link struct {
	op, what     string
	with, needed float32
}

// chain applies operators one after the other.
func (s *step) chain(links []link) error {
	if err := s.takes(1, 0); err != nil {
		return err
	}
	x := s.in[0]
	if x.name == "" {
		return fmt.Errorf("no input")
	}
	var used []link
	for _, l := range links {
		if l.what == "" || l.with != l.needed {
			used = append(used, l)
		}
	}
	if len(used) == 0 {
		return s.out(x.dims, "Identity", []string{x.name})
	}
	name := x.name
	for i, l := range used {
		in := []string{name}
		if l.what != "" {
			in = append(in, s.scalar(l.what, l.with))
		}
		if i == len(used)-1 {
			return s.out(x.dims, l.op, in)
		}
		name = s.node(l.op, in)
	}
	return nil
}
