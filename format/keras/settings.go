package keras

import (
	"fmt"
	"math"
	"slices"
)

// What the config of a layer says.

// has says whether the config has something other than null under a key.
func (c *call) has(key string) bool { return c.layer.config[key] != nil }

// intOr is a whole number of the config.
func (c *call) intOr(key string, otherwise int) int {
	v := c.layer.config[key]
	if v == nil {
		return otherwise
	}
	n, ok := whole(v)
	if list, is := wholes(v); is && len(list) == 1 {
		n, ok = list[0], true
	}
	if !ok || n > math.MaxInt32 || n < math.MinInt32 {
		c.fail("%s is %.40v, wanted a whole number", key, v)
		return otherwise
	}
	return n
}

// size is a whole number of the config that is 1 or more.
func (c *call) size(key string) int {
	n := c.intOr(key, 0)
	if n < 1 {
		c.fail("%s is %d, wanted 1 or more", key, n)
		return 1
	}
	return n
}

// sizes is n whole numbers of 1 or more; one number stands for all.
func (c *call) sizes(key string, n, otherwise int) []int {
	v := c.layer.config[key]
	list, ok := wholes(v)
	if one, is := whole(v); is {
		list, ok = slices.Repeat([]int{one}, n), true
	}
	if v == nil {
		list, ok = slices.Repeat([]int{otherwise}, n), true
	}
	if !ok || len(list) != n || slices.Min(list) < 1 || slices.Max(list) > math.MaxInt32 {
		c.fail("%s is %.40v, wanted %d whole numbers of 1 or more", key, v, n)
		return slices.Repeat([]int{1}, n)
	}
	return list
}

func (c *call) boolOr(key string, otherwise bool) bool {
	switch v := c.layer.config[key].(type) {
	case nil:
		return otherwise
	case bool:
		return v
	default:
		c.fail("%s is %.40v, wanted true or false", key, v)
		return otherwise
	}
}

func (c *call) floatOr(key string, otherwise float64) float64 {
	switch v := c.layer.config[key].(type) {
	case nil:
		return otherwise
	case float64:
		return v
	case map[string]any: // an array of NumPy
		if f, ok := v["value"].(float64); ok {
			return f
		}
	}
	c.fail("%s is %.40v, wanted a number", key, c.layer.config[key])
	return otherwise
}

// floats is a list of numbers of the config, flattened; one number is a list of
// one.
func (c *call) floats(key string) []float32 {
	var out []float32
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case float64:
			out = append(out, float32(v))
		case []any:
			for _, e := range v {
				add(e)
			}
		case map[string]any: // an array of NumPy
			add(v["value"])
		default:
			c.fail("%s is %.40v, wanted numbers", key, v)
		}
	}
	add(c.layer.config[key])
	return out
}

// oneOf is a text of the config, which must be one of those given; the first is
// the default.
func (c *call) oneOf(key string, words ...string) string {
	v := c.layer.config[key]
	if v == nil {
		return words[0]
	}
	s, _ := v.(string)
	if !slices.Contains(words, s) {
		c.fail("%s is %.40v, wanted one of %q", key, v, words)
		return words[0]
	}
	return s
}

// channelsFirst says whether the layer's channels are the first axis after the
// batch.
func (c *call) channelsFirst() bool {
	return c.oneOf("data_format", "channels_last", "channels_first") == "channels_first"
}

// inner is the layer that the config has under a key.
func (l *layer) inner(key string) (*layer, error) {
	count := 0
	in, err := readLayer(l.config[key], &count)
	if err != nil {
		return nil, fmt.Errorf("keras: layer %q: its %s: %w", l.name, key, err)
	}
	in.key = key
	return in, nil
}
