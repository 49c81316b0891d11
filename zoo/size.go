package zoo

import "fmt"

// maxModel bounds the weights of a network: 4 GiB of them. A few lines of a file
// may ask for any number.
const maxModel = 1 << 30

// modest asks that a network has few enough weights, before they are made.
func modest(weights float64) error {
	if weights > maxModel {
		return fmt.Errorf("a network of %.3g weights, at most %d are possible", weights, maxModel)
	}
	return nil
}

// chained is the weights of layers one after another, from in channels on, of
// filters with so many taps.
func chained(in int, widths []int, taps int) float64 {
	sum := 0.0
	for _, w := range widths {
		sum += float64(in) * float64(w) * float64(taps)
		in = w
	}
	return sum
}
