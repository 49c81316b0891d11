package keras

import (
	"fmt"
	"maps"
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

// directions is the layers of a Bidirectional, forwards and backwards. Keras 2 puts
// backward_ before the name of a backward layer that was given, Keras 3 does not,
// and gives one always.
func (l *layer) directions(version string) (forward, backward *layer, err error) {
	if forward, err = l.inner("layer"); err != nil {
		return nil, nil, err
	}
	name := strings.TrimPrefix(forward.name, "forward_")
	if l.config["backward_layer"] == nil {
		backward = &layer{class: forward.class, name: "backward_" + strings.TrimPrefix(name, "backward_"), config: maps.Clone(forward.config)}
		backward.config["go_backwards"] = forward.config["go_backwards"] != true
	} else if backward, err = l.inner("backward_layer"); err != nil {
		return nil, nil, err
	} else if !strings.HasPrefix(version, "3") {
		backward.name = "backward_" + backward.name
	}
	forward.name, forward.key, backward.key = "forward_"+name, "forward_layer", "backward_layer"
	return forward, backward, nil
}

// bidirectional runs a recurrent layer forwards and another backwards, and joins
// what they give, the sequence of the latter turned round.
func bidirectional(c *call) []value {
	forward, backward, err := c.layer.directions(c.t.version)
	if err != nil {
		c.fail("%v", err)
		return nil
	}
	if cells[forward.class].op == "" || cells[backward.class].op == "" || len(c.in)%2 == 0 {
		c.fail("layers %s and %s with %d inputs", forward.class, backward.class, len(c.in))
		return nil
	}
	half := (len(c.in) - 1) / 2
	run := func(l *layer, states []value, turned bool) []value {
		d := &call{t: c.t, layer: l, path: append(c.path[:len(c.path):len(c.path)], l), in: c.in[:1], err: c.err}
		out := d.recurrent(c.in[0], states, turned)
		c.err = d.err
		return out
	}
	f, b := run(forward, c.in[1:1+half], false), run(backward, c.in[1+half:], true)
	if c.err != nil {
		return nil
	}
	y := f[0]
	var out []value
	switch mode, _ := c.layer.config["merge_mode"].(string); {
	case c.layer.config["merge_mode"] == nil:
		out = []value{f[0], b[0]}
	case mode == "concat":
		y.name = c.add("Concat", []string{f[0].name, b[0].name}, onnx.Int("axis", -1))
		y.dims = append(y.dims[:y.rank()-1:y.rank()-1], f[0].last()+b[0].last())
		out = []value{y}
	case mode == "sum":
		out = []value{c.with(f[0], "Add", []string{b[0].name})}
	case mode == "mul":
		out = []value{c.times(f[0], b[0])}
	case mode == "ave":
		out = []value{c.with(c.with(f[0], "Add", []string{b[0].name}), "Mul", []string{c.scalar("half", 0.5)})}
	default:
		c.fail("merge_mode %q", mode)
	}
	if forward.config["return_state"] == true {
		out = append(append(out, f[1:]...), b[1:]...)
	}
	return out
}

func init() {
	registerRule("Bidirectional", rule{apply: bidirectional, refuse: func(l *layer) string {
		forward, backward, err := l.directions("")
		if err != nil {
			return err.Error()
		}
		for _, d := range []*layer{forward, backward} {
			if cells[d.class].op == "" {
				return "around " + d.class
			}
		}
		for _, key := range []string{"return_sequences", "return_state"} {
			if f, b := forward.config[key] == true, backward.config[key] == true; f != b {
				return fmt.Sprintf("%s is %v forwards and %v backwards", key, f, b)
			}
		}
		return refusal(backward)
	}})
}
