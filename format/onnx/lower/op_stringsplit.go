package lower

import (
	"strings"
	"unicode"

	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "StringSplit", Since: []int64{20}, Rule: stringSplit})
}

// stringSplit cuts texts at a delimiter, or at white space, at most maxsplit times.
// The second result is how many parts each text has; the first is padded to the
// most of them with empty texts.
func stringSplit(c *Call) {
	delimiter, limit := c.AttrString("delimiter", ""), -1
	if c.HasAttr("maxsplit") {
		limit = max(c.AttrInt("maxsplit", 0), -1)
	}
	c.Host(onTexts(func(x Host) ([]Host, error) {
		parts, most := make([][]string, len(x.Strings)), 0
		for i, s := range x.Strings {
			parts[i] = splitText(s, delimiter, limit)
			most = max(most, len(parts[i]))
		}
		return paddedTexts(parts, most, x.Dims)
	}), 0)
}

// splitText cuts s at most limit times, any number of times if limit is negative.
func splitText(s, delimiter string, limit int) []string {
	if delimiter == "" {
		return splitSpace(s, limit)
	}
	if limit >= 0 {
		limit++
	}
	return strings.SplitN(s, delimiter, limit)
}

func splitSpace(s string, limit int) []string {
	var parts []string
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	for limit < 0 || len(parts) < limit {
		at := strings.IndexFunc(s, unicode.IsSpace)
		if at < 0 {
			break
		}
		parts = append(parts, s[:at])
		s = strings.TrimLeftFunc(s[at:], unicode.IsSpace)
	}
	if s != "" {
		parts = append(parts, s)
	}
	return parts
}

// paddedTexts is parts along a new last axis of size most, and how many each has.
func paddedTexts(parts [][]string, most int, dims []int) ([]Host, error) {
	to := append(append([]int{}, dims...), most)
	if err := textsFit(to); err != nil {
		return nil, err
	}
	texts, counts := make([]string, len(parts)*most), make([]int64, len(parts))
	for i, p := range parts {
		copy(texts[i*most:], p)
		counts[i] = int64(len(p))
	}
	return []Host{StringsHost(texts, to...), TensorHost(tensor.From(tensor.Dims(dims...), counts))}, nil
}
