package kernel

import "slices"

// Meet says that place Out of a convolution's result sees place In of its input
// through place Tap of its filter.
type Meet struct{ Out, Tap, In int32 }

// ConvTable is a convolution of any number of spatial axes, each made one: input
// [N In C], filter [Taps C/Groups K], result [N Out K], and what meets what.
type ConvTable struct {
	N, In, Taps, Out, C, K, Groups int
	Meets                          []Meet
	Bias, Residual                 bool // operands [K] and of the result's shape, added
	Act                            Act
}

// owned is the meets by owner: those of owner i are list[at[i]:at[i+1]].
type owned struct {
	list []Meet
	at   []int
}

// by sorts meets by one of n owners.
func (t ConvTable) by(n int, owner func(Meet) int32) owned {
	o := owned{slices.Clone(t.Meets), make([]int, n+1)}
	slices.SortStableFunc(o.list, func(a, b Meet) int { return int(owner(a)) - int(owner(b)) })
	for _, m := range o.list {
		o.at[owner(m)+1]++
	}
	for i := range n {
		o.at[i+1] += o.at[i]
	}
	return o
}

func (o owned) of(i int) []Meet { return o.list[o.at[i]:o.at[i+1]] }

// rows is code that computes so many rows, each for about work products.
func (t ConvTable) rows(n, work int, row func(a *Args, i int)) *Code {
	per := max(1, 32768/max(work, 1))
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(n, per),
		Work:   n * (work + 1),
		Run: func(a *Args, piece int, _ Memory) {
			for i := piece * per; i < min(n, (piece+1)*per); i++ {
				row(a, i)
			}
		},
	}}}
}

// ConvFloat64 is the convolution in float64.
//
// Operands: x, w, then, if asked for, bias and residual; result y.
func ConvFloat64(t ConvTable) *Code {
	meets := t.by(t.Out, func(m Meet) int32 { return m.Out })
	c, k := t.C/t.Groups, t.K/t.Groups
	return t.rows(t.N*t.Out, t.Taps*c*t.K, func(a *Args, i int) {
		x, w, y := see[float64](a.In[0]), see[float64](a.In[1]), see[float64](a.Out[0])[i*t.K:][:t.K]
		n, o := i/t.Out, i%t.Out
		sum := [64]float64{}
		for from := 0; from < t.K; from += len(sum) { // blocks, since y may lie in the residual
			part := sum[:min(len(sum), t.K-from)]
			clear(part)
			for _, m := range meets.of(o) {
				at := x[(n*t.In+int(m.In))*t.C:][:t.C]
				taps := w[int(m.Tap)*c*t.K+from:]
				for g := from / k; g < t.Groups && g*k < from+len(part); g++ {
					lo, hi := max(g*k-from, 0), min((g+1)*k-from, len(part))
					for j, v := range at[g*c:][:c] {
						axpy(part[lo:hi], v, taps[j*t.K+lo:])
					}
				}
			}
			t.finish(a, y[from:][:len(part)], part, from, i)
		}
	})
}

// finish writes sums with what is added to them.
func (t ConvTable) finish(a *Args, y, sum []float64, from, row int) {
	next := 2
	if t.Bias {
		axpy(sum, 1, see[float64](a.In[next])[from:])
		next++
	}
	if t.Residual {
		axpy(sum, 1, see[float64](a.In[next])[row*t.K+from:])
	}
	for j, v := range sum {
		if t.Act == ActReLU && v <= 0 {
			v = 0
		}
		y[j] = v
	}
}

// axpy adds v·x to y.
func axpy(y []float64, v float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += v * x[i]
	}
}

// ConvGradInputFloat64 is the gradient with respect to x.
//
// Operands: dy, w; result dx.
func ConvGradInputFloat64(t ConvTable) *Code {
	meets := t.by(t.In, func(m Meet) int32 { return m.In })
	c, k := t.C/t.Groups, t.K/t.Groups
	return t.rows(t.N*t.In, t.Taps*c*t.K, func(a *Args, i int) {
		dy, w, dx := see[float64](a.In[0]), see[float64](a.In[1]), see[float64](a.Out[0])[i*t.C:][:t.C]
		clear(dx)
		for _, m := range meets.of(i % t.In) {
			from := dy[(i/t.In*t.Out+int(m.Out))*t.K:][:t.K]
			for j := range dx {
				g := j / c * k
				dx[j] += dot(from[g:g+k], w[(int(m.Tap)*c+j%c)*t.K+g:])
			}
		}
	})
}

// dot is the sum of products.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b float64
	i := 0
	for ; i+2 <= len(x); i += 2 {
		a, b = a+x[i]*y[i], b+x[i+1]*y[i+1]
	}
	if i < len(x) {
		a += x[i] * y[i]
	}
	return a + b
}

// ConvGradFilterFloat64 is the gradient with respect to w.
//
// Operands: x, dy; result dw.
func ConvGradFilterFloat64(t ConvTable) *Code {
	meets := t.by(t.Taps, func(m Meet) int32 { return m.Tap })
	c, k := t.C/t.Groups, t.K/t.Groups
	return t.rows(t.Taps*c, t.N*t.Out*t.K, func(a *Args, i int) {
		x, dy, dw := see[float64](a.In[0]), see[float64](a.In[1]), see[float64](a.Out[0])[i*t.K:][:t.K]
		clear(dw)
		for n := range t.N {
			for _, m := range meets.of(i / c) {
				from, at := dy[(n*t.Out+int(m.Out))*t.K:][:t.K], x[(n*t.In+int(m.In))*t.C:][:t.C]
				for g := range t.Groups {
					axpy(dw[g*k:][:k], at[g*c+i%c], from[g*k:])
				}
			}
		}
	})
}
