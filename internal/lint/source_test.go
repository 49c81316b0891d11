package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/ihae/ihae/"
)

// file is one hand-written Go file.
type file struct {
	path string // from the module's root
	pkg  string // the folder, from the module's root
	test bool
	tree *ast.File
	set  *token.FileSet
}

func (f *file) line(p token.Pos) int { return f.set.Position(p).Line }

// source parses all hand-written Go files of the repository, those of nested
// modules (kernel/_gen, bench) too.
func source(t *testing.T) []*file {
	t.Helper()
	var files []*file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".") && name != ".."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		f, err := parse(path)
		if f != nil {
			files = append(files, f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files found: the walk is broken", len(files))
	}
	return files
}

// parse returns nil for generated files.
func parse(path string) (*file, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, nil, parser.ParseComments)
	if err != nil || ast.IsGenerated(tree) {
		return nil, err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return nil, err
	}
	rel = filepath.ToSlash(rel)
	pkg := "."
	if i := strings.LastIndexByte(rel, '/'); i >= 0 {
		pkg = rel[:i]
	}
	return &file{rel, pkg, strings.HasSuffix(rel, "_test.go"), tree, set}, nil
}
