package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Coupling turns the probabilities of pairs of k classes into those of classes:
// p [N k(k-1)/2] has that of class i among i and j for each i < j, in order, and
// the result is [N k]. It is algorithm 2 of Wu, Lin and Weng, Probability
// Estimates for Multi-class Classification by Pairwise Coupling, 2004, with the
// stopping rule of LIBSVM: errors below 0.005/k, or max(100, k) rounds.
func Coupling(p *graph.Node, k int) *graph.Node { return graph.Apply1(coupling{k}, p) }

type coupling struct{ Classes int }

func (coupling) Name() string { return "coupling" }

func (op coupling) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, floats); err != nil {
		return nil, err
	}
	k := op.Classes
	if s := in[0].Shape; k < 1 || k > 1<<15 || s.Rank() != 2 || s.Dim(1) != k*(k-1)/2 {
		return nil, fmt.Errorf("want [N %d] for %d classes", k*(k-1)/2, k)
	}
	return []tensor.Type{{DType: in[0].DType, Shape: in[0].Shape.With(1, k)}}, nil
}

func (op coupling) Ref(out, in []tensor.Wide) {
	k := op.Classes
	c := newCoupler(k)
	for r := range in[0].Type.Shape.Dim(0) {
		pairs := k * (k - 1) / 2
		c.solve(in[0].F[r*pairs:(r+1)*pairs], out[0].F[r*k:(r+1)*k])
	}
}

// coupler has the matrix Q of the paper's equation 21, and Q·p.
type coupler struct {
	k  int
	q  []float64
	qp []float64
}

func newCoupler(k int) *coupler {
	return &coupler{k, make([]float64, k*k), make([]float64, k)}
}

// fill sets Q: on the diagonal the sums of r_ji², elsewhere -r_ij·r_ji.
func (c *coupler) fill(pairs []float64) {
	clear(c.q)
	at := 0
	for i := range c.k {
		for j := i + 1; j < c.k; j++ {
			r := pairs[at]
			c.q[i*c.k+i] += (1 - r) * (1 - r)
			c.q[j*c.k+j] += r * r
			c.q[i*c.k+j] = -r * (1 - r)
			c.q[j*c.k+i] = -r * (1 - r)
			at++
		}
	}
}

// solve writes the probabilities of classes to p.
func (c *coupler) solve(pairs, p []float64) {
	c.fill(pairs)
	for i := range p {
		p[i] = 1 / float64(c.k)
	}
	for range max(100, c.k) {
		total := c.product(p)
		worst := 0.0
		for _, v := range c.qp {
			worst = max(worst, v-total, total-v)
		}
		if worst < 0.005/float64(c.k) || c.k == 1 {
			return
		}
		c.sweep(p, total)
	}
}

// product sets Q·p and returns p·Q·p.
func (c *coupler) product(p []float64) float64 {
	total := 0.0
	for i := range p {
		c.qp[i] = 0
		for j, v := range p {
			c.qp[i] += c.q[i*c.k+j] * v
		}
		total += p[i] * c.qp[i]
	}
	return total
}

// sweep improves one probability after the other, all scaled to the sum 1.
func (c *coupler) sweep(p []float64, total float64) {
	for i := range p {
		q := c.q[i*c.k+i]
		d := (total - c.qp[i]) / q
		p[i] += d
		total = (total + d*(d*q+2*c.qp[i])) / (1 + d) / (1 + d)
		for j := range p {
			c.qp[j] = (c.qp[j] + d*c.q[i*c.k+j]) / (1 + d)
			p[j] /= 1 + d
		}
	}
}

func init() {
	graph.Register(graph.Entry{
		Op:  coupling{3},
		Doc: "probabilities of classes from those of pairs",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(5, 3)}, Low: 0.05, High: 0.95},
			{Of: coupling{2}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(4, 1)}}, Low: 0.05, High: 0.95},
			{Of: coupling{5}, In: []tensor.Type{tensor.F32(2, 10)}, Low: 0.05, High: 0.95},
			{Of: coupling{1}, In: []tensor.Type{tensor.F32(2, 0)}, Low: 0, High: 1},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: 0.05, High: 0.95},
		},
	})
}
