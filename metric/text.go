package metric

import "fmt"

// Text writes the value of a metric for people: a fraction in per cent, a loss to
// four decimals, anything else to four digits.
func Text(name string, v float64) string {
	e, err := Lookup(name)
	switch {
	case name == "loss":
		return fmt.Sprintf("%.4f", v)
	case err == nil && e.Fraction:
		return fmt.Sprintf("%.1f %%", 100*v)
	}
	return fmt.Sprintf("%.4g", v)
}
