package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// opTime is how long one operation is timed.
const opTime = 150 * time.Millisecond

// opProgram is the program of one operation on large operands; ok is false for
// what float32 has no part in, and for what cannot be stretched.
func opProgram(e graph.Entry) (p *plan.Program, ok bool, err error) {
	s, ok := largeSample(e)
	if !ok {
		return nil, false, nil
	}
	op := sampleOp(e, s)
	g := graph.New()
	in := make([]*graph.Node, len(s.In))
	for i, t := range s.In {
		in[i] = g.Leaf(fmt.Sprint("x", i), t)
	}
	if len(in) == 0 {
		return nil, false, nil
	}
	out := graph.Apply(op, in...)
	f, err := graph.NewFunc(e.Op.Name(), in, out)
	if err != nil {
		return nil, false, err
	}
	p, err = plan.Compile(f, plan.Options{})
	return p, err == nil && len(p.Steps) > 0, err
}

// largeElements is how many elements the largest operand shall have, 64 MB of
// float32: more than caches hold.
const largeElements = 1 << 24

// largeSample is e.Large, or a sample whose first axis is longer.
func largeSample(e graph.Entry) (graph.Sample, bool) {
	if e.Large != nil {
		return *e.Large, true
	}
	for _, s := range e.Samples {
		if !slices.ContainsFunc(s.In, func(t tensor.Type) bool { return t.DType == tensor.Float32 && t.Shape.Size() > 0 }) {
			continue
		}
		if in, ok := stretch(sampleOp(e, s), s.In); ok {
			s.In = in
			return s, true
		}
	}
	return graph.Sample{}, false
}

// stretch makes the axes that are as long as the last axis of the largest operand
// 1,024 long, and those as long as its first axis as long as it takes; or, where
// that cannot be, the first alone.
func stretch(op graph.Op, in []tensor.Type) ([]tensor.Type, bool) {
	largest := in[0]
	for _, t := range in {
		if t.Shape.Size() > largest.Shape.Size() {
			largest = t
		}
	}
	s := largest.Shape
	if s.Rank() == 0 || s.Size() == 0 {
		return nil, false
	}
	for _, last := range []int{1024, s.Dim(-1)} {
		between := s.Size() / s.Dim(-1) * last / s.Dim(0) // elements for each step along the first axis
		first := max(1, largeElements/max(1, between))
		out := slices.Clone(in)
		for i, t := range in {
			out[i].Shape = stretched(t.Shape, s, first, last)
		}
		if s.Rank() == 1 {
			out = flat(in, s)
		}
		if _, err := op.Infer(out); err == nil {
			return out, true
		}
	}
	return nil, false
}

// stretched is shape t with the first and last axes of s made longer.
func stretched(t, s tensor.Shape, first, last int) tensor.Shape {
	dims := slices.Clone(t.Dims())
	if n := len(dims); n > 0 && dims[n-1] == s.Dim(-1) {
		dims[n-1] = last
	}
	if len(dims) == s.Rank() && s.Rank() > 1 && dims[0] == s.Dim(0) {
		dims[0] = first
	}
	return tensor.Dims(dims...)
}

// flat makes all operands of shape s as long as it takes.
func flat(in []tensor.Type, s tensor.Shape) []tensor.Type {
	out := slices.Clone(in)
	for i := range out {
		if out[i].Shape == s {
			out[i].Shape = tensor.Dims(largeElements)
		}
	}
	return out
}

const opsPage = `# Operations

    ihae ops --bench --markdown > docs/operations.md

What networks are made of. Every operation has a definition in float64 (exact for
integers), which all else is held to by tests. **Bold** types have a kernel or need
none, the others run by the definition. *of limit* is the share of what the machine
allows (see ` + "`ihae bench`" + `), on large float32 operands, 64 MB where memory is the
limit; - where nothing was measured. What only reads may pass 100 %, since the
limit of memory is that of a sum of two arrays, and products of bytes pass that of
float32. Gradients are closed: those that there are
have gradients again, to any order. Types for storage, which are the floats of 8
and 4 bits and the integers of 4 and 2, are taken where others of their kind are.

| operation | formula | types | gradient | of limit |
|---|---|---|---|---|
`

// writeOpsPage writes docs/operations.md.
func writeOpsPage(w io.Writer, list []opLine) error {
	var b strings.Builder
	b.WriteString(opsPage)
	for _, l := range list {
		doc := strings.ReplaceAll(l.Doc, "|", "\\|")
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", l.Op, doc, boldTypes(l), gradientText(l), limitText(l))
	}
	fmt.Fprintf(&b, "\n%d operations.\n", len(list))
	_, err := io.WriteString(w, b.String())
	return err
}

func boldTypes(l opLine) string {
	var parts []string
	for word := range strings.FieldsSeq(typesText(l, "*")) {
		if name, fast := strings.CutSuffix(word, "*"); fast {
			word = "**" + name + "**"
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, " ")
}
