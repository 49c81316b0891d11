package lower

import (
	"fmt"
	"strings"
)

func init() {
	register(Operator{Name: "StringNormalizer", Since: []int64{10}, Rule: stringNormalizer})
	register(Operator{Name: "StringConcat", Since: []int64{20}, Rule: func(c *Call) { c.Host(onTextPairs(joinTexts), 0, 1) }})
}

func joinTexts(a, b []string, dims []int) Host {
	y := make([]string, len(a))
	for i := range a {
		y[i] = a[i] + b[i]
	}
	return StringsHost(y, dims...)
}

// stringNormalizer leaves texts out that are stop words and writes the others in
// lower or upper case, that of Unicode whatever the locale. Where none is left the
// result is one empty text.
func stringNormalizer(c *Call) {
	change, ok := map[string]func(string) string{
		"NONE": func(s string) string { return s }, "LOWER": strings.ToLower, "UPPER": strings.ToUpper,
	}[c.AttrString("case_change_action", "NONE")]
	if !ok {
		c.Fail("attribute \"case_change_action\" is %q, want NONE, LOWER or UPPER", c.AttrString("case_change_action", ""))
	}
	seen := strings.ToLower
	if c.AttrBool("is_case_sensitive", false) {
		seen = strings.Clone
	}
	stop := map[string]bool{}
	for _, s := range c.AttrStrings("stopwords") {
		stop[seen(s)] = true
	}
	c.Host(onTexts(func(x Host) ([]Host, error) {
		if len(x.Dims) != 1 && (len(x.Dims) != 2 || x.Dims[0] != 1) {
			return nil, fmt.Errorf("texts of shape %v, want [C] or [1 C]", x.Dims)
		}
		var kept []string
		for _, s := range x.Strings {
			if !stop[seen(s)] {
				kept = append(kept, change(s))
			}
		}
		if len(kept) == 0 {
			kept = []string{""}
		}
		dims := append([]int{}, x.Dims...)
		dims[len(dims)-1] = len(kept)
		return []Host{StringsHost(kept, dims...)}, nil
	}), 0)
}
