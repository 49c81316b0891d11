package lint

import (
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// forbidden is what libraries may not call: randomness, time, files'
// locations and output come in as arguments. The packages named may.
var forbidden = map[string][]string{
	"fmt.Print":    {"cmd/ihae"},
	"fmt.Printf":   {"cmd/ihae"},
	"fmt.Println":  {"cmd/ihae"},
	"os.Getenv":    {"cmd/ihae", "internal/cpu"},
	"os.LookupEnv": {"cmd/ihae", "internal/cpu"},
	"os.Exit":      {"cmd/ihae"},
	"time.Now":     {"cmd/ihae", "exec", "train"},
	"log.Fatal":    {},
	"log.Printf":   {},
}

// TestManners looks for calls of forbidden functions and for the process-wide
// random source.
func TestManners(t *testing.T) {
	for _, f := range source(t) {
		if f.test || nested(f.pkg) || strings.HasPrefix(f.pkg, "data/sets/") {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || x.Obj != nil {
				return true
			}
			checkCall(t, f, f.path+":"+strconv.Itoa(f.line(sel.Pos())), x.Name+"."+sel.Sel.Name)
			return true
		})
	}
}

func checkCall(t *testing.T, f *file, at, call string) {
	allowed, bad := forbidden[call]
	for _, pkg := range allowed {
		if pkg == f.pkg {
			bad = false
		}
	}
	if bad {
		t.Errorf("%s: %s in a library", at, call)
	}
	if name, ok := strings.CutPrefix(call, "rand."); ok && !strings.HasPrefix(name, "New") && ast.IsExported(name) {
		switch name {
		case "Rand", "Source", "PCG", "ChaCha8", "Zipf":
		default:
			t.Errorf("%s: the process-wide random source", at)
		}
	}
}

// TestDocs asks for a comment that begins with the name on everything exported
// and on every package.
func TestDocs(t *testing.T) {
	documented := map[string]bool{}
	seen := map[string]string{}
	for _, f := range source(t) {
		if f.test || nested(f.pkg) {
			continue
		}
		seen[f.pkg] = f.path
		documented[f.pkg] = documented[f.pkg] || f.tree.Doc != nil
		for _, d := range f.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Name.IsExported() && exportedReceiver(fn) && fn.Doc == nil {
				t.Errorf("%s:%d: %s has no comment", f.path, f.line(fn.Pos()), fn.Name.Name)
			}
			if ok && fn.Doc != nil && fn.Name.IsExported() && exportedReceiver(fn) && !strings.HasPrefix(fn.Doc.Text(), fn.Name.Name) {
				t.Errorf("%s:%d: the comment of %s does not begin with its name", f.path, f.line(fn.Pos()), fn.Name.Name)
			}
		}
	}
	for pkg, path := range seen {
		if !documented[pkg] {
			t.Errorf("%s: package %s has no comment", path, pkg)
		}
	}
}

// exportedReceiver says whether fn is a function or a method of an exported
// type, other than the methods whose names say what they do.
func exportedReceiver(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	if fn.Name.Name == "String" || fn.Name.Name == "Error" {
		return false
	}
	typ := fn.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// unfinished is marks that must not be in what we ship; local is paths of
// somebody's machine.
var (
	unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	local      = regexp.MustCompile(`(^|[^a-z.])/(home|root|work|tmp)/[a-z]`)
)

// TestFinished looks through all text files that git tracks.
func TestFinished(t *testing.T) {
	out, err := exec.Command("git", "-C", root, "ls-files", "-z").Output()
	if err != nil {
		t.Skip("not a git checkout:", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || strings.IndexByte(string(text), 0) >= 0 {
			continue // removed but still in the index, or binary
		}
		for i, line := range strings.Split(string(text), "\n") {
			if unfinished.MatchString(line) || local.MatchString(line) {
				t.Errorf("%s:%d: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	}
}
