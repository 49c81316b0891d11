package optim

import "math"

// The constants of the strong Wolfe conditions, as Nocedal and Wright give them
// for quasi-Newton methods in section 3.1.
const (
	armijo    = 1e-4 // share of the slope by which the value must fall
	curvature = 0.9  // share of the slope that may be left
)

// place is a point on the line: how far along, and the function there.
type place struct {
	t     float64
	value float64
	slope float64 // the derivative along the line
	grad  []float64
}

// line searches along a direction for a point that satisfies the strong Wolfe
// conditions: Nocedal and Wright, algorithms 3.5 and 3.6, with the cubic of
// equation 3.59.
type line struct {
	m      *lbfgs
	start  place
	at     []float64 // the point at work
	calls  int       // left
	norm   float64   // of the direction: its largest component
	rounds int
}

func newLine(m *lbfgs) *line {
	return &line{m: m, at: make([]float64, len(m.x)), calls: m.Calls - m.min.Evaluations, norm: largest(m.direction)}
}

// evaluate is the function t directions from the start.
func (l *line) evaluate(t float64) (place, error) {
	for i, d := range l.m.direction {
		l.at[i] = l.m.x[i] + t*d
	}
	p := place{t: t, grad: make([]float64, len(l.at))}
	var err error
	p.value, err = l.m.f(l.at, p.grad)
	p.slope = dot(p.grad, l.m.direction)
	return p, err
}

// high says whether p lies too high: above the line of sufficient fall.
func (l *line) high(p place) bool {
	return !(p.value <= l.start.value+armijo*p.t*l.start.slope)
}

// flat says whether the slope at p is small enough.
func (l *line) flat(p place) bool { return math.Abs(p.slope) <= -curvature*l.start.slope }

// search is the best point found, first trying the length t.
func (l *line) search(t, slope float64) (place, error) {
	l.start = place{value: l.m.value, slope: slope, grad: append([]float64{}, l.m.grad...)}
	before := l.start
	p, err := l.evaluate(t)
	if err != nil {
		return l.start, err
	}
	for ; err == nil && l.rounds < l.calls; l.rounds++ {
		switch {
		case l.high(p) || l.rounds > 1 && p.value >= before.value:
			return l.zoom(before, p)
		case l.flat(p):
			return p, nil
		case p.slope >= 0:
			return l.zoom(before, p)
		}
		next := cubic(before, p, p.t+0.01*(p.t-before.t), 10*p.t)
		before = p
		var q place
		if q, err = l.evaluate(next); err == nil {
			p = q
		}
	}
	if p.value < l.start.value {
		return p, err
	}
	return l.start, err
}

// zoom narrows the bracket between a and b until a point in it satisfies the
// conditions.
func (l *line) zoom(a, b place) (place, error) {
	low, high := ordered(a, b)
	slow := false // the last trial was near the end of the bracket
	for l.rounds < l.calls && math.Abs(high.t-low.t)*l.norm >= l.m.Change {
		var t float64
		t, slow = l.trial(low, high, slow)
		p, err := l.evaluate(t)
		if err != nil {
			return low, err
		}
		l.rounds++
		switch {
		case l.high(p) || p.value >= low.value:
			low, high = ordered(low, p)
		case l.flat(p):
			return p, nil
		case p.slope*(high.t-low.t) >= 0:
			low, high = p, low
		default:
			low = p
		}
	}
	return low, nil
}

func ordered(a, b place) (low, high place) {
	if b.value < a.value { // not so if it is NaN
		return b, a
	}
	return a, b
}

// trial is the next length to try in a bracket. One that is nearer to an end
// than a tenth of the bracket is allowed only once in a row, and never on the
// end: then it is moved a tenth inwards.
func (l *line) trial(a, b place, slow bool) (float64, bool) {
	from, to := min(a.t, b.t), max(a.t, b.t)
	t := cubic(a, b, from, to)
	margin := 0.1 * (to - from)
	if min(to-t, t-from) >= margin {
		return t, false
	}
	if !slow && t < to && t > from {
		return t, true
	}
	if math.Abs(t-to) < math.Abs(t-from) {
		return to - margin, false
	}
	return from + margin, false
}

// cubic is where the cubic through values and slopes of a and b has its minimum,
// kept in [low, high]; the middle where it has none.
func cubic(a, b place, low, high float64) float64 {
	if a.t > b.t {
		a, b = b, a
	}
	d1 := a.slope + b.slope - 3*(a.value-b.value)/(a.t-b.t)
	square := d1*d1 - a.slope*b.slope
	if !(square >= 0) {
		return (low + high) / 2
	}
	d2 := math.Sqrt(square)
	t := b.t - (b.t-a.t)*((b.slope+d2-d1)/(b.slope-a.slope+2*d2))
	if math.IsNaN(t) {
		return (low + high) / 2
	}
	return min(max(t, low), high)
}
