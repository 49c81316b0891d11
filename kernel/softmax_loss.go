package kernel

import "math"

// CrossEntropy is, for every row of logits, the cross-entropy in nats of their
// softmax against the label, of which the share smoothing is spread evenly over
// all classes (Szegedy et al., Rethinking the Inception Architecture, 2016):
//
//	loss = log Σ exp(x) - (1 - smoothing)·x[label] - smoothing·mean(x)
//
// A label outside [0, n) gives the loss NaN.
//
// Operands: logits [rows n], labels int32 [rows]; results loss [rows] and, where
// there is a second one, the probabilities [rows n], which may lie in logits.
func CrossEntropy(rows, n int, smoothing float32) *Code {
	c := &crossEntropy{softmax{n: n, vec: vecForms.Best()}, smoothing}
	return rowwise(rows, n, rows*(n/2+40), 4*min(n, blockSize), c.row)
}

type crossEntropy struct {
	softmax
	smoothing float32
}

func (c *crossEntropy) row(a *Args, r int, local Memory) {
	x := at(base(a.In[0]), r*c.n)
	label := int(a.In[1].I32()[r])
	top := c.vec.reduce[ReduceMax](x, c.n)
	var hit, mean float64
	if c.smoothing != 0 {
		mean = float64(c.vec.reduce[ReduceSum](x, c.n)) / float64(c.n)
	}
	if label >= 0 && label < c.n {
		hit = float64(f32(x, c.n)[label])
	} else {
		hit = math.NaN()
	}
	var logSum float64
	if len(a.Out) > 1 {
		y := at(base(a.Out[1]), r*c.n)
		sum := c.exponentials(y, x, top, local)
		c.scale(y, float32(1/sum), local)
		logSum = math.Log(sum)
	} else {
		logSum = c.logSum(x, top, local)
	}
	s := float64(c.smoothing)
	a.Out[0].F32()[r] = float32(logSum + float64(top) - (1-s)*hit - s*mean)
}

// CrossEntropyGrad is the gradient of CrossEntropy by its logits:
//
//	dlogits = dloss·(softmax(x) - (1 - smoothing)·[label] - smoothing/n)
//
// With probabilities the first operand is the softmax itself. A row whose label
// is outside [0, n) is NaN.
//
// Operands: logits [rows n], labels int32 [rows], dloss [rows]; result dlogits
// [rows n], which may lie in logits.
func CrossEntropyGrad(rows, n int, smoothing float32, probabilities bool) *Code {
	g := &crossEntropyGrad{crossEntropy{softmax{n: n, vec: vecForms.Best()}, smoothing}, probabilities}
	return rowwise(rows, n, rows*(n/2+40), 4*min(n, blockSize), g.row)
}

type crossEntropyGrad struct {
	crossEntropy
	probabilities bool
}

func (g *crossEntropyGrad) row(a *Args, r int, local Memory) {
	x, y := at(base(a.In[0]), r*g.n), at(base(a.Out[0]), r*g.n)
	label, dloss := int(a.In[1].I32()[r]), a.In[2].F32()[r]
	if g.probabilities {
		g.vec.op[opCopy](y, x, nil, nil, g.n)
		g.scale(y, dloss, local)
	} else {
		sum := g.exponentials(y, x, g.vec.reduce[ReduceMax](x, g.n), local)
		g.scale(y, dloss/float32(sum), local)
	}
	d := f32(y, g.n)
	if label < 0 || label >= g.n {
		nan := float32(math.NaN())
		for i := range d {
			d[i] = nan
		}
		return
	}
	if g.smoothing != 0 {
		share := dloss * g.smoothing / float32(g.n)
		for i := range d {
			d[i] -= share
		}
	}
	d[label] -= dloss * (1 - g.smoothing)
}
