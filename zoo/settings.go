package zoo

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Settings is values by name: int, float64, bool, string or []int.
type Settings map[string]any

// Int is a setting that the architecture declares as int.
func (s Settings) Int(name string) int { return s[name].(int) }

// Float is a setting that the architecture declares as float64.
func (s Settings) Float(name string) float64 { return s[name].(float64) }

// Bool is a setting that the architecture declares as bool.
func (s Settings) Bool(name string) bool { return s[name].(bool) }

// Text is a setting that the architecture declares as string.
func (s Settings) Text(name string) string { return s[name].(string) }

// List is a setting that the architecture declares as []int.
func (s Settings) List(name string) []int { return s[name].([]int) }

// With is a copy of the defaults s with the values of set, which may be as TOML
// has them or as text ("16,32" for a list). A name that s does not have is an
// error that lists those it has.
func (s Settings) With(set map[string]any) (Settings, error) {
	all := maps.Clone(s)
	for _, name := range slices.Sorted(maps.Keys(set)) {
		standard, ok := s[name]
		if !ok {
			return nil, fmt.Errorf("no setting %q; there is %v", name, slices.Sorted(maps.Keys(s)))
		}
		v, err := like(standard, set[name])
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", name, err)
		}
		all[name] = v
	}
	return all, nil
}

// like is v with the Go type of standard.
func like(standard, v any) (any, error) {
	switch standard.(type) {
	case int:
		return whole(v)
	case float64:
		f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("want a number, got %q", fmt.Sprint(v))
		}
		return f, nil
	case bool:
		b, err := strconv.ParseBool(fmt.Sprint(v))
		if err != nil {
			return nil, fmt.Errorf("want true or false, got %q", fmt.Sprint(v))
		}
		return b, nil
	case []int:
		return wholes(v)
	}
	text, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("want a text, got %v", v)
	}
	return text, nil
}

func whole(v any) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(fmt.Sprint(v)))
	if err != nil {
		return 0, fmt.Errorf("want a whole number, got %q", fmt.Sprint(v))
	}
	return n, nil
}

func wholes(v any) ([]int, error) {
	var parts []any
	switch v := v.(type) {
	case []int:
		return slices.Clone(v), nil
	case []any:
		parts = v
	default:
		for part := range strings.SplitSeq(fmt.Sprint(v), ",") {
			if strings.TrimSpace(part) != "" {
				parts = append(parts, part)
			}
		}
	}
	list := make([]int, len(parts))
	for i, part := range parts {
		n, err := whole(part)
		if err != nil {
			return nil, err
		}
		list[i] = n
	}
	return list, nil
}
