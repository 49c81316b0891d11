package lower

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	learned("TreeEnsembleClassifier", treeClassifier, 1, 3, 5)
	learned("TreeEnsembleRegressor", treeRegressor, 1, 3, 5)
}

var tallies = map[string]ops.Tally{"SUM": ops.TallySum, "AVERAGE": ops.TallyMean, "MIN": ops.TallyMin, "MAX": ops.TallyMax}

func treeRegressor(c *Call) {
	f := c.forest("target", c.AttrInt("n_targets", 1))
	how, ok := tallies[c.AttrString("aggregate_function", "SUM")]
	if !ok {
		c.Fail("attribute \"aggregate_function\" is %q, want SUM, AVERAGE, MIN or MAX", c.AttrString("aggregate_function", ""))
	}
	f.How = how
	x := c.features()
	y := ops.Trees(x, f, x.DType())
	if base := c.numbers("base_values"); len(base) > 0 {
		y = ops.Add(y, c.numbersLike(y, base, choose(len(base) == 1, 1, f.Targets)))
	}
	c.returnFloats(0, c.scored(y, c.AttrString("post_transform", "NONE")))
}

// treeClassifier is the class with the most votes. Where all votes are for one of
// two classes they are for the second: it wins with more than half of one, if no
// vote is below 0, or else with more than none.
func treeClassifier(c *Call) {
	names := c.classNames("classlabels_int64s")
	f := c.forest("class", names.size())
	how := c.AttrString("post_transform", "NONE")
	base := c.numbers("base_values")
	if len(base) != names.size() && len(base) > 1 {
		c.Fail("%d base values for %d classes", len(base), names.size())
	}
	x := c.features()
	z := ops.Trees(x, f, x.DType())
	if len(base) > 0 {
		z = ops.Add(z, c.numbersLike(z, base, len(base)))
	}
	only, positive := votesOf(f)
	switch {
	case names.size() == 1:
		c.returnClasses(names.plain(), second(z, 0), c.scored(z, how))
	case names.size() == 2 && only == 0:
		s := part(z, 1, 0, 1)
		c.returnClasses(names, second(s, choose(positive, 0.5, 0)), c.twoScores(s, positive, how))
	case names.size() == 2 && only == 1:
		s := part(z, 1, 1, 2)
		c.returnClasses(names, second(s, choose(positive, 0.5, 0)), c.scored(z, how))
	default:
		c.returnClasses(names, ops.ArgMax(z, 1), c.scored(z, how))
	}
}

// votesOf is the target that all votes are for, -1 if there are several, and
// whether none is below 0.
func votesOf(f *ops.Forest) (only int, positive bool) {
	only, positive = -1, true
	for i, v := range f.Votes {
		if i == 0 {
			only = int(v.Target)
		} else if int(v.Target) != only {
			only = -1
		}
		positive = positive && v.Weight >= 0
	}
	return only, positive
}

// numbers is an attribute of float32s, or the same of float64s as a tensor.
func (c *Call) numbers(name string) []float64 {
	if list := c.AttrFloats(name); list != nil {
		return list
	}
	if t, ok := c.AttrTensor(name + "_as_tensor"); ok {
		w := tensor.Widen(t)
		if w.F == nil && w.Type.Shape.Size() > 0 {
			c.Fail("attribute %q is %v, want floats", name, t.Type())
		}
		return w.F
	}
	return nil
}

var questions = map[string]ops.Question{
	"BRANCH_LEQ": ops.AskLe, "BRANCH_LT": ops.AskLt, "BRANCH_GTE": ops.AskGe, "BRANCH_GT": ops.AskGt,
	"BRANCH_EQ": ops.AskEq, "BRANCH_NEQ": ops.AskNe, "LEAF": ops.Leaf,
}

// treeKey is a node of an ensemble: a tree's number, and the node's there.
type treeKey struct{ tree, node int }

// forest reads the attributes nodes_*, and those of the votes, which begin with
// votes: "target" or "class".
func (c *Call) forest(votes string, targets int) *ops.Forest {
	f := &ops.Forest{Targets: targets}
	c.Dims(targets)
	modes := c.AttrStrings("nodes_modes")
	at := map[treeKey]int32{}
	trees, ids := c.listOf("nodes_treeids", len(modes)), c.listOf("nodes_nodeids", len(modes))
	for i := range modes {
		key := treeKey{trees[i], ids[i]}
		if _, twice := at[key]; twice {
			c.Fail("tree %d has two nodes %d", key.tree, key.node)
		}
		at[key] = int32(i)
	}
	f.Nodes = c.treeNodes(modes, trees, at)
	c.check(addVotes(f, at, c.voteKeys(votes), c.AttrInts(votes+"_ids"), c.numbers(votes+"_weights")))
	roots, err := rootsOf(f, trees)
	c.check(err)
	f.Roots = roots
	return f
}

// listOf is a list that must have n whole numbers.
func (c *Call) listOf(name string, n int) []int {
	list := c.AttrInts(name)
	if len(list) != n {
		c.Fail("attribute %q has %d numbers, want %d", name, len(list), n)
	}
	return list
}

// treeNodes is the nodes of all trees; at has their places.
func (c *Call) treeNodes(modes []string, trees []int, at map[treeKey]int32) []ops.TreeNode {
	n := len(modes)
	features, values := c.listOf("nodes_featureids", n), c.numbers("nodes_values")
	yes, no := c.listOf("nodes_truenodeids", n), c.listOf("nodes_falsenodeids", n)
	nan := c.AttrInts("nodes_missing_value_tracks_true")
	if len(values) != n || len(nan) != n && len(nan) > 0 {
		c.Fail("%d values and %d answers for NaN for %d nodes", len(values), len(nan), n)
	}
	nodes := make([]ops.TreeNode, n)
	for i, mode := range modes {
		ask, ok := questions[mode]
		if !ok {
			c.Fail("node %d is of mode %q", i, mode)
		}
		t := ops.TreeNode{Ask: ask, Value: values[i], NaN: len(nan) > 0 && nan[i] != 0}
		if ask != ops.Leaf {
			var hasYes, hasNo bool
			t.Yes, hasYes = at[treeKey{trees[i], yes[i]}]
			t.No, hasNo = at[treeKey{trees[i], no[i]}]
			if t.Feature = int32(features[i]); !hasYes || !hasNo || int(t.Feature) != features[i] {
				c.Fail("node %d of tree %d has no nodes %d and %d, or no feature %d", i, trees[i], yes[i], no[i], features[i])
			}
		}
		nodes[i] = t
	}
	return nodes
}

// voteKeys is the node that casts each vote.
func (c *Call) voteKeys(votes string) []treeKey {
	trees := c.AttrInts(votes + "_treeids")
	ids := c.listOf(votes+"_nodeids", len(trees))
	keys := make([]treeKey, len(trees))
	for i := range trees {
		keys[i] = treeKey{trees[i], ids[i]}
	}
	return keys
}

// addVotes gives leaves their votes, in the order of the leaves.
func addVotes(f *ops.Forest, at map[treeKey]int32, keys []treeKey, targets []int, weights []float64) error {
	if len(keys) != len(targets) || len(keys) != len(weights) {
		return fmt.Errorf("%d votes with %d targets and %d weights", len(keys), len(targets), len(weights))
	}
	of := make([][]int, len(f.Nodes))
	for i, key := range keys {
		node, ok := at[key]
		if !ok {
			return fmt.Errorf("vote %d is of node %d of tree %d, which is not there", i, key.node, key.tree)
		}
		if targets[i] < 0 || targets[i] >= f.Targets {
			return fmt.Errorf("vote %d is for target %d of %d", i, targets[i], f.Targets)
		}
		of[node] = append(of[node], i)
	}
	for n, votes := range of {
		if f.Nodes[n].Ask != ops.Leaf {
			continue
		}
		f.Nodes[n].From = int32(len(f.Votes))
		for _, i := range votes {
			f.Votes = append(f.Votes, ops.Vote{Target: int32(targets[i]), Weight: weights[i]})
		}
		f.Nodes[n].To = int32(len(f.Votes))
	}
	return nil
}

// rootsOf is, for each tree, in the order of their numbers, the first node that no
// other one leads to.
func rootsOf(f *ops.Forest, trees []int) ([]int32, error) {
	led := make([]bool, len(f.Nodes))
	for _, t := range f.Nodes {
		if t.Ask != ops.Leaf {
			led[t.Yes], led[t.No] = true, true
		}
	}
	root := map[int]int32{}
	for i, tree := range trees {
		if at, has := root[tree]; !has || at < 0 {
			root[tree] = choose(led[i], -1, int32(i))
		}
	}
	var roots []int32
	for _, tree := range slices.Sorted(maps.Keys(root)) {
		if root[tree] < 0 {
			return nil, fmt.Errorf("tree %d has no node where it begins", tree)
		}
		roots = append(roots, root[tree])
	}
	return roots, nil
}
