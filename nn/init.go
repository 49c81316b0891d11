package nn

import (
	"math"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Init draws the first value of a weight of a shape.
type Init func(r rng.Stream, s tensor.Shape) *Param

// fans is how many numbers each output of a weight is made of, and how many
// outputs each input goes into. The last two axes of a weight are [In Out] (of
// one group, if there are groups); the axes before them are the places a filter
// looks at, which multiply both. A weight of one axis counts as [1 Out].
func fans(s tensor.Shape) (in, out float64) {
	if s.Rank() == 0 {
		return 1, 1
	}
	in, out = 1, float64(s.Dim(-1))
	if s.Rank() > 1 {
		in = float64(s.Dim(-2))
	}
	for i := range s.Rank() - 2 {
		in *= float64(s.Dim(i))
		out *= float64(s.Dim(i))
	}
	return max(in, 1), max(out, 1)
}

// XavierUniform draws evenly with variance 2/(fan-in + fan-out): Glorot and
// Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
// Networks", AISTATS 2010, equation 16.
func XavierUniform(r rng.Stream, s tensor.Shape) *Param {
	in, out := fans(s)
	return uniform(r, s, 2/(in+out))
}

// XavierNormal is the normal form of [XavierUniform] (equation 12).
func XavierNormal(r rng.Stream, s tensor.Shape) *Param {
	in, out := fans(s)
	return normal(r, s, 2/(in+out))
}

// KaimingUniform draws evenly with variance 2/fan-in, for layers before a ReLU:
// He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 10.
func KaimingUniform(r rng.Stream, s tensor.Shape) *Param {
	in, _ := fans(s)
	return uniform(r, s, 2/in)
}

// KaimingNormal is the normal form of [KaimingUniform], as the paper has it.
func KaimingNormal(r rng.Stream, s tensor.Shape) *Param {
	in, _ := fans(s)
	return normal(r, s, 2/in)
}

// LeCunNormal draws with variance 1/fan-in, so that a linear map keeps the
// variance: LeCun et al., "Efficient BackProp", 1998, equation 16.
func LeCunNormal(r rng.Stream, s tensor.Shape) *Param {
	in, _ := fans(s)
	return normal(r, s, 1/in)
}

// Zeros is all zeros; r is not used.
func Zeros(_ rng.Stream, s tensor.Shape) *Param {
	return &Param{Value: tensor.New(tensor.Type{DType: tensor.Float32, Shape: s})}
}

// Ones is all ones; r is not used.
func Ones(r rng.Stream, s tensor.Shape) *Param {
	p := Zeros(r, s)
	for i := range p.Value.Floats() {
		p.Value.Floats()[i] = 1
	}
	return p
}

func uniform(r rng.Stream, s tensor.Shape, variance float64) *Param {
	p, limit := Zeros(r, s), math.Sqrt(3*variance)
	r.Uniform(p.Value.Floats(), -limit, limit)
	return p
}

func normal(r rng.Stream, s tensor.Shape, variance float64) *Param {
	p := Zeros(r, s)
	r.Normal(p.Value.Floats(), 0, math.Sqrt(variance))
	return p
}

// noDecay marks p as a bias or a scale.
func noDecay(p *Param) *Param {
	p.NoDecay = true
	return p
}

// buffer marks p as state.
func buffer(p *Param) *Param {
	p.Buffer, p.NoDecay = true, true
	return p
}
