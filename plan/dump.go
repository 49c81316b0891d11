package plan

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Stats is what a program takes.
type Stats struct {
	Instructions int   // those of bodies too, each once
	FLOPs        int64 // floating-point operations of one run
	Bytes        int64 // moved by one run, at least
	Arena        int   // bytes of memory for values and scratch
	Constants    int   // bytes
	Peak         int   // the most bytes of it that are needed at one time: no arena can be smaller
}

// Stats adds up the steps. The work of bodies counts as often as they run: the
// larger of a choice, once of a loop whose length depends on data.
func (p *Program) Stats() Stats {
	s := Stats{Instructions: len(p.Steps), Arena: p.Arena, Peak: p.Peak}
	for i := range p.Steps {
		s.FLOPs += p.Steps[i].FLOPs
		s.Bytes += p.Steps[i].Bytes
		if n := p.Steps[i].Nest; n != nil {
			for _, b := range n.Programs {
				inner := b.Stats()
				s.Instructions += inner.Instructions
				s.Constants += inner.Constants
			}
		}
	}
	for _, c := range p.Constants {
		s.Constants += len(c.Bytes())
	}
	return s
}

// Dump writes the program as a table: what each step computes from which
// places, its shapes, the bytes it moves and its floating-point operations. Step
// 3.1.0 is the first of body 1 of step 3, counted for one run of the body; its
// places are those of the body. The text depends on the program alone.
func (p *Program) Dump(w io.Writer) error {
	s := p.Stats()
	if _, err := fmt.Fprintf(w, "%s: %d steps, %d FLOPs, %d bytes moved, %d bytes arena, %d bytes constants\n",
		p.Name, s.Instructions, s.FLOPs, s.Bytes, s.Arena, s.Constants); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "step\toperations\tfrom\tto\tbytes\tFLOPs\tname")
	p.rows(t, "")
	if err := t.Flush(); err != nil {
		return err
	}
	for i, o := range p.Out {
		if _, err := fmt.Fprintf(w, "output %d %v at %v %s\n", i, o.Type, o.Place, o.Name); err != nil {
			return err
		}
	}
	return nil
}

// rows writes a line for each step; those of bodies follow the step that runs
// them, numbered within it.
func (p *Program) rows(w io.Writer, within string) {
	for i := range p.Steps {
		st := &p.Steps[i]
		fmt.Fprintf(w, "%s%d\t%s\t%s\t%s\t%d\t%d\t%s\n", within, i, strings.Join(st.Ops, "·"), list(st.In), list(st.Out), st.Bytes, st.FLOPs, st.Name)
		if st.Nest == nil {
			continue
		}
		for k, b := range st.Nest.Programs {
			b.rows(w, fmt.Sprintf("%s%d.%d.", within, i, k))
		}
	}
}

func list(os []Operand) string {
	s := make([]string, len(os))
	for i, o := range os {
		s[i] = fmt.Sprintf("%v@%v", o.Type, o.Place)
	}
	return strings.Join(s, " ")
}

// String writes a place as a+offset, in0 or c0.
func (p Place) String() string {
	switch p.Space {
	case Fed:
		return fmt.Sprint("in", p.Index)
	case Constant:
		return fmt.Sprint("c", p.Index)
	case Given:
		return fmt.Sprint("out", p.Index)
	}
	return fmt.Sprint("a+", p.Offset)
}
