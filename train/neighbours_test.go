package train

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestNeighboursShareTheCores joins and leaves, and leaves a file behind as a
// killed process does.
func TestNeighboursShareTheCores(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "at-work")
	join := func() *Neighbours {
		n, err := JoinNeighbours(dir)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	sum := func(cores int, all ...*Neighbours) (sum int) {
		for _, n := range all {
			sum += n.Threads(cores)
		}
		return sum
	}
	a := join()
	if err := os.WriteFile(filepath.Join(dir, "123-dead"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := a.Threads(8); got != 8 {
		t.Errorf("alone it has %d of 8 cores", got)
	}
	b, c := join(), join()
	if got := sum(8, a, b, c); got != 8 {
		t.Errorf("three have %d of 8 cores", got)
	}
	if got := sum(2, a, b, c); got != 3 {
		t.Errorf("three have %d threads on 2 cores, want one each", got)
	}
	_ = b.f.Close() // as when its process dies
	if got := sum(8, a, c); got != 8 {
		t.Errorf("two have %d of 8 cores", got)
	}
	c.Leave()
	if got := a.Threads(8); got != 8 {
		t.Errorf("alone again it has %d of 8 cores", got)
	}
	if err := os.Remove(a.f.Name()); err != nil {
		t.Fatal(err)
	}
	if got := a.Threads(8); got != 8 && a.Threads(8) != 8 {
		t.Errorf("without its file it has %d of 8 cores", got)
	}
	a.Leave()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v is left behind", left)
	}
}

// TestSharingChangesNoBits asks for another number of threads at every step.
func TestSharingChangesNoBits(t *testing.T) {
	alone, shared := fiveEpochs(t, t.TempDir()), fiveEpochs(t, t.TempDir())
	mustFit(t, alone)
	asked, now := 0, time.Unix(0, 0)
	shared.Threads = 3
	shared.Now = func() time.Time { now = now.Add(time.Second); return now }
	shared.Share = func() int { asked++; return asked % 4 }
	mustFit(t, shared)
	if asked < 5 {
		t.Errorf("the share was asked for %d times", asked)
	}
	if weights(t, alone.Dir) != weights(t, shared.Dir) {
		t.Error("sharing the cores changes the weights")
	}
}
