package data

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// classesFile holds the names of classes, one a line, in the order of labels.
const classesFile = "classes.txt"

// readClasses is the names in classes.txt, or none without that file.
func readClasses(fsys fs.FS) ([]string, error) {
	f, err := fsys.Open(classesFile)
	if err != nil {
		return nil, nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", classesFile, err)
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	var names []string
	for i, line := range strings.Split(strings.TrimRight(text, "\r\n"), "\n") {
		name := strings.TrimSpace(line)
		if name == "" || slices.Contains(names, name) {
			return nil, fmt.Errorf("%s: line %d: %q is empty or there already", classesFile, i+1, name)
		}
		names = append(names, name)
	}
	return names, nil
}

// orderClasses is the classes of data whose names are found: in the order of
// listed (classes.txt), which must have them all, else in the order known from
// a card that has them all, else by name.
func orderClasses(found, listed, known []string) ([]string, error) {
	for _, name := range found {
		if listed != nil && !slices.Contains(listed, name) {
			return nil, fmt.Errorf("%s has no class %q; it has %v", classesFile, name, listed)
		}
	}
	if listed != nil {
		return listed, nil
	}
	for _, name := range found {
		if !slices.Contains(known, name) {
			return slices.Sorted(slices.Values(found)), nil
		}
	}
	return known, nil
}

// numberedClasses is the names of the labels 0 to n-1: listed or known ones when
// there are enough, else the numbers.
func numberedClasses(n int, listed, known []string) ([]string, error) {
	if listed != nil && len(listed) < n {
		return nil, fmt.Errorf("%s has %d classes, there is a label %d", classesFile, len(listed), n-1)
	}
	if listed != nil {
		return listed, nil
	}
	if len(known) >= n {
		return known, nil
	}
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names, nil
}
