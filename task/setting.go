package task

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ihae/ihae/train"
)

// Setting is one key that --set takes.
type Setting struct {
	Key       string
	Doc       string
	Default   any      // int, float64, bool, string or []int: the type of the values too
	Low, High float64  // of numbers, both allowed
	Among     []string // of strings
}

// Text is the default as --set takes it.
func (s Setting) Text() string { return text(s.Default) }

// Type is what values look like, for people.
func (s Setting) Type() string {
	switch s.Default.(type) {
	case int:
		return "int"
	case float64:
		return "float"
	case bool:
		return "bool"
	case []int:
		return "ints"
	}
	if len(s.Among) > 0 {
		return strings.Join(s.Among, "|")
	}
	return "string"
}

// parse reads a value, or says why it is none.
func (s Setting) parse(text string) (any, error) {
	bad := func(want string) error {
		return &train.ConfigError{Key: "--set " + s.Key + "=" + text, Reason: "want " + want}
	}
	switch s.Default.(type) {
	case int:
		n, err := strconv.Atoi(text)
		if err != nil || float64(n) < s.Low || float64(n) > s.High {
			return nil, bad(fmt.Sprintf("a whole number from %.0f to %.0f", s.Low, s.High))
		}
		return n, nil
	case float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || f < s.Low || f > s.High {
			return nil, bad(fmt.Sprintf("a number from %v to %v", s.Low, s.High))
		}
		return f, nil
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, bad("true or false")
		}
		return b, nil
	case []int:
		list, err := ints(text)
		if err != nil {
			return nil, bad("whole numbers with commas between")
		}
		return list, nil
	}
	if len(s.Among) > 0 && !slices.Contains(s.Among, text) {
		return nil, bad("one of " + strings.Join(s.Among, ", "))
	}
	return text, nil
}

func ints(text string) ([]int, error) {
	var list []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

// text writes a value as parse reads it.
func text(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []int, []any:
		return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(v), "[]")), ",")
	}
	return fmt.Sprint(v)
}

// Values is a value for every setting of a task.
type Values map[string]any

// Int, Float, Bool and String read a value; a key that is not a setting of that
// type is a mistake in the task's source.

// Int is the value of a whole number.
func (v Values) Int(key string) int { return v[key].(int) }

// Float is the value of a number.
func (v Values) Float(key string) float64 { return v[key].(float64) }

// Bool is the value of a switch.
func (v Values) Bool(key string) bool { return v[key].(bool) }

// String is the value of a text.
func (v Values) String(key string) string { return v[key].(string) }

// Origins of values.
const (
	FromDefault = "default"
	FromFlag    = "flag"
)

// Parse gives every setting its value: the default, or the one in assignments
// of the form key=value, of which later ones count. It says where each is from.
func Parse(settings []Setting, assignments []string) (Values, map[string]string, error) {
	values, origin := Values{}, map[string]string{}
	byKey := map[string]Setting{}
	for _, s := range settings {
		values[s.Key], origin[s.Key], byKey[s.Key] = s.Default, FromDefault, s
	}
	for _, a := range assignments {
		key, text, ok := strings.Cut(a, "=")
		if !ok {
			return nil, nil, &train.ConfigError{Key: "--set " + a, Reason: "want key=value"}
		}
		s, ok := byKey[key]
		if !ok {
			return nil, nil, unknown(a, key, settings)
		}
		v, err := s.parse(text)
		if err != nil {
			return nil, nil, err
		}
		values[key], origin[key] = v, FromFlag
	}
	return values, origin, nil
}

// Restore gives every setting the value that a run recorded.
func Restore(settings []Setting, recorded map[string]any) (Values, error) {
	values, _, err := Parse(settings, assignments(recorded))
	return values, err
}

// assignments is recorded values as --set takes them.
func assignments(recorded map[string]any) []string {
	var list []string
	for key, v := range recorded {
		list = append(list, key+"="+text(v))
	}
	slices.Sort(list)
	return list
}

// unknown refuses a key and suggests the nearest one.
func unknown(assignment, key string, settings []Setting) error {
	keys := make([]string, len(settings))
	for i, s := range settings {
		keys[i] = s.Key
	}
	reason := "no such setting"
	if near := Nearest(key, keys); near != "" {
		reason += fmt.Sprintf("; did you mean %s?", near)
	} else {
		slices.Sort(keys)
		reason += "; there is " + strings.Join(keys, ", ")
	}
	return &train.ConfigError{Key: "--set " + assignment, Reason: reason}
}
