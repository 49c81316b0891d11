package lower

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "TfIdfVectorizer", Since: []int64{9}, Rule: tfIdfVectorizer})
}

// grams is the n-grams that a TfIdfVectorizer counts.
type grams struct {
	least, most, skips int
	place              map[string]int // from an n-gram's key to its place in the pool
	column             []int          // of the result, by place in the pool
	weight             []float64      // by place in the pool; nil: all 1
	once               bool           // count whether there is one, not how many
	width              int            // of the result
}

// tfIdfVectorizer counts n-grams, with gaps of equal size between their items, in
// each row of [C] or [N C], and weights the counts.
func tfIdfVectorizer(c *Call) {
	g := &grams{place: map[string]int{}, column: c.AttrInts("ngram_indexes")}
	g.least, g.most, g.skips = c.AttrInt("min_gram_length", 1), c.AttrInt("max_gram_length", 1), c.AttrInt("max_skip_count", 0)
	switch mode := c.AttrString("mode", ""); mode {
	case "TF":
	case "IDF", "TFIDF":
		g.weight, g.once = c.AttrFloats("weights"), mode == "IDF"
	default:
		c.Fail("attribute \"mode\" is %q, want TF, IDF or TFIDF", mode)
	}
	var pool []string
	for _, v := range c.AttrInts("pool_int64s") {
		pool = append(pool, itemOf(int64(v)))
	}
	for _, s := range c.AttrStrings("pool_strings") {
		pool = append(pool, itemOfText(s))
	}
	c.check(g.fill(pool, c.AttrInts("ngram_counts")))
	c.tensorOrTexts(0)
	c.Host(g.vectorize, 0)
}

// itemOf and itemOfText write an item so that items written one after the other
// are told apart.
func itemOf(v int64) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(v))) }

func itemOfText(s string) string { return strconv.Itoa(len(s)) + ":" + s }

// fill takes in the pool: first its 1-grams, then its 2-grams and so on, starts
// saying where each kind begins.
func (g *grams) fill(pool []string, starts []int) error {
	place := 0
	for i, from := range starts {
		to, n := len(pool), i+1
		if n < len(starts) {
			to = starts[n]
		}
		if from < 0 || from > to || to > len(pool) || (to-from)%n != 0 {
			return fmt.Errorf("%d-grams from %d to %d in a pool of %d items", n, from, to, len(pool))
		}
		for at := from; at < to; at += n {
			key := ""
			for _, item := range pool[at : at+n] {
				key += item
			}
			g.place[key] = place
			place++
		}
	}
	if place != len(g.column) || g.weight != nil && place != len(g.weight) {
		return fmt.Errorf("%d n-grams with %d places in the result and %d weights", place, len(g.column), len(g.weight))
	}
	for _, at := range g.column {
		if at < 0 || at >= maxTexts {
			return fmt.Errorf("an n-gram has place %d in the result", at)
		}
		g.width = max(g.width, at+1)
	}
	g.most = min(g.most, len(starts))
	return nil
}

// vectorize is the counts of operand 0.
func (g *grams) vectorize(in []Host) ([]Host, error) {
	items, dims, err := itemsOf(in[0])
	if err != nil {
		return nil, err
	}
	to := append(append([]int{}, dims[:len(dims)-1]...), g.width)
	if err := textsFit(to); err != nil {
		return nil, err
	}
	y := tensor.New(tensor.Type{DType: tensor.Float32, Shape: tensor.Dims(to...)})
	row := dims[len(dims)-1]
	for i := range len(items) / max(row, 1) {
		g.count(items[i*row:(i+1)*row], y.Floats()[i*g.width:(i+1)*g.width])
	}
	return []Host{TensorHost(y)}, nil
}

// itemsOf is the elements of h, texts or whole numbers.
func itemsOf(h Host) (items []string, dims []int, err error) {
	if h.Kind == KindStrings {
		dims = h.Dims
		for _, s := range h.Strings {
			items = append(items, itemOfText(s))
		}
	} else {
		if dims = h.Tensor.Shape().Dims(); h.Tensor.DType().Float() {
			return nil, nil, fmt.Errorf("items are %v, want texts or whole numbers", h.Tensor.Type())
		}
		for _, v := range tensor.Widen(h.Tensor).I {
			items = append(items, itemOf(v))
		}
	}
	if len(dims) != 1 && len(dims) != 2 {
		return nil, nil, fmt.Errorf("items of shape %v, want [C] or [N C]", dims)
	}
	return items, dims, nil
}

// count adds the weighted n-grams of a row of items to y. Single items are the
// same whatever is skipped.
func (g *grams) count(items []string, y []float32) {
	for step := 1; step <= max(g.skips, 0)+1 && step <= max(len(items), 1); step++ {
		for start := range items {
			key := ""
			for n, at := 1, start; n <= g.most && at < len(items); n, at = n+1, at+step {
				key += items[at]
				if place, ok := g.place[key]; ok && n >= g.least && (n > 1 || step == 1) {
					g.add(place, y)
				}
			}
		}
	}
}

func (g *grams) add(place int, y []float32) {
	w := float32(1)
	if g.weight != nil {
		w = float32(g.weight[place])
	}
	if at := g.column[place]; g.once {
		y[at] = w
	} else {
		y[at] += w
	}
}
