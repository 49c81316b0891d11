// Package lower turns ONNX models into graphs that run and can be
// differentiated: [Lower] into one graph of static shapes, [Session] into as
// many programs as a model with shapes that depend on data needs.
//
// An operator of ONNX is one file with one registration. Its rule reads the
// node's attributes and operands from a [Call] and builds the results with
// package ops. Values that are known while the graph is built (shapes, axes,
// constants and what is computed from them) are folded as the rules go.
package lower

import (
	"fmt"
	"sort"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/internal/registry"
)

// Operator is what a file of this package registers.
type Operator struct {
	Domain string // empty for ONNX's own
	Name   string
	// Since is the versions of the domain's operators at which the standard
	// changed this one, all of which the rule knows.
	Since []int64
	// Rule builds the results: it ends with one of the Return methods of c, or
	// with c.Fail.
	Rule func(c *Call)
}

var operators = registry.New[Operator]("operator")

func register(o Operator) { operators.Set(operatorKey(o.Domain, o.Name), o) }

func operatorKey(domain, name string) string {
	if domain == "" {
		return name
	}
	return domain + "." + name
}

// Operators lists what is registered, in the order of names.
func Operators() []Operator {
	var all []Operator
	for _, name := range operators.Names() {
		o, err := operators.Get(name)
		if err == nil {
			all = append(all, o)
		}
	}
	return all
}

// MissingError lists the operators of a model that have no rule here.
type MissingError struct {
	Ops []string // with domain and opset, such as "com.example.Magic (opset 1)"
}

// Error lists them all.
func (e *MissingError) Error() string {
	return fmt.Sprintf("onnx: operators that are not supported: %s", strings.Join(e.Ops, ", "))
}

// checkOperators is a MissingError unless every operator of m has a rule.
func checkOperators(m *onnx.Model) error {
	missing := map[string]bool{}
	for n := range m.AllNodes() {
		key := operatorKey(n.Domain, n.Op)
		if _, err := operators.Get(key); err == nil || findFunction(m, n) != nil {
			continue
		}
		missing[fmt.Sprintf("%s (opset %d)", key, m.Opset(n.Domain))] = true
	}
	if len(missing) == 0 {
		return nil
	}
	e := &MissingError{}
	for op := range missing {
		e.Ops = append(e.Ops, op)
	}
	sort.Strings(e.Ops)
	return e
}

// findFunction is the function of m that defines n's operator, or nil.
func findFunction(m *onnx.Model, n *onnx.Node) *onnx.Function {
	for _, f := range m.Functions {
		if f.Name == n.Op && f.Domain == n.Domain && f.Overload == n.Overload {
			return f
		}
	}
	return nil
}
