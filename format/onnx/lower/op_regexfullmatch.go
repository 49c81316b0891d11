package lower

import "regexp"

func init() {
	register(Operator{Name: "RegexFullMatch", Since: []int64{20}, Rule: regexFullMatch})
}

// regexFullMatch is true for texts all of which a regular expression in RE2's
// syntax matches, which is that of package regexp.
func regexFullMatch(c *Call) {
	pattern := c.AttrString("pattern", "")
	_, err := regexp.Compile(pattern)
	c.check(err)
	all, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	c.check(err)
	c.Host(onTexts(func(x Host) ([]Host, error) {
		y := make([]bool, len(x.Strings))
		for i, s := range x.Strings {
			y[i] = all.MatchString(s)
		}
		return []Host{boolsHost(y, x.Dims)}, nil
	}), 0)
}
