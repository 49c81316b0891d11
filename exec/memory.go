package exec

import (
	"fmt"
	"sync"

	"github.com/ihae/ihae/internal/cpu"
	"github.com/ihae/ihae/plan"
)

// MemoryError says that a program's values do not fit into the machine. Nothing
// was allocated.
type MemoryError struct {
	Need, Have int64 // bytes
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("the values of one run need %.1f GB of memory, this machine has %.1f; smaller batches, inputs or networks need less", float64(e.Need)/1e9, float64(e.Have)/1e9)
}

var have = sync.OnceValue(cpu.Memory)

// Fits is a [MemoryError] if p needs more memory on so many threads than the
// machine has, whatever else is in it. A machine asks before its first run.
func Fits(p *plan.Program, threads int) error {
	need := int64(p.Arena) + int64(threads)*int64(p.Local)
	if need > have() && have() > 0 || need < 0 {
		return &MemoryError{need, have()}
	}
	return nil
}
