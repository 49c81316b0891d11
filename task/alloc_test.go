package task_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// stepped is tasks with settings whose steps are looked at: what each task does
// by itself, and each thing that makes other programs of it.
var stepped = []string{
	"faces", "digits", "objects", "fashion", "images", "table", "text", "chars",
	"faces accumulate=4 clip=1 optimizer=rmsprop momentum=0.5",
	"digits accumulate=2 clip.value=0.1 optimizer=adagrad focal=2 smoothing=0",
	"table recompute=true optimizer=adam",
	"text clip=0 freeze=embed",
	"chars units=bytes layers=1 dropout=0.1 recompute=true",
	"images augment.mixup=0.2 balance=weights average=ema",
	"chars/char-lstm",
	"chars/char-lstm layers=2 dropout=0.2 accumulate=2",
}

// TestStepsAllocateNothing runs the programs of a step; what is random in them
// is drawn, and no operation is without a kernel.
func TestStepsAllocateNothing(t *testing.T) {
	for _, line := range stepped {
		words := strings.Fields(line)
		s := specOf(t, words[0])
		step, err := s.Step(append(words[1:], "batch=4"))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		allocateNothing(t, line, step.Func, step.Options)
		if step.Apply != nil {
			allocateNothing(t, line+", the update", step.Apply, step.ApplyOptions)
		}
	}
}

// TestAnswersAllocateNothing looks at every architecture, with its own settings.
func TestAnswersAllocateNothing(t *testing.T) {
	for _, name := range append(task.Names(), "chars/char-lstm") {
		if name == task.Finetune {
			continue // its network comes with a model
		}
		s := specOf(t, name)
		m := zoo.Model{Architecture: zoo.Architecture{Name: s.Arch, Settings: s.Net}, Input: s.Input, Output: s.Output}
		if s.Output.Is(data.OutputClass) {
			m.Labels = []string{"no", "perhaps", "yes"}
		}
		net, err := m.Net(rng.New(0))
		if err != nil {
			t.Fatal(name, err)
		}
		for _, batch := range []int{1, 5} {
			f, _, err := train.AnswerFunc(net, m, batch)
			if err != nil {
				t.Fatal(name, err)
			}
			allocateNothing(t, fmt.Sprintf("%s, %d answers", name, batch), f, plan.Options{})
		}
	}
}

// specOf is the task of that name, or "task/architecture".
func specOf(t *testing.T, name string) task.Spec {
	t.Helper()
	name, arch, other := strings.Cut(name, "/")
	s, err := task.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	if other {
		s.Arch, s.Net = arch, nil
	}
	return s
}

func allocateNothing(t *testing.T, name string, f *graph.Func, o plan.Options) {
	t.Helper()
	p, err := plan.Compile(f, o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	in := make([]tensor.Tensor, len(f.In))
	for i, n := range f.In {
		in[i] = tensor.New(n.Type())
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	m := exec.NewMachine(p, pool)
	if n := testing.AllocsPerRun(3, func() {
		if _, err := m.Run(t.Context(), in); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}); n != 0 {
		t.Errorf("%s: %v allocations a run", name, n)
	}
}
