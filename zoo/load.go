package zoo

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
)

// WeightsError lists how a file of weights and a network do not fit.
type WeightsError struct {
	Mapping string
	Missing []string // parameters of ours that the file has no tensor for
	Wrong   []string // tensors that cannot be what they should
	Left    []string // tensors that nothing of ours is
}

// Error writes all that is in e; of long lists the first so many.
func (e *WeightsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "weights with the names of %s do not fit the network", e.Mapping)
	for _, part := range []struct {
		what string
		list []string
	}{{"missing", e.Missing}, {"wrong", e.Wrong}, {"left over", e.Left}} {
		if len(part.list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "; %d %s: %s", len(part.list), part.what, strings.Join(part.list[:min(len(part.list), mostListed)], ", "))
		if more := len(part.list) - mostListed; more > 0 {
			fmt.Fprintf(&b, " and %d more", more)
		}
	}
	return b.String()
}

// mostListed bounds each list of a WeightsError's text.
const mostListed = 200

// LoadWeights fills the parameters and buffers of net from a file that names its
// tensors as m says: names lists them, get reads one. Each parameter is filled
// from one tensor, or part of one, of its shape; floating-point elements of any
// type become float32. A tensor that nothing of net is, and that m does not
// ignore, is an error: the file is of another network. The error is a
// [*WeightsError] that lists everything, or what get says; after an error the
// network's values are undefined.
func LoadWeights(net nn.Layer, m Mapping, names []string, get func(name string) (tensor.Tensor, error)) error {
	l := loader{m: m, get: get, names: map[string]string{}, parts: map[string][]bool{}, fault: WeightsError{Mapping: m.Name}}
	for _, name := range names {
		bare := m.bare(name)
		if other, taken := l.names[bare]; taken {
			l.fault.Left = append(l.fault.Left, fmt.Sprintf("%s, which is %s too", name, other))
			continue
		}
		l.names[bare] = name
	}
	params := nn.Params(net)
	rules := compileRules(m.Rules)
	for _, p := range params {
		if err := l.fill(p, rules); err != nil {
			return err
		}
	}
	if err := l.tied(params); err != nil {
		return err
	}
	l.rest(names)
	if f := &l.fault; len(f.Missing)+len(f.Wrong)+len(f.Left) > 0 {
		return f
	}
	return nil
}

// loader is a LoadWeights under way.
type loader struct {
	m     Mapping
	get   func(string) (tensor.Tensor, error)
	names map[string]string // without prefixes, to whole ones
	parts map[string][]bool // of each tensor in use, by its name without prefixes
	fault WeightsError
}

// fill reads one parameter. What is wrong with the file goes to l.fault.
func (l *loader) fill(p nn.Named, rules []compiledRule) error {
	r, theirs, ok := find(rules, p.Path)
	if !ok {
		l.fault.Missing = append(l.fault.Missing, fmt.Sprintf("%s %v, for which there is no name", p.Path, p.Value.Shape()))
		return nil
	}
	name, ok := l.names[theirs]
	if !ok {
		l.fault.Missing = append(l.fault.Missing, fmt.Sprintf("%s (our %s %v)", theirs, p.Path, p.Value.Shape()))
		return nil
	}
	if l.parts[theirs] == nil {
		l.parts[theirs] = make([]bool, max(r.Layout.Of, 1))
	}
	if part := l.parts[theirs]; r.Layout.Part >= len(part) || part[r.Layout.Part] {
		l.fault.Wrong = append(l.fault.Wrong, fmt.Sprintf("%s is wanted twice, for %s too", name, p.Path))
		return nil
	}
	l.parts[theirs][r.Layout.Part] = true
	t, err := l.get(name)
	if err != nil {
		return fmt.Errorf("weights %s: %w", name, err)
	}
	if err := r.Layout.copy(p.Value, t); err != nil {
		l.fault.Wrong = append(l.fault.Wrong, fmt.Sprintf("%s: %v (our %s)", name, err, p.Path))
	}
	return nil
}

// tied compares tensors that a file holds twice.
func (l *loader) tied(params []nn.Named) error {
	for _, r := range l.m.Tied {
		name, there := l.names[r.Theirs]
		i := slices.IndexFunc(params, func(p nn.Named) bool { return p.Path == r.Ours })
		if !there || l.parts[r.Theirs] != nil || i < 0 {
			continue
		}
		l.parts[r.Theirs] = []bool{true}
		t, err := l.get(name)
		if err != nil {
			return fmt.Errorf("weights %s: %w", name, err)
		}
		again := tensor.New(params[i].Value.Type())
		if err := r.Layout.copy(again, t); err != nil {
			l.fault.Wrong = append(l.fault.Wrong, fmt.Sprintf("%s: %v (our %s)", name, err, r.Ours))
		} else if !slices.Equal(again.Bytes(), params[i].Value.Bytes()) {
			l.fault.Wrong = append(l.fault.Wrong, fmt.Sprintf("%s has weights of its own, the network takes those of its %s: set tie to false", name, r.Ours))
		}
	}
	return nil
}

// rest lists the tensors, and parts of tensors, that nothing used.
func (l *loader) rest(names []string) {
	var ignored []*regexp.Regexp
	for _, p := range slices.Concat(everywhere, l.m.Ignore) {
		ignored = append(ignored, pattern(p))
	}
	for _, name := range names {
		bare := l.m.bare(name)
		if l.names[bare] != name {
			continue
		}
		if parts, used := l.parts[bare]; used {
			if i := slices.Index(parts, false); i >= 0 {
				l.fault.Left = append(l.fault.Left, fmt.Sprintf("part %d of %d of %s", i+1, len(parts), name))
			}
			continue
		}
		if !slices.ContainsFunc(ignored, func(p *regexp.Regexp) bool { return p.MatchString(bare) }) {
			l.fault.Left = append(l.fault.Left, name)
		}
	}
}

// copy makes ours of t as l says.
func (l Layout) copy(ours, t tensor.Tensor) error {
	if !t.DType().Float() {
		return fmt.Errorf("elements of type %v, want floating-point", t.DType())
	}
	from, to, err := l.shapes(t.Shape())
	if err != nil {
		return err
	}
	if to != ours.Shape() {
		return fmt.Errorf("%v, want what gives %v", t.Shape(), ours.Shape())
	}
	from.copy(ours.Floats(), floats(t))
	return nil
}

// shapes is how tensors of shape s are read, and the shape they become.
func (l Layout) shapes(s tensor.Shape) (stored, tensor.Shape, error) {
	dims := s.Dims()
	if l.Places > 0 {
		if len(dims) != 2 || dims[1]%l.Places != 0 {
			return stored{}, s, fmt.Errorf("%v, want [Out C·%d]", s, l.Places)
		}
		return stored{s: l.Places, i: dims[1] / l.Places, o: dims[0], all: dims[0], turned: true}, tensor.Dims(dims[1], dims[0]), nil
	}
	var f stored
	switch n := len(dims); {
	case l.Turned && n < 2:
		return stored{}, s, fmt.Errorf("%v, want [Out In spatial…]", s)
	case l.Turned:
		dims = slices.Concat(dims[2:], []int{dims[1], dims[0]})
		f.turned = true
	case n == 0:
		return stored{}, s, errors.New("a single number")
	}
	n := len(dims)
	f.all, f.i, f.s = dims[n-1], 1, 1
	if n > 1 {
		f.i = dims[n-2]
		for _, d := range dims[:n-2] {
			f.s *= d
		}
	}
	if l.Of > 1 {
		if f.all%l.Of != 0 {
			return stored{}, s, fmt.Errorf("%v, whose axis of %d does not make %d parts", s, f.all, l.Of)
		}
		dims[n-1] /= l.Of
		f.first = l.Part * dims[n-1]
	}
	f.o = dims[n-1]
	if l.Swapped {
		if f.i%2 != 0 {
			return stored{}, s, fmt.Errorf("%v, whose axis of %d has no halves", s, f.i)
		}
		f.swap = f.i / 2
	}
	return f, tensor.Dims(dims...), nil
}

// stored is how a tensor lies in a file: ours is [s i o], theirs the same, or
// turned [all i s], of whose axis all ours has those from first on.
type stored struct {
	s, i, o    int
	all, first int
	swap       int // half of i, where the halves change places
	turned     bool
}

// copy goes through blocks that fit a cache along both orders.
func (f stored) copy(dst, src []float32) {
	stepS, stepI, stepO := f.i*f.all, f.all, 1
	if f.turned {
		stepS, stepI, stepO = 1, f.s, f.i*f.s
	}
	const block = 32
	for i0 := 0; i0 < f.i; i0 += block {
		for o0 := 0; o0 < f.o; o0 += block {
			for s := range f.s {
				for i := i0; i < min(i0+block, f.i); i++ {
					at := s*stepS + (i+f.swap)%f.i*stepI + f.first*stepO
					to := dst[(s*f.i+i)*f.o:]
					for o := o0; o < min(o0+block, f.o); o++ {
						to[o] = src[at+o*stepO]
					}
				}
			}
		}
	}
}

// floats is the elements of a floating-point tensor as float32.
func floats(t tensor.Tensor) []float32 {
	if t.DType() == tensor.Float32 {
		return t.Floats()
	}
	all := make([]float32, t.Shape().Size())
	const most = 1 << 16 // elements at a time
	size := t.DType().Size()
	for at := 0; at < len(all); at += most {
		n := min(most, len(all)-at)
		part := tensor.NewWide(tensor.Type{DType: t.DType(), Shape: tensor.Dims(n)})
		part.Load(t.Bytes()[at*size : (at+n)*size])
		for k, v := range part.F {
			all[at+k] = float32(v)
		}
	}
	return all
}
