package lower

import (
	"math"

	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() { learned("TreeEnsemble", treeEnsemble, 5) }

// The numbers that the attributes of TreeEnsemble have for names.
var (
	tallyNumbers     = []ops.Tally{ops.TallyMean, ops.TallySum, ops.TallyMin, ops.TallyMax}
	transformNumbers = []string{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}
	questionNumbers  = []ops.Question{ops.AskLe, ops.AskLt, ops.AskGe, ops.AskGt, ops.AskEq, ops.AskNe, ops.AskMember}
)

// treeEnsemble is trees whose leaves are lists apart from those of the inner nodes.
func treeEnsemble(c *Call) {
	f := &ops.Forest{Targets: c.AttrInt("n_targets", 1)}
	c.Dims(f.Targets)
	f.How = oneOf(c, "aggregate_function", 1, tallyNumbers)
	inner := c.innerNodes(f)
	targets, weights := c.AttrInts("leaf_targetids"), c.tensorNumbers("leaf_weights")
	if len(targets) != len(weights) {
		c.Fail("%d leaves with %d weights", len(targets), len(weights))
	}
	for i, t := range targets {
		if t < 0 || t >= f.Targets {
			c.Fail("leaf %d is for target %d of %d", i, t, f.Targets)
		}
		f.Votes = append(f.Votes, ops.Vote{Target: int32(t), Weight: weights[i]})
		f.Nodes = append(f.Nodes, ops.TreeNode{Ask: ops.Leaf, From: int32(i), To: int32(i + 1)})
	}
	for _, root := range c.AttrInts("tree_roots") {
		if root < 0 || root >= inner {
			c.Fail("a tree begins at node %d of %d", root, inner)
		}
		f.Roots = append(f.Roots, int32(root))
	}
	x := c.features()
	y := c.scored(ops.Trees(x, f, x.DType()), oneOf(c, "post_transform", 0, transformNumbers))
	c.Return(y)
}

// oneOf is the entry of a list that an attribute has the number of.
func oneOf[T any](c *Call, name string, or int, list []T) T {
	i := c.AttrInt(name, or)
	if i < 0 || i >= len(list) {
		c.Fail("attribute %q is %d, want 0 to %d", name, i, len(list)-1)
	}
	return list[i]
}

// innerNodes reads the nodes with questions into f and says how many there are.
// Leaf i is the node with number i after them.
func (c *Call) innerNodes(f *ops.Forest) int {
	modes := c.tensorNumbers("nodes_modes")
	n := len(modes)
	values := c.tensorNumbers("nodes_splits")
	features := c.listOf("nodes_featureids", n)
	yes, no := c.listOf("nodes_truenodeids", n), c.listOf("nodes_falsenodeids", n)
	yesLeaf, noLeaf := c.listOf("nodes_trueleafs", n), c.listOf("nodes_falseleafs", n)
	nan := c.AttrInts("nodes_missing_value_tracks_true")
	if len(values) != n || len(nan) != n && len(nan) > 0 {
		c.Fail("%d values and %d answers for NaN for %d nodes", len(values), len(nan), n)
	}
	place := func(i, leaf int) int32 {
		if leaf != 0 {
			i += n
		}
		if i < 0 || i > math.MaxInt32 {
			return -1 // a path that leads nowhere is refused
		}
		return int32(i)
	}
	members := c.memberSets()
	for i, mode := range modes {
		if !(mode >= 0 && mode < float64(len(questionNumbers))) || int(int32(features[i])) != features[i] {
			c.Fail("node %d is of mode %v and asks about feature %d", i, mode, features[i])
		}
		t := ops.TreeNode{
			Ask: questionNumbers[int(mode)], Feature: int32(features[i]), Value: values[i],
			NaN: len(nan) > 0 && nan[i] != 0, Yes: place(yes[i], yesLeaf[i]), No: place(no[i], noLeaf[i]),
		}
		if t.Ask == ops.AskMember {
			if len(members) == 0 {
				c.Fail("node %d has no list of members", i)
			}
			t.From = int32(len(f.Members))
			f.Members = append(f.Members, members[0]...)
			t.To, members = int32(len(f.Members)), members[1:]
		}
		f.Nodes = append(f.Nodes, t)
	}
	return n
}

// memberSets is the lists of members, in the order of the nodes that have one:
// each ends with a NaN.
func (c *Call) memberSets() [][]float64 {
	var sets [][]float64
	var set []float64
	for _, v := range c.tensorNumbers("membership_values") {
		if v != v {
			sets, set = append(sets, set), nil
			continue
		}
		set = append(set, v)
	}
	return sets
}

// tensorNumbers is the numbers of an attribute that is a tensor.
func (c *Call) tensorNumbers(name string) []float64 {
	t, ok := c.AttrTensor(name)
	if !ok {
		return nil
	}
	w := tensor.Widen(t)
	if w.F != nil {
		return w.F
	}
	y := make([]float64, len(w.I))
	for i, v := range w.I {
		y[i] = float64(v)
	}
	return y
}
