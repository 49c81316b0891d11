package keras

import "github.com/ihae/ihae/format/onnx"

// embedding gives each number its row of a table [input_dim output_dim].
func embedding(c *call) value {
	x := c.one()
	rows, n := c.size("input_dim"), c.size("output_dim")
	if x.elem != elemInt64 {
		x.name, x.elem = c.add("Cast", []string{x.name}, onnx.Int("to", int64(elemInt64))), elemInt64
	}
	table := c.weight(0, []int{rows, n}, "embeddings")
	return value{c.add("Gather", []string{table, x.name}), append(x.dims[:x.rank():x.rank()], n), elemFloat}
}

func init() {
	registerRule("Embedding", rule{
		apply: func(c *call) []value { return []value{embedding(c)} },
		refuse: func(l *layer) string {
			if l.config["mask_zero"] == true {
				return "mask_zero: masks are not read"
			}
			return ""
		},
	})
}
