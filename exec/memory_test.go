package exec_test

import (
	"errors"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/internal/cpu"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// TestProgramsThatDoNotFit asks for a value of 64 TB: an error instead of the end
// of the process.
func TestProgramsThatDoNotFit(t *testing.T) {
	if cpu.Memory() == 0 {
		t.Skip("the system does not tell how much memory there is")
	}
	if cpu.Memory() < 64<<20 || cpu.Memory() > 1<<50 {
		t.Fatalf("%d bytes of memory", cpu.Memory())
	}
	g := graph.New()
	x := g.Leaf("x", tensor.F32(4))
	y := ops.BroadcastInDim(x, tensor.Dims(1<<42, 4), 1)
	f, err := graph.NewFunc("f", []*graph.Node{x}, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var no *exec.MemoryError
	if _, err := fn.Call(t.Context(), tensor.New(tensor.F32(4))); !errors.As(err, &no) || no.Need < 64<<40 {
		t.Errorf("%v", err)
	}
}
