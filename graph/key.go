package graph

import (
	"crypto/sha256"
	"fmt"
	"io"
)

// Key identifies what f computes: functions of equal structure, with inputs of
// equal types in the same order, have equal keys. Labels and names do not count.
func (f *Func) Key() string {
	f.once.Do(func() {
		h := sha256.New()
		number := map[*Node]int{}
		add := func(n *Node) { number[n] = len(number) }
		for _, n := range f.In {
			fmt.Fprint(h, n.typ, ";")
			add(n)
		}
		for _, n := range Reachable(f.Out) {
			if _, leaf := n.op.(Leaf); leaf {
				continue
			}
			writeKey(h, n.op)
			for _, a := range n.in {
				fmt.Fprint(h, number[a], ",")
			}
			for _, y := range n.out {
				add(y)
			}
		}
		for _, n := range f.Out {
			fmt.Fprint(h, ">", number[n])
		}
		f.key = string(h.Sum(nil))
	})
	return f.key
}

// writeKey writes what makes two operations equal.
func writeKey(w io.Writer, op Op) {
	if k, ok := op.(Keyed); ok {
		key := k.Key()
		fmt.Fprintf(w, "%s %d %s:", op.Name(), len(key), key)
		return
	}
	fmt.Fprintf(w, "%T%#v:", op, op)
}
