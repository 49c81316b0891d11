package lint

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeIsTheExample asks that the Go code of the README stands, line by
// line and in order, in the tested example, and that its links lead somewhere.
func TestReadmeIsTheExample(t *testing.T) {
	example, err := os.ReadFile(filepath.Join(root, "task", "example_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "README.ko.md", "CONTRIBUTING.md", "docs/architecture.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(name), link[1])); err != nil {
				t.Errorf("%s links to nothing: %v", name, err)
			}
		}
		if name == "README.md" {
			checkExample(t, string(text), string(example))
		}
	}
}

func checkExample(t *testing.T, readme, example string) {
	_, code, ok := strings.Cut(readme, "```go\n")
	code, _, closed := strings.Cut(code, "```")
	if !ok || !closed {
		t.Fatal("README.md has no Go code")
	}
	for line := range strings.Lines(code) {
		line = strings.TrimSpace(line)
		i := strings.Index(example, line)
		if i < 0 {
			t.Fatalf("README.md has a line that the example has not, or not here: %s", line)
		}
		example = example[i+len(line):]
	}
}
