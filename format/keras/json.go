package keras

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

const (
	maxJSON  = 2 << 20 // bytes of a model's JSON
	maxDepth = 128     // of what is nested in it
	maxSize  = 1 << 40 // of any number of elements
	maxMade  = 1 << 24 // elements of constants that the file does not hold
	maxWork  = 1 << 24 // values and bytes of names, see charge
)

// parseJSON reads the JSON of a model. Python writes numbers that JSON does not
// have, NaN and Infinity; no layer that is read needs one, and they become null.
func parseJSON(text []byte) (map[string]any, error) {
	if len(text) > maxJSON {
		return nil, fmt.Errorf("keras: the model's JSON has %d bytes, at most %d are read", len(text), maxJSON)
	}
	text, err := standard(text)
	if err != nil {
		return nil, err
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		place := int64(0)
		var syntax *json.SyntaxError
		var wrong *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			place = syntax.Offset
		case errors.As(err, &wrong):
			place = wrong.Offset
		}
		return nil, fmt.Errorf("keras: byte %d of the model's JSON: %w", place, err)
	}
	return root, nil
}

// standard replaces the numbers that JSON does not have, and refuses what is
// nested too deeply.
func standard(text []byte) ([]byte, error) {
	var out []byte
	done, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if depth++; depth > maxDepth {
				return nil, fmt.Errorf("keras: byte %d of the model's JSON: more than %d levels", i, maxDepth)
			}
		case '}', ']':
			depth--
		case '-', 'I', 'N':
			if n := oddNumber(text[i:]); n > 0 {
				out = append(append(out, text[done:i]...), "null"...)
				done = i + n
				i += n - 1
			}
		}
	}
	return append(out, text[done:]...), nil
}

// oddNumber is the length of the number that JSON does not have at the
// beginning of text; 0 if there is none.
func oddNumber(text []byte) int {
	for _, word := range []string{"-Infinity", "Infinity", "NaN"} {
		if bytes.HasPrefix(text, []byte(word)) {
			return len(word)
		}
	}
	return 0
}

// whole is a JSON number that is a whole one.
func whole(v any) (int, bool) {
	f, ok := v.(float64)
	if !ok || f != math.Trunc(f) || math.Abs(f) > maxSize {
		return 0, false
	}
	return int(f), true
}

// wholes is a list of whole numbers; null in it is -1.
func wholes(v any) ([]int, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := make([]int, len(list))
	for i, e := range list {
		if e == nil {
			out[i] = -1
			continue
		}
		if out[i], ok = whole(e); !ok {
			return nil, false
		}
	}
	return out, true
}
