package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Tril keeps what lies on and below a diagonal of the matrices in the last two
// axes of x and puts 0 elsewhere. Diagonal 0 is the main one, 1 the one above.
func Tril(x *graph.Node, diagonal int) *graph.Node { return triangle(x, diagonal, Ge) }

// Triu keeps what lies on and above a diagonal of the matrices in the last two
// axes of x and puts 0 elsewhere. Diagonal 0 is the main one, 1 the one above.
func Triu(x *graph.Node, diagonal int) *graph.Node { return triangle(x, diagonal, Le) }

// triangle keeps the places where row + diagonal and column are related by keep.
func triangle(x *graph.Node, diagonal int, keep func(a, b *graph.Node) *graph.Node) *graph.Node {
	s := x.Shape()
	if s.Rank() < 2 {
		return Transpose(x, 1, 0) // to be refused
	}
	t := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(s.Dim(-2), s.Dim(-1))}
	row, column := Iota(x.Graph(), t, 0), Iota(x.Graph(), t, 1)
	kept := keep(Add(row, Like(row, float64(diagonal))), column)
	return Select(stretch(kept, s), x, Like(x, 0))
}
