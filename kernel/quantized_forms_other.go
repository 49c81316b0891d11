//go:build purego || !amd64

package kernel

// run computes one tile.
func (f *quantizedForm) run(t *quantizedTile, rows, _ int) { quantizedPlain(t, rows) }
