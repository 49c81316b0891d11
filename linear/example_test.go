package linear_test

import (
	"context"
	"fmt"

	"github.com/ihae/ihae/linear"
)

// A line through three points, pulled to the horizontal by a penalty.
func ExampleRidge() {
	x := linear.NewMatrix(1)
	for _, v := range []float32{1, 2, 3} {
		x.Add(0, v)
		x.End()
	}
	m, err := linear.Ridge(context.Background(), x, []float64{10, 20, 30}, 2)
	fmt.Printf("%.1f·x + %.1f, %v\n", m.Weight[0], m.Bias[0], err)
	// Output: 5.0·x + 10.0, <nil>
}
