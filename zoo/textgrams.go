package zoo

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Grams is a linear map of the n-grams of a text's tokens, hashed to rows of a
// table: Joulin et al., "Bag of Tricks for Efficient Text Classification", 2017,
// without their hidden layer. int32 [N L] → [N K]. Number 0 is no token.
type Grams struct {
	Table *nn.Embedding // [B K]
	Most  int           // n-grams of 1 to so many tokens
}

// gramScale makes the step of an optimizer that moves all weights alike large
// enough for n-grams that come a few times.
const gramScale = 8

// newGrams starts with zeros, so that the map adds nothing at first.
func newGrams(buckets, most, out int) (*Grams, error) {
	if buckets&(buckets-1) != 0 || buckets > maxGrams || buckets > maxWeights/out {
		return nil, fmt.Errorf("setting grams is %d, want 0 or a power of two to %d", buckets, maxGrams)
	}
	n := &Grams{Table: nn.NewEmbedding(rng.New(0), buckets, out), Most: most}
	clear(n.Table.Weight.Value.Floats())
	return n, nil
}

// maxGrams is the most rows: a row times gramFactor plus a token's number is less
// than 2³¹.
const (
	maxGrams   = 1 << 18
	gramFactor = 4099
)

// Forward implements nn.Layer.
func (n *Grams) Forward(c *nn.Ctx, ids *graph.Node) *graph.Node {
	s := ids.Shape()
	rows, length := s.Dim(0), s.Dim(1)
	buckets, out := n.Table.Weight.Value.Shape().Dim(0), n.Table.Weight.Value.Shape().Dim(1)
	mask := ops.Like(ids, float64(buckets-1))
	var sum, count *graph.Node
	hash := ids
	for k := range n.Most {
		if length <= k {
			break
		}
		at := ops.Slice(ids, []int{0, k}, []int{rows, length}, nil) // the n-gram's last token
		if k == 0 {
			hash = ops.And(at, mask)
		} else {
			before := ops.Slice(hash, []int{0, 0}, []int{rows, length - k}, nil)
			hash = ops.And(ops.Add(ops.Mul(before, ops.Like(before, gramFactor)), at), ops.Like(before, float64(buckets-1)))
		}
		is := ops.Convert(ops.Ne(at, ops.Like(at, 0)), tensor.Float32) // [N L-k]
		rowsOf := c.In("table", n.Table, hash)                         // [N L-k K]
		part := ops.ReduceSum(ops.Mul(rowsOf, ops.BroadcastInDim(is, tensor.Dims(rows, length-k, out), 0, 1)), 1)
		many := ops.ReduceSum(is, 1)
		if sum == nil {
			sum, count = part, many
			continue
		}
		sum, count = ops.Add(sum, part), ops.Add(count, many)
	}
	root := ops.Rsqrt(ops.Max(count, ops.Like(count, 1)))
	return ops.Mul(ops.Scale(sum, gramScale), ops.BroadcastInDim(root, tensor.Dims(rows, out), 0))
}
