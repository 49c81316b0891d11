package lint

import (
	"go/ast"
	"testing"
)

// The budgets, in lines. A file or function that needs more is listed in
// excused with the reason; an excuse that is not needed any more is an error
// too, and no excuse goes past the last two numbers.
const (
	maxFunc, maxFile               = 60, 400
	mostFunc, mostShare            = 45, 0.9 // nine of ten functions
	excusedMaxFunc, excusedMaxFile = 80, 700
)

var excused = map[string]string{}

// TestBudgets holds files and functions to their lengths.
func TestBudgets(t *testing.T) {
	unused := map[string]bool{}
	for name := range excused {
		unused[name] = true
	}
	over := func(name string, lines, limit, excusedLimit int) {
		if lines <= limit {
			return
		}
		if excused[name] != "" && lines <= excusedLimit {
			delete(unused, name)
			return
		}
		t.Errorf("%s has %d lines, the budget is %d", name, lines, limit)
	}
	count, long := 0, 0
	for _, f := range source(t) {
		over(f.path, f.line(f.tree.FileEnd), maxFile, excusedMaxFile)
		for _, d := range f.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := f.line(fn.End()) - f.line(fn.Pos()) + 1
			over(f.path+" "+fn.Name.Name, lines, maxFunc, excusedMaxFunc)
			count++
			if lines > mostFunc {
				long++
			}
		}
	}
	if share := 1 - float64(long)/float64(count); share < mostShare {
		t.Errorf("%.0f %% of %d functions have at most %d lines, want %.0f %%", 100*share, count, mostFunc, 100*mostShare)
	}
	for name := range unused {
		t.Errorf("excused %s needs no excuse", name)
	}
	t.Logf("%d functions, %d over %d lines", count, long, mostFunc)
}
