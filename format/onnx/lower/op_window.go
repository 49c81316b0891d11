package lower

import (
	"math"

	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	since := []int64{17}
	for name, cosines := range map[string][]float64{
		"HannWindow":     {0.5, -0.5},
		"HammingWindow":  {25.0 / 46, -21.0 / 46},
		"BlackmanWindow": {0.42, -0.5, 0.08},
	} {
		register(Operator{Name: name, Since: since, Rule: func(c *Call) { window(c, cosines) }})
	}
	register(Operator{Name: "MelWeightMatrix", Since: since, Rule: melWeightMatrix})
}

// window is Σ a[k]·cos(2πki/n) at i = 0, …, size-1, where n is size, or size - 1
// if the window is symmetric. A symmetric window of one place is 1.
func window(c *Call, a []float64) {
	size := c.Int(0)
	t := tensor.Type{DType: tensor.Float64, Shape: c.Dims(size)}
	c.small(t)
	n := size
	if !c.AttrBool("periodic", true) {
		n--
	}
	w := tensor.NewWide(t)
	for i := range w.F {
		for k, a := range a {
			w.F[i] += a * math.Cos(2*math.Pi*float64(k*i)/float64(n))
		}
		if n == 0 {
			w.F[i] = 1
		}
	}
	c.returnAs(w)
}

// returnAs returns w as the element type of the attribute output_datatype.
func (c *Call) returnAs(w tensor.Wide) {
	d := c.AttrDType("output_datatype", c.l.typeHere(tensor.Type{DType: tensor.Float32}).DType)
	c.Return(ops.Convert(c.Graph().Constant(w.Narrow()), d))
}

// maxTable is the elements that a table computed while the graph is built has.
const maxTable = 1 << 26

// small asks that a table of type t may be computed here.
func (c *Call) small(t tensor.Type) {
	if t.Shape.Size() > maxTable {
		c.Fail("a table %v of more than %d elements", t, maxTable)
	}
}

// melWeightMatrix is triangles over the bins of a spectrum, [bins bands], that
// stand evenly on the mel scale, 2595·log₁₀(1 + f/700), between two frequencies.
func melWeightMatrix(c *Call) {
	bands, length, rate := c.Int(0), c.Int(1), c.Int(2)
	low, high := c.Float(3), c.Float(4)
	if bands < 1 || length < 1 || rate < 1 || !(low >= 0 && high >= low) || math.IsInf(high, 1) {
		c.Fail("%d bands of %d places at %d Hz from %v to %v Hz", bands, length, rate, low, high)
	}
	t := tensor.Type{DType: tensor.Float64, Shape: c.Dims(length/2+1, bands)}
	c.small(t)
	edges := melEdges(bands, length, rate, low, high)
	if last := edges[bands+1]; last > length/2+1 || edges[bands] > length/2 {
		c.Fail("%v Hz is above half the rate of %d Hz", high, rate)
	}
	w := tensor.NewWide(t)
	for b := range bands {
		left, top, right := edges[b], edges[b+1], edges[b+2]
		if left == top {
			w.F[top*bands+b] = 1
		}
		for j := left; j <= top && left < top; j++ {
			w.F[j*bands+b] = float64(j-left) / float64(top-left)
		}
		for j := top; j < right; j++ {
			w.F[j*bands+b] = float64(right-j) / float64(right-top)
		}
	}
	c.returnAs(w)
}

// melEdges is the bins of a spectrum at which the triangles of the bands begin,
// peak and end: each begins where the one before peaks. Those that are far beyond the
// spectrum are at farthest.
func melEdges(bands, length, rate int, low, high float64) []int {
	mel := func(f float64) float64 { return 2595 * math.Log1p(f/700) / math.Ln10 }
	step := (mel(high) - mel(low)) / float64(bands+2)
	edges := make([]int, bands+2)
	for i := range edges {
		f := 700 * math.Expm1((mel(low)+float64(i)*step)/2595*math.Ln10)
		edges[i] = int(min(math.Floor(float64(length+1)*f/float64(rate)), farthest))
	}
	return edges
}
