package tensorflow

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/tensor"
)

// Options says how to translate. The zero value is ready to use.
type Options struct {
	// Inputs has the sizes of placeholders, by name, instead of those of the
	// file; -1 is a size that stays open. A placeholder with a default is an
	// input only if it stands here.
	Inputs map[string][]int
	// Outputs is the results that are asked for, as "node" or "node:i", instead
	// of those that no other node takes. What they do not need is left out.
	Outputs []string
	// Values fixes results of nodes: such as the truth value that says whether
	// the graph trains.
	Values map[string]tensor.Tensor
	// SampleRate is of the sound that replaces files in DecodeWav: 16,000 Hz.
	SampleRate int
	Limits     Limits
}

// Open translates the graph of a file; errors name it.
func Open(path string, o Options) (*onnx.Model, error) {
	file, err := readFile(path)
	if err != nil {
		return nil, err
	}
	g, err := Decode(file, o.Limits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m, err := Convert(g, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// readFile reads a file of the size that it states.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > 1<<31:
		return nil, fmt.Errorf("%s has %d bytes; a GraphDef has at most 2 GiB", path, info.Size())
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return b, nil
}

// Named is a constant of a graph.
type Named struct {
	Name   string
	Tensor tensor.Tensor
}

// Weights lists the constants of a file that are numbers, in the file's order;
// of a graph that cannot be translated they are what can be had.
func Weights(path string) ([]Named, error) {
	file, err := readFile(path)
	if err != nil {
		return nil, err
	}
	g, err := Decode(file, Limits{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var list []Named
	for _, n := range g.Nodes {
		if a := n.Attr("value"); n.Op == "Const" && a != nil && a.Tensor != nil && !a.Tensor.Value.IsZero() {
			list = append(list, Named{n.Name, a.Tensor.Value})
		}
	}
	return list, nil
}

// Convert translates a graph. Results have the names that they have in
// TensorFlow ("node", or "node:i" for result i above 0), and constants those of
// their nodes. Values keep their layouts, so that a convolution of [N H W C] has
// transpositions around it.
//
// A graph that reads WAV files takes samples instead: [N samples] of numbers
// from -1 up to 1; metadata under ihae.input.* says so.
func Convert(g *Graph, o Options) (*onnx.Model, error) {
	c := &converter{o: o, graph: g, l: o.Limits.withDefaults(0), meta: map[string]string{}}
	if c.o.SampleRate <= 0 {
		c.o.SampleRate = 16000
	}
	c.room = 24 << 20
	for _, n := range g.Nodes {
		if a := n.Attr("value"); a != nil && a.Tensor != nil {
			c.room += int64(len(a.Tensor.Value.Bytes()))
		}
	}
	nodes, err := c.inlined()
	if err != nil {
		return nil, err
	}
	if c.region, err = newRegion(nodes); err != nil {
		return nil, err
	}
	if err := c.region.findLoops(); err != nil {
		return nil, err
	}
	s := &scope{c: c, b: onnx.NewBuilder("tensorflow"), region: c.region}
	if err := s.outputs(); err != nil {
		return nil, err
	}
	m, err := s.b.Model(17)
	if err != nil {
		return nil, fmt.Errorf("tensorflow: %w", err)
	}
	m.SetMeta("ihae.source", "tensorflow")
	for _, key := range slices.Sorted(mapKeys(c.meta)) {
		m.SetMeta(key, c.meta[key])
	}
	return m, nil
}

// converter is what all scopes of one translation share.
type converter struct {
	o      Options
	graph  *Graph
	l      Limits
	region *region
	meta   map[string]string
	steps  int   // nodes translated, those of loops each time
	room   int64 // bytes that constants made here may still take
	made   int64 // bytes of nodes, names and known numbers

	follow    func(result string) string // from that of a call to where it comes from
	functions map[string]*Function
	bodies    map[string]*functionBody
}

// spend says whether a constant of so many bytes may be made here. Where it may
// not, operators make it when the model runs.
func (c *converter) spend(bytes int64) bool {
	if bytes > c.room {
		return false
	}
	c.room -= bytes
	return true
}

// pay counts the bytes of what a small file could make without end: nodes, names
// from long names, and lists of numbers.
func (c *converter) pay(bytes int) error {
	limit := 1000 * int64(c.l.Nodes)
	if c.made += int64(bytes); c.made > limit {
		return fmt.Errorf("tensorflow: the nodes, their names and known numbers take more than %d bytes: see Limits.Nodes", limit)
	}
	return nil
}

// outputs translates what the results that are asked for need, and declares
// them.
func (s *scope) outputs() error {
	names := s.c.o.Outputs
	if len(names) == 0 {
		names = s.region.leaves()
	}
	refs := make([]ref, len(names))
	for i, name := range names {
		r, err := s.region.parse(s.c.follow(name))
		if err == nil && r.i < 0 {
			err = fmt.Errorf("%q is no result", name)
		}
		if err != nil {
			return fmt.Errorf("tensorflow: output: %w", err)
		}
		refs[i] = r
	}
	if err := s.check(refs); err != nil {
		return err
	}
	values, err := s.eval(refs)
	if err != nil {
		return err
	}
	declared := map[string]bool{}
	for i, v := range values {
		if err := s.output(v, strings.TrimSuffix(names[i], ":0"), declared); err != nil {
			return err
		}
		if n := refs[i].node; len(s.c.o.Outputs) == 0 && several[n.Op] {
			for j := 1; j < len(s.done[n]); j++ {
				if err := s.output(s.done[n][j], fmt.Sprintf("%s:%d", n.Name, j), declared); err != nil {
					return err
				}
			}
		}
	}
	if len(declared) == 0 {
		return fmt.Errorf("tensorflow: no result that is asked for: name some in Options.Outputs")
	}
	return s.b.Err()
}

// several is operations all of whose results are meant, if no node takes them.
var several = map[string]bool{
	"IdentityN": true, "If": true, "NonMaxSuppressionV4": true, "NonMaxSuppressionV5": true, "Split": true, "SplitV": true,
	"StatelessIf": true, "StatelessWhile": true, "TopK": true, "TopKV2": true, "Unpack": true, "While": true,
}

// output declares that v, which is wanted under a name, is an output.
func (s *scope) output(v *value, want string, declared map[string]bool) error {
	if v.dead || v.array != nil {
		return fmt.Errorf("tensorflow: output %q is no tensor", want)
	}
	e, err := v.typ.elem()
	if err != nil {
		return fmt.Errorf("tensorflow: output %q: %w", want, err)
	}
	if _, added := s.inits[v]; v.known() && !added {
		w := *v
		w.init = want + ":constant"
		v = &w
	}
	name := s.use(v)
	if name != want || declared[name] {
		name = s.b.AddAs(s.fresh(want), "Identity", []string{name})
	}
	declared[name] = true
	if v.shape.ranked {
		s.b.Output(name, e, s.ports(v.shape)...)
	} else {
		s.b.OutputAny(name, e)
	}
	return nil
}

// ports is a shape as the model states it.
func (s *scope) ports(v shape) []any {
	list := make([]any, len(v.dims))
	for i, d := range v.dims {
		switch {
		case d >= 0:
			list[i] = d
		case d == batch:
			list[i] = "N"
		}
	}
	return list
}

// check is an error that names all operations that are not known, those of
// functions that loops and conditions call included.
func (s *scope) check(refs []ref) error {
	missing := map[string][]string{}
	known := translators.Names()
	seen := map[string]bool{}
	todo := []*functionBody{{s.region, refs}}
	for len(todo) > 0 {
		body := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, n := range body.needed(body.results) {
			if _, ok := slices.BinarySearch(known, n.Op); !ok {
				missing[n.Op] = append(missing[n.Op], n.Name)
			}
			for _, a := range n.Attrs {
				if a.Kind != AttrFunc || seen[a.Func] {
					continue
				}
				seen[a.Func] = true
				if f, err := s.c.body(a.Func); err == nil {
					todo = append(todo, f)
				}
			}
		}
	}
	return missingError(missing)
}

// missingError names operations and a node of each.
func missingError(missing map[string][]string) error {
	if len(missing) == 0 {
		return nil
	}
	var list []string
	for _, op := range slices.Sorted(mapKeys(missing)) {
		where := strconv.Quote(missing[op][0])
		if n := len(missing[op]); n > 1 {
			where += fmt.Sprintf(" and %d more", n-1)
		}
		list = append(list, fmt.Sprintf("%s (%s)", op, where))
	}
	return fmt.Errorf("tensorflow: operations that are not known: %s; Options.Outputs can end the graph before them, Weights reads its constants",
		strings.Join(list, ", "))
}

// translator adds a node of one operation to the model.
type translator func(k *call) error

var translators = registry.New[translator]("operation")

// Operations lists the operations that are known.
func Operations() []string { return translators.Names() }

// register makes a translator known for operations.
func register(f translator, ops ...string) {
	for _, op := range ops {
		translators.Set(op, f)
	}
}
