package check_test

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// goldenOps builds the results of a case from its operands, by the name that
// golden.py gives the operation.
var goldenOps = map[string]func(c *golden) []*graph.Node{
	"neg": onOne(ops.Neg), "abs": onOne(ops.Abs), "sign": onOne(ops.Sign), "exp": onOne(ops.Exp), "expm1": onOne(ops.Expm1),
	"log": onOne(ops.Log), "log1p": onOne(ops.Log1p), "sqrt": onOne(ops.Sqrt), "rsqrt": onOne(ops.Rsqrt), "sin": onOne(ops.Sin),
	"cos": onOne(ops.Cos), "tanh": onOne(ops.Tanh), "logistic": onOne(ops.Logistic), "erf": onOne(ops.Erf), "floor": onOne(ops.Floor),
	"ceil": onOne(ops.Ceil), "round": onOne(ops.Round), "relu": onOne(ops.ReLU), "relu6": onOne(ops.ReLU6), "selu": onOne(ops.SELU),
	"hard-sigmoid": onOne(ops.HardSigmoid), "hard-swish": onOne(ops.HardSwish), "gelu": onOne(ops.GELU), "gelu-tanh": onOne(ops.GELUTanh),
	"silu": onOne(ops.SiLU), "softplus": onOne(ops.Softplus), "mish": onOne(ops.Mish),
	"tan": onOne(ops.Tan), "asin": onOne(ops.Asin), "acos": onOne(ops.Acos), "sinh": onOne(ops.Sinh), "cosh": onOne(ops.Cosh),
	"asinh": onOne(ops.Asinh), "acosh": onOne(ops.Acosh), "atanh": onOne(ops.Atanh), "prelu": onTwo(ops.PReLU), "mod": onTwo(ops.Mod),
	"celu":       by(func(c *golden) *graph.Node { return ops.CELU(c.in(0), c.number("alpha")) }),
	"elu":        by(func(c *golden) *graph.Node { return ops.ELU(c.in(0), 1) }),
	"elu-alpha":  by(func(c *golden) *graph.Node { return ops.ELU(c.in(0), c.number("alpha")) }),
	"leaky-relu": by(func(c *golden) *graph.Node { return ops.LeakyReLU(c.in(0), c.number("slope")) }),
	"clamp":      by(func(c *golden) *graph.Node { return ops.Clamp(c.in(0), c.number("low"), c.number("high")) }),

	"add": onTwo(ops.Add), "sub": onTwo(ops.Sub), "mul": onTwo(ops.Mul), "div": onTwo(ops.Div), "max": onTwo(ops.Max), "min": onTwo(ops.Min),
	"atan2": onTwo(ops.Atan2), "rem": onTwo(ops.Rem), "pow": onTwo(ops.Pow), "matmul": onTwo(ops.MatMul),
	"eq": onTwo(ops.Eq), "ne": onTwo(ops.Ne), "lt": onTwo(ops.Lt), "le": onTwo(ops.Le), "gt": onTwo(ops.Gt), "ge": onTwo(ops.Ge),
	"and": onTwo(ops.And), "or": onTwo(ops.Or), "xor": onTwo(ops.Xor), "shift-left": onTwo(ops.ShiftLeft),
	"shift-right": onTwo(ops.ShiftRight), "not": onOne(ops.Not), "is-finite": onOne(ops.IsFinite),
	"select": by(func(c *golden) *graph.Node { return ops.Select(c.in(0), c.in(1), c.in(2)) }),

	"reshape":   by(func(c *golden) *graph.Node { return ops.Reshape(c.in(0), tensor.Dims(c.ints("shape")...)) }),
	"transpose": by(func(c *golden) *graph.Node { return ops.Transpose(c.in(0), c.ints("perm")...) }),
	"slice": by(func(c *golden) *graph.Node {
		return ops.Slice(c.in(0), c.ints("start"), c.ints("limit"), c.ints("stride"))
	}),
	"pad": by(func(c *golden) *graph.Node {
		return ops.Pad(c.in(0), c.number("value"), c.ints("low"), c.ints("high"), nil)
	}),
	"concatenate": by(func(c *golden) *graph.Node { return ops.Concatenate(c.int("axis"), c.leaves...) }),
	"reverse":     by(func(c *golden) *graph.Node { return ops.Reverse(c.in(0), c.ints("axes")...) }),
	"tril":        by(func(c *golden) *graph.Node { return ops.Tril(c.in(0), c.int("diagonal")) }),
	"triu":        by(func(c *golden) *graph.Node { return ops.Triu(c.in(0), c.int("diagonal")) }),

	"broadcast": by(func(c *golden) *graph.Node {
		return ops.BroadcastInDim(c.in(0), tensor.Dims(c.ints("shape")...), c.ints("axes")...)
	}),
	"dynamic-slice":        by(func(c *golden) *graph.Node { return ops.DynamicSlice(c.in(0), c.in(1), c.ints("size")...) }),
	"dynamic-update-slice": by(func(c *golden) *graph.Node { return ops.DynamicUpdateSlice(c.in(0), c.in(1), c.in(2)) }),

	"dot":    by(goldenDot),
	"linear": by(func(c *golden) *graph.Node { return ops.Linear(c.in(0), c.in(1), c.optional(2)) }),
	"conv":   by(goldenConv),

	"reduce-sum": onAxes(ops.ReduceSum), "reduce-mean": onAxes(ops.Mean), "reduce-amax": onAxes(ops.ReduceMax),
	"reduce-amin": onAxes(ops.ReduceMin), "reduce-prod": onAxes(ops.ReduceProd), "reduce-and": onAxes(ops.ReduceAnd),
	"reduce-or": onAxes(ops.ReduceOr),
	"argmax":    onAxis(ops.ArgMax), "argmin": onAxis(ops.ArgMin), "softmax": onAxis(ops.Softmax), "log-softmax": onAxis(ops.LogSoftmax),
	"cross-entropy": by(func(c *golden) *graph.Node { return ops.CrossEntropy(c.in(0), c.in(1), c.number("smoothing")) }),
	"max-pool":      by(func(c *golden) *graph.Node { return ops.MaxPool(c.in(0), c.window()) }),
	"avg-pool":      by(func(c *golden) *graph.Node { return ops.AvgPool(c.in(0), c.window(), c.flag("full")) }),

	"layer-norm":    layered(func(c *golden) nn.Layer { return nn.NewLayerNorm(c.int("width")) }),
	"rms-norm":      layered(func(c *golden) nn.Layer { return nn.NewRMSNorm(c.int("width")) }),
	"group-norm":    layered(func(c *golden) nn.Layer { return nn.NewGroupNorm(c.int("groups"), c.int("channels")) }),
	"instance-norm": layered(func(c *golden) nn.Layer { return nn.NewInstanceNorm(c.int("channels")) }),
	"batch-norm":    layered(func(c *golden) nn.Layer { return nn.NewBatchNorm(c.int("channels")) }),
	"embedding": layered(func(c *golden) nn.Layer {
		return nn.NewEmbedding(rng.New(1), c.int("vocab"), c.int("width")).WithPadding(c.int("padding"))
	}),

	"take":             by(func(c *golden) *graph.Node { return ops.Take(c.in(0), c.in(1), c.int("axis")) }),
	"take-along":       by(func(c *golden) *graph.Node { return ops.TakeAlongAxis(c.in(0), c.in(1), c.int("axis")) }),
	"put-add":          put(ops.Put, ops.CombineAdd),
	"put-update":       put(ops.Put, ops.CombineUpdate),
	"put-along-add":    put(ops.PutAlongAxis, ops.CombineAdd),
	"put-along-mul":    put(ops.PutAlongAxis, ops.CombineMul),
	"put-along-min":    put(ops.PutAlongAxis, ops.CombineMin),
	"put-along-max":    put(ops.PutAlongAxis, ops.CombineMax),
	"put-along-update": put(ops.PutAlongAxis, ops.CombineUpdate),
	"one-hot":          by(func(c *golden) *graph.Node { return ops.OneHot(c.in(0), c.int("depth"), tensor.Int32) }),

	"cum-sum": cum(ops.CumSum), "cum-prod": cum(ops.CumProd), "cum-max": cum(ops.CumMax), "cum-min": cum(ops.CumMin),
	"cum-log-sum-exp": cum(ops.CumLogSumExp),

	"sort": func(c *golden) []*graph.Node {
		axis, descending := c.int("axis"), c.flag("descending")
		return []*graph.Node{ops.Sort(c.in(0), axis, descending), ops.ArgSort(c.in(0), axis, descending)}
	},
	"top-k": func(c *golden) []*graph.Node {
		pick := ops.BottomK
		if c.flag("descending") {
			pick = ops.TopK
		}
		values, places := pick(c.in(0), c.int("k"), c.int("axis"))
		return []*graph.Node{values, places}
	},
	"attention": by(func(c *golden) *graph.Node {
		return ops.Attention(c.in(0), c.in(1), c.in(2), nil, ops.AttentionDims{Causal: c.flag("causal")})
	}),
}

func by(f func(c *golden) *graph.Node) func(c *golden) []*graph.Node {
	return func(c *golden) []*graph.Node { return []*graph.Node{f(c)} }
}

func onOne(f func(x *graph.Node) *graph.Node) func(c *golden) []*graph.Node {
	return by(func(c *golden) *graph.Node { return f(c.in(0)) })
}

func onTwo(f func(a, b *graph.Node) *graph.Node) func(c *golden) []*graph.Node {
	return by(func(c *golden) *graph.Node { return f(c.in(0), c.in(1)) })
}

func onAxes(f func(x *graph.Node, axes ...int) *graph.Node) func(c *golden) []*graph.Node {
	return by(func(c *golden) *graph.Node { return f(c.in(0), c.ints("axes")...) })
}

func onAxis(f func(x *graph.Node, axis int) *graph.Node) func(c *golden) []*graph.Node {
	return by(func(c *golden) *graph.Node { return f(c.in(0), c.int("axis")) })
}

func put(f func(x, ids, u *graph.Node, axis int, how ops.Combine) *graph.Node, how ops.Combine) func(c *golden) []*graph.Node {
	return by(func(c *golden) *graph.Node { return f(c.in(0), c.in(1), c.in(2), c.int("axis"), how) })
}

func cum(f func(x *graph.Node, d ops.CumDims) *graph.Node) func(c *golden) []*graph.Node {
	return by(func(c *golden) *graph.Node {
		return f(c.in(0), ops.CumDims{Axis: c.int("axis"), Reverse: c.flag("reverse")})
	})
}

// layered is a layer, in training where the case says so.
func layered(f func(c *golden) nn.Layer) func(c *golden) []*graph.Node {
	return func(c *golden) []*graph.Node {
		train, _ := c.Attrs["train"].(bool)
		return c.layer(f(c), train)
	}
}

func (c *golden) window() ops.WindowDims {
	pad := ops.List(c.ints("pad")...)
	return ops.WindowDims{Size: ops.List(c.ints("size")...), Stride: ops.List(c.ints("stride")...), PadLow: pad, PadHigh: pad}
}

func goldenConv(c *golden) *graph.Node {
	pad := ops.List(c.ints("pad")...)
	return ops.Conv(c.in(0), c.in(1), c.optional(2), ops.ConvDims{
		Stride: ops.List(c.ints("stride")...), PadLow: pad, PadHigh: pad,
		Dilation: ops.List(c.ints("dilation")...), Groups: c.int("groups"),
	})
}

func goldenDot(c *golden) *graph.Node {
	var l [4]ops.Ints
	for i, v := range c.Attrs["dims"].([]any) {
		l[i] = ops.List(whole(v)...)
	}
	return ops.DotGeneral(c.in(0), c.in(1), ops.DotDims{BatchA: l[0], BatchB: l[1], ContractA: l[2], ContractB: l[3]})
}
