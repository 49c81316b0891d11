//go:build purego || !amd64

package kernel

// run computes one tile of t.rows rows.
func (t *tile) run() { tilePlain(t) }
