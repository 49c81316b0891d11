package train

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ihae/ihae/nn"
)

// freezer says which parameters some patterns freeze. A pattern is the path of a
// parameter or of a layer, which means all in it; "*" in it stands for any
// letters, "?" for one, as in "block.*.conv". One that names nothing is an error.
func freezer(patterns []string, params []nn.Named) (func(path string) bool, error) {
	frozen := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, p := range params {
			ok, err := matches(pattern, p.Path)
			if err != nil {
				return nil, &ConfigError{"freeze", fmt.Sprintf("%q is no pattern: %v", pattern, err)}
			}
			if ok {
				found, frozen[p.Path] = true, true
			}
		}
		if !found {
			return nil, &ConfigError{"freeze", fmt.Sprintf("%q names no parameter; there is %s", pattern, strings.Join(nearPaths(pattern, params), ", "))}
		}
	}
	for _, p := range params {
		if !p.Buffer && !frozen[p.Path] {
			return func(path string) bool { return frozen[path] }, nil
		}
	}
	return nil, &ConfigError{"freeze", "leaves no parameter to train"}
}

// matches says whether a pattern is that of a path, or of a layer on the way.
func matches(pattern, full string) (bool, error) {
	for at := range full + "." {
		if at < len(full) && full[at] != '.' {
			continue
		}
		if ok, err := path.Match(pattern, full[:at]); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// nearPaths is what a pattern may have meant: the paths with one of its parts in
// them, or the outermost layers.
func nearPaths(pattern string, params []nn.Named) []string {
	const most = 12
	var near, outer []string
	for _, p := range params {
		first, _, _ := strings.Cut(p.Path, ".")
		if !slices.Contains(outer, first) {
			outer = append(outer, first)
		}
		for _, part := range strings.FieldsFunc(pattern, func(r rune) bool { return strings.ContainsRune(".*?[]", r) }) {
			if strings.Contains(p.Path, part) && !slices.Contains(near, p.Path) {
				near = append(near, p.Path)
			}
		}
	}
	if len(near) == 0 {
		near = outer
	}
	if len(near) > most {
		near = append(near[:most:most], "…")
	}
	return near
}
