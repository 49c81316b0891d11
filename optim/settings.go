package optim

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Setting is one setting of an optimizer or a schedule: an exported field.
type Setting struct {
	Name  string // the field's name in lower case, words joined by "-": "weight-decay"
	Value any    // int, float64, []float64, bool, or string: the name of a schedule
}

// Settings lists the settings of an optimizer or a schedule in order.
func Settings(of any) []Setting {
	var list []Setting
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		value := v.Field(i).Interface()
		if s, ok := value.(Schedule); ok {
			value = nameOf(s)
		}
		list = append(list, Setting{kebab(v.Type().Field(i).Name), value})
	}
	return list
}

// nameOf is the name under which a schedule of s's type is registered.
func nameOf(s Schedule) string {
	for _, name := range Schedules() {
		if e, err := LookupSchedule(name); err == nil && reflect.TypeOf(e.Default) == reflect.TypeOf(s) {
			return name
		}
	}
	return ""
}

// changed is a copy of the struct of, with the settings in set. Values may be
// of any type that text and TOML give: numbers, booleans, or strings of them.
func changed[T any](what string, of T, set map[string]any) (T, error) {
	v := reflect.New(reflect.TypeOf(of)).Elem()
	v.Set(reflect.ValueOf(of))
	left := len(set)
	var names []string
	for i := range v.NumField() {
		name := kebab(v.Type().Field(i).Name)
		names = append(names, name)
		value, ok := set[name]
		if !ok {
			continue
		}
		left--
		if err := assign(v.Field(i), value); err != nil {
			return of, fmt.Errorf("%s: setting %s: %w", what, name, err)
		}
	}
	if left > 0 {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			if !slices.Contains(names, name) {
				return of, fmt.Errorf("%s: no setting %q; there is %v", what, name, names)
			}
		}
	}
	return v.Interface().(T), nil
}

func assign(field reflect.Value, value any) error {
	text := fmt.Sprint(value)
	switch field.Kind() {
	case reflect.Float64:
		f, err := number(text)
		if err != nil {
			return err
		}
		field.SetFloat(f)
	case reflect.Slice:
		list, err := numbers(text)
		if err != nil {
			return err
		}
		field.Set(reflect.ValueOf(list))
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fmt.Errorf("want a whole number of at least 0, got %q", text)
		}
		field.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("want true or false, got %q", text)
		}
		field.SetBool(b)
	default:
		s, err := NewSchedule(text, nil)
		if err != nil {
			return err
		}
		field.Set(reflect.ValueOf(s))
	}
	return nil
}

func number(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
		return 0, fmt.Errorf("want a number of at least 0, got %q", text)
	}
	return f, nil
}

// numbers reads a list as text and fmt.Sprint write it: with commas, colons or
// spaces between, in brackets or not.
func numbers(text string) ([]float64, error) {
	var list []float64
	for _, part := range strings.FieldsFunc(strings.Trim(text, "[]"), func(r rune) bool { return strings.ContainsRune(",: ", r) }) {
		f, err := number(part)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// kebab writes a field's name as a setting's: WeightDecay as weight-decay, and
// AMSGrad as amsgrad.
func kebab(field string) string {
	var b strings.Builder
	upper := false
	for i, r := range field {
		if i > 0 && unicode.IsUpper(r) && !upper {
			b.WriteByte('-')
		}
		upper = unicode.IsUpper(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
