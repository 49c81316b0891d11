package exec

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
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
	Step  int
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
	n := len(m.program.Steps)
	m.profile = &counters{calls: make([]int64, n), time: make([]time.Duration, n)}
}

// Profile is what was counted since Count; without it, all times are zero.
func (m *Machine) Profile() Profile {
	p := Profile{Name: m.program.Name}
	for i := range m.program.Steps {
		s := &m.program.Steps[i]
		sp := StepProfile{Step: i, Ops: strings.Join(s.Ops, "·"), Name: s.Name, FLOPs: s.FLOPs, Bytes: s.Bytes}
		if m.profile != nil {
			sp.Calls, sp.Time = m.profile.calls[i], m.profile.time[i]
		}
		p.Steps = append(p.Steps, sp)
	}
	return p
}

// Total is the time of all steps.
func (p Profile) Total() time.Duration {
	t := time.Duration(0)
	for _, s := range p.Steps {
		t += s.Time
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
		fmt.Fprintf(t, "%.1f%%\t%.2f\t%d\t%.2f\t%.2f\t%d\t%s %s\t\n", 100*float64(s.Time)/total, ns/1000, s.Calls,
			float64(s.FLOPs)/ns, float64(s.Bytes)/ns, s.Step, s.Ops, s.Name)
	}
	return t.Flush()
}
