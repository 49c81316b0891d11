package nn_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TestAdaptiveAvgPool compares with sums over the windows, for sides that the
// windows share out evenly, overlapping, and each several times.
func TestAdaptiveAvgPool(t *testing.T) {
	for _, c := range []struct{ h, w, kh, kw int }{{6, 4, 3, 2}, {5, 7, 3, 4}, {1, 2, 2, 3}, {3, 3, 3, 3}, {4, 5, 4, 2}} {
		x := draw(tensor.Dims(2, c.h, c.w, 3))
		l := nn.AdaptiveAvgPool{Size: []int{c.kh, c.kw}}
		ctx := nn.NewCtx(l)
		y := eval(t, ctx, l, x, l.Forward(ctx, ctx.Graph.Leaf("x", x.Type)))[0]
		if y.Type != tensor.F32(2, c.kh, c.kw, 3) {
			t.Fatalf("%v: %v", c, y.Type)
		}
		for o, got := range y.F {
			n, i, j, k := o/(c.kh*c.kw*3), o/(c.kw*3)%c.kh, o/3%c.kw, o%3
			sum, count := 0.0, 0.0
			for a := i * c.h / c.kh; a*c.kh < (i+1)*c.h; a++ {
				for b := j * c.w / c.kw; b*c.kw < (j+1)*c.w; b++ {
					sum, count = sum+x.F[((n*c.h+a)*c.w+b)*3+k], count+1
				}
			}
			if math.Abs(got-sum/count) > 1e-6 { // the shares are float32
				t.Fatalf("%v: place %d is %v, want %v", c, o, got, sum/count)
			}
		}
	}
}

// TestLocalNorm compares with the paper's formula, at both borders too.
func TestLocalNorm(t *testing.T) {
	for _, size := range []int{1, 2, 5, 9} {
		l := nn.LocalNorm{Size: size, Alpha: 0.3, Beta: 0.75, Bias: 2}
		x := draw(tensor.Dims(2, 3, 4))
		c := nn.NewCtx(l)
		y := eval(t, c, l, x, l.Forward(c, c.Graph.Leaf("x", x.Type)))[0]
		for o, got := range y.F {
			sum := 0.0
			for j := max(o%4-(size-1)/2, 0); j <= min(o%4+size/2, 3); j++ {
				sum += x.F[o-o%4+j] * x.F[o-o%4+j]
			}
			if want := x.F[o] / math.Pow(2+0.3*sum, 0.75); !near(got, want) {
				t.Fatalf("size %d: place %d is %v, want %v", size, o, got, want)
			}
		}
	}
}

// TestSwiGLU compares with the formula for one feature in and out.
func TestSwiGLU(t *testing.T) {
	l := nn.NewSwiGLU(rng.New(1), 1, 2)
	copy(l.Gate.Weight.Value.Floats(), []float32{2, -1})
	copy(l.Up.Weight.Value.Floats(), []float32{3, 0.5})
	copy(l.Down.Weight.Value.Floats(), []float32{1, -4})
	silu := func(v float64) float64 { return v / (1 + math.Exp(-v)) }
	x := draw(tensor.Dims(5, 1))
	c := nn.NewCtx(l)
	y := eval(t, c, l, x, l.Forward(c, c.Graph.Leaf("x", x.Type)))[0]
	for i, v := range x.F {
		if want := silu(2*v)*3*v - 4*silu(-v)*0.5*v; !near(y.F[i], want) {
			t.Errorf("swiglu(%v) = %v, want %v", v, y.F[i], want)
		}
	}
}

// TestRotaryPairs: neighbouring features turn as features half the width apart
// do, and by the angle of the paper's equation 15.
func TestRotaryPairs(t *testing.T) {
	const length, width = 3, 6
	x := draw(tensor.Dims(1, length, 1, width))
	turn := func(l *nn.Rotary, x tensor.Wide) []float64 {
		c := nn.NewCtx(l)
		return eval(t, c, l, x, l.Turn(c.Graph.Leaf("x", x.Type), (*graph.Node)(nil)))[0].F
	}
	moved := tensor.NewWide(x.Type)
	apart := func(i int) int { return i/width*width + i%width/2 + i%2*width/2 } // where feature i goes
	for i, v := range x.F {
		moved.F[apart(i)] = v
	}
	got, want := turn(&nn.Rotary{Pairs: true}, x), turn(&nn.Rotary{}, moved)
	for i := range got {
		if !near(got[i], want[apart(i)]) {
			t.Errorf("feature %d is %v, with halves %v", i, got[i], want[apart(i)])
		}
	}
	for l := range length {
		angle := float64(l) * math.Pow(10000, -2./width) // of the second pair
		a, b := x.F[l*width+2], x.F[l*width+3]
		if want := a*math.Cos(angle) - b*math.Sin(angle); math.Abs(got[l*width+2]-want) > 1e-6 {
			t.Errorf("place %d: %v, want %v", l, got[l*width+2], want)
		}
	}
}
