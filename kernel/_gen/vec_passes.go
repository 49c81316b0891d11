package main

// passes is the loops that occur in every training step of large networks.
var passes = []pass{
	{
		name: "adam", in: 4, out: 3, scalars: 8,
		doc: "updates param, mean and square (operands 1 to 3, results 0 to\n// 2) by the gradient (operand 0); the scalars are those of type adam.",
		compute: func(v *passVec) {
			g, p, m, s := v.t(0), v.t(1), v.t(2), v.t(3)
			keep1, add1, keep2, add2 := v.scalar(0), v.scalar(1), v.scalar(2), v.scalar(3)
			rate, level, eps, shrink := v.scalar(4), v.scalar(5), v.scalar(6), v.scalar(7)
			v.mul(m, m, keep1)
			v.fmaTo(m, g, add1) // the mean
			v.mul(g, g, g)
			v.mul(s, s, keep2)
			v.fmaTo(s, g, add2) // the square
			v.do("VSQRTPS %s, %s", s, g)
			v.fma(g, level, eps)
			v.div(g, m, g)
			v.mul(p, p, shrink)
			v.fnmaTo(p, g, rate)
			v.mov(v.t(0), p)
			v.mov(v.t(1), m)
			v.mov(v.t(2), s)
		},
	},
	{
		name: "rowSquares", in: 1, scalars: 1, sums: 1,
		doc: "sums (x - s[0])² into s[1].",
		compute: func(v *passVec) {
			x, d := v.t(0), v.t(1)
			v.sub(x, x, v.scalar(0))
			v.mul(d, x, x)
			v.addTo(0, d)
		},
	},
	{
		name: "rowAffine", in: 3, out: 1, scalars: 2,
		doc: "is (x - s[0])·s[1]·scale + bias for operands x, scale, bias.",
		compute: func(v *passVec) {
			x := v.t(0)
			v.sub(x, x, v.scalar(0))
			v.mul(x, x, v.scalar(1))
			v.fma(x, v.t(1), v.t(2))
		},
	},
	{
		name: "rowGradSums", in: 3, scalars: 1, sums: 2,
		doc: "sums dy·scale and dy·scale·(x - s[0]) for operands dy, x, scale\n// into s[1] and s[2].",
		compute: func(v *passVec) {
			g, x := v.t(0), v.t(1)
			v.mul(g, g, v.t(2))
			v.sub(x, x, v.scalar(0))
			v.mul(x, x, g)
			v.addTo(0, g)
			v.addTo(1, x)
		},
	},
	{
		name: "rowGrad", in: 3, out: 1, scalars: 4,
		doc: "is (dy·scale - s[2] + (x - s[0])·s[3])·s[1] for operands dy, x, scale.",
		compute: func(v *passVec) {
			g, x := v.t(0), v.t(1)
			v.do("VFMSUB213PS %s, %s, %s", v.scalar(2), v.t(2), g)
			v.sub(x, x, v.scalar(0))
			v.fmaTo(g, x, v.scalar(3))
			v.mul(g, g, v.scalar(1))
		},
	},
}
