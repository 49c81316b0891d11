package exec

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ihae/ihae/plan"
)

// counters adds up the time of each step.
type counters struct {
	began time.Time
	calls []int64
	time  []time.Duration
}

func (c *counters) start() { c.began = time.Now() }

func (c *counters) stop(at int) {
	c.time[at] += time.Since(c.began)
	c.calls[at]++
}

// Profile is what each step of a program took.
type Profile struct {
	Name  string
	Steps []StepProfile
}

// StepProfile is what one step took over all its calls.
type StepProfile struct {
	Step  string // its place: "3.1.0" is the first of body 1 of step 3
	Depth int    // in how many bodies it stands; its time is part of theirs
	Ops   string
	Name  string
	Calls int64
	Time  time.Duration
	FLOPs int64 // of one call
	Bytes int64 // of one call, at least
}

// Count starts to take the time of each step, from zero. It costs about 100 ns
// a step.
func (m *Machine) Count() {
	m.count = true
	if m.root != nil {
		m.root.count()
	}
}

func (f *frame) count() {
	n := len(f.steps)
	f.profile = &counters{calls: make([]int64, n), time: make([]time.Duration, n)}
	for i := range f.steps {
		if nest := f.steps[i].nest; nest != nil {
			for _, b := range nest.bodies {
				b.count()
			}
		}
	}
}

// Profile is what was counted since Count; without it, all times are zero. The
// steps of bodies follow those that run them.
func (m *Machine) Profile() Profile {
	p := Profile{Name: m.program.Name}
	p.add(m.program, m.root, "", 0)
	return p
}

// add lists the steps of a program, whose times are those of f, if there is one.
func (p *Profile) add(of *plan.Program, f *frame, within string, depth int) {
	for i := range of.Steps {
		s := &of.Steps[i]
		sp := StepProfile{Step: fmt.Sprint(within, i), Depth: depth, Ops: strings.Join(s.Ops, "·"), Name: s.Name, FLOPs: s.FLOPs, Bytes: s.Bytes}
		if f != nil && f.profile != nil {
			sp.Calls, sp.Time = f.profile.calls[i], f.profile.time[i]
		}
		p.Steps = append(p.Steps, sp)
		if s.Nest == nil {
			continue
		}
		for k, b := range s.Nest.Programs {
			var body *frame
			if f != nil {
				body = f.steps[i].nest.bodies[k]
			}
			p.add(b, body, fmt.Sprintf("%s%d.%d.", within, i, k), depth+1)
		}
	}
}

// Total is the time of all steps.
func (p Profile) Total() time.Duration {
	t := time.Duration(0)
	for _, s := range p.Steps {
		if s.Depth == 0 {
			t += s.Time
		}
	}
	return t
}

// Dump writes the profile as a table, the steps that took longest first.
func (p Profile) Dump(w io.Writer) error {
	steps := slices.Clone(p.Steps)
	slices.SortStableFunc(steps, func(a, b StepProfile) int { return cmp.Compare(b.Time, a.Time) })
	if _, err := fmt.Fprintf(w, "%s: %v\n", p.Name, p.Total()); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "share\tµs a call\tcalls\tGFLOP/s\tGB/s\tstep\toperations name\t")
	total := float64(max(1, p.Total()))
	for _, s := range steps {
		ns := float64(max(1, s.Time)) / float64(max(1, s.Calls))
		fmt.Fprintf(t, "%.1f%%\t%.2f\t%d\t%.2f\t%.2f\t%s\t%s %s\t\n", 100*float64(s.Time)/total, ns/1000, s.Calls,
			float64(s.FLOPs)/ns, float64(s.Bytes)/ns, s.Step, s.Ops, s.Name)
	}
	return t.Flush()
}
