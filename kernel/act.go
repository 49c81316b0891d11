package kernel

// Act is the activation that a contraction applies to its result.
type Act uint8

// The activations of an epilogue.
const (
	ActNone Act = iota
	ActReLU     // max(x, 0)
)

func (a Act) flags() int {
	if a == ActReLU {
		return tileReLU
	}
	return 0
}
