package nn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// part is a layer with every kind of field that can lead to parameters.
type part struct {
	Weight *nn.Param
	None   *nn.Param
	Any    any
	List   []nn.Layer
	Two    [2]*nn.Param
	Map    map[string]*nn.Param
	Inner  struct{ Scale *nn.Param }
	Self   *part
	Sizes  []int
	hidden *nn.Param
}

func (p *part) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	c.Param(p.hidden)
	return x
}

func small() *nn.Param { return nn.Zeros(rng.Stream{}, tensor.Dims(1)) }

func paths(l nn.Layer) string {
	var s []string
	for _, p := range nn.Params(l) {
		s = append(s, p.Path)
	}
	return strings.Join(s, " ")
}

// TestParamsWalk finds everything once, in the order of fields and keys.
func TestParamsWalk(t *testing.T) {
	shared := small()
	p := &part{
		Weight: shared, Any: &part{Weight: small()}, List: []nn.Layer{&part{Weight: small()}, nil},
		Two: [2]*nn.Param{small(), shared}, Map: map[string]*nn.Param{"b": small(), "a": small()}, hidden: small(),
	}
	p.Inner.Scale, p.Self = small(), p
	const want = "weight any.weight list.0.weight two.0 map.a map.b inner.scale"
	if got := paths(p); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestHiddenParameterIsAMistake uses a parameter that Params cannot find.
func TestHiddenParameterIsAMistake(t *testing.T) {
	p := &part{hidden: small()}
	c := nn.NewCtx(p)
	p.Forward(c, c.Graph.Leaf("x", tensor.F32(1)))
	if err := c.Graph.Err(); err == nil || !strings.Contains(err.Error(), "not an exported field") {
		t.Error(err)
	}
}

func TestStreamIDs(t *testing.T) {
	c, again := nn.NewCtx(&part{}), nn.NewCtx(&part{})
	a, b, twice := c.StreamID("a"), c.StreamID("b"), c.StreamID("a")
	if a == b || a == twice || b == twice {
		t.Error(a, b, twice)
	}
	if again.StreamID("a") != a {
		t.Error("the same name in the same place gives another number")
	}
}

// TestUpdatesFollowOneAnother: a buffer updated twice is read between.
func TestUpdatesFollowOneAnother(t *testing.T) {
	p := &part{Weight: small()}
	p.Weight.Buffer = true
	c := nn.NewCtx(p)
	first := c.Graph.Fill(1, tensor.F32(1))
	c.Update(p.Weight, first)
	if c.Param(p.Weight) != first {
		t.Error("Param gives the old value after Update")
	}
	second := c.Graph.Fill(2, tensor.F32(1))
	c.Update(p.Weight, second)
	if u := c.Updates(); len(u) != 1 || u[0].Node != second {
		t.Error(u)
	}
	c.Update(small(), second)
	if err := c.Graph.Err(); err == nil || !strings.Contains(err.Error(), "no buffer") {
		t.Error(err)
	}
}

func ExampleParams() {
	for _, p := range nn.Params(&part{Weight: small(), List: []nn.Layer{&part{Weight: small()}}}) {
		fmt.Println(p.Path, p.Value.Shape())
	}
	// Output:
	// weight [1]
	// list.0.weight [1]
}
