package caffe

import "slices"

// params reads the fields of a message by name. The first mistake sticks; done
// reports it, or a field that nobody asked for, since leaving that out would
// change the numbers.
type params struct {
	m    *message
	err  *error
	used map[string]bool
	sub  *[]*params // all that were opened from the same layer
}

func newParams(m *message) *params {
	p := &params{m: m, err: new(error), used: map[string]bool{}, sub: new([]*params)}
	*p.sub = append(*p.sub, p)
	return p
}

func (p *params) fail(at place, reason string, args ...any) {
	if *p.err == nil {
		*p.err = at.errorf(reason, args...)
	}
}

// values is the values of a repeated field.
func (p *params) values(name string) []field {
	p.used[name] = true
	var list []field
	for _, f := range p.m.fields {
		if f.name == name {
			list = append(list, f)
		}
	}
	return list
}

func (p *params) has(name string) bool { return len(p.values(name)) > 0 }

// last is the value of a field that is not repeated: protobuf takes the last.
func (p *params) last(name string) (field, bool) {
	list := p.values(name)
	if len(list) == 0 {
		return field{}, false
	}
	return list[len(list)-1], true
}

// ignore lists fields that do not change what the net computes.
func (p *params) ignore(names ...string) {
	for _, name := range names {
		p.used[name] = true
	}
}

// child opens the message in a field; it is empty where the field is absent.
func (p *params) child(name string) *params {
	f, ok := p.last(name)
	c := &params{m: &message{at: p.m.at}, err: p.err, used: map[string]bool{}, sub: p.sub}
	switch {
	case ok && f.value.kind == group:
		c.m = f.value.m
	case ok:
		p.fail(f.at, "%s is %v, want a message", name, f.value.kind)
	}
	*p.sub = append(*p.sub, c)
	return c
}

// maxInt bounds whole numbers, so that sums and products of a few fit.
const maxInt = 1 << 31

func (p *params) integer(f field) int {
	v := f.value
	if v.kind != integer || v.i < -maxInt || v.i > maxInt {
		p.fail(f.at, "%s is %v, want an integer in 32 bits", f.name, v.kind)
		return 0
	}
	return int(v.i)
}

func (p *params) number(f field) float32 {
	if f.value.kind != integer && f.value.kind != real {
		p.fail(f.at, "%s is %v, want a number", f.name, f.value.kind)
	}
	return float32(f.value.f)
}

// int is a whole number, or def where the field is absent.
func (p *params) int(name string, def int) int {
	if f, ok := p.last(name); ok {
		return p.integer(f)
	}
	return def
}

// size is a whole number of at least low.
func (p *params) size(name string, def, low int) int {
	f, ok := p.last(name)
	if !ok {
		return def
	}
	v := p.integer(f)
	if v < low {
		p.fail(f.at, "%s is %d, at least %d", name, v, low)
		return def
	}
	return v
}

func (p *params) ints(name string) []int {
	var list []int
	for _, f := range p.values(name) {
		list = append(list, p.integer(f))
	}
	return list
}

func (p *params) float(name string, def float32) float32 {
	if f, ok := p.last(name); ok {
		return p.number(f)
	}
	return def
}

func (p *params) floats(name string) []float32 {
	var list []float32
	for _, f := range p.values(name) {
		list = append(list, p.number(f))
	}
	return list
}

// flag is a truth value: true or false, or 1 or 0.
func (p *params) flag(name string, def bool) bool {
	f, ok := p.last(name)
	v := f.value
	switch {
	case !ok:
		return def
	case v.kind == word && slices.Contains([]string{"true", "True", "t"}, v.s), v.kind == integer && v.i == 1:
		return true
	case v.kind == word && slices.Contains([]string{"false", "False", "f"}, v.s), v.kind == integer && v.i == 0:
		return false
	}
	p.fail(f.at, "%s is %v, want true or false", name, v.kind)
	return def
}

// choice is a value of an enumeration, by its number or its name. among has the
// names at their numbers; the default is the first that is not empty.
func (p *params) choice(name string, among ...string) string {
	def := among[slices.IndexFunc(among, func(s string) bool { return s != "" })]
	f, ok := p.last(name)
	if !ok {
		return def
	}
	switch v := f.value; {
	case v.kind == integer && v.i >= 0 && v.i < int64(len(among)) && among[v.i] != "":
		return among[v.i]
	case v.kind == word && v.s != "" && slices.Contains(among, v.s):
		return v.s
	}
	p.fail(f.at, "%s is none of %v", name, among)
	return def
}

func (p *params) text(f field) string {
	if f.value.kind != quoted {
		p.fail(f.at, "%s is %v, want a string", f.name, f.value.kind)
	}
	return f.value.s
}

// str is a string; empty where the field is absent.
func (p *params) str(name string) string {
	if f, ok := p.last(name); ok {
		return p.text(f)
	}
	return ""
}

func (p *params) strs(name string) []string {
	var list []string
	for _, f := range p.values(name) {
		list = append(list, p.text(f))
	}
	return list
}

// done is the first mistake, or a field that was not asked for.
func (p *params) done() error {
	if *p.err != nil {
		return *p.err
	}
	for _, s := range *p.sub {
		if s.m.unknown != 0 {
			return s.m.at.errorf("field %d is not known; give the net as a .prototxt", s.m.unknown)
		}
		for _, f := range s.m.fields {
			if !s.used[f.name] {
				return f.at.errorf("%s is not known", f.name)
			}
		}
	}
	return nil
}
