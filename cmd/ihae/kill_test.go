//go:build unix

package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var kills = flag.Int("kills", 0, "how often each training of the kill test is killed; 0 for 3, or 20 with -long")

// killed is a training that is killed. Between them they have every task, and
// every setting that keeps something from step to step.
var killed = []struct {
	name  string
	short bool // without -long too
	data  func(t *testing.T)
	args  string
}{
	{"faces", true, nil, "faces --epochs 4 --set checkpoint.every=2"},
	{"digits", false, writeDigits, "digits --data idx --epochs 3 --set batch=16 --set checkpoint.every=2 --set average=ema"},
	{"digits-pieces", false, writeDigits, "digits --data idx --epochs 3 --set batch=16 --set accumulate=4 --set checkpoint.every=3 --set schedule=plateau --set average=swa --set average.start=0.4 --set augment.mixup=0.2"},
	{"chars-gpt", true, writeVerse, "chars --data verse.txt --steps 60 --set layers=1 --set width=16 --set heads=2 --set context=16 --set dropout=0.1 --set valid.every=20 --set checkpoint.every=7"},
	{"chars-lstm", false, writeVerse, "chars --data verse.txt --steps 60 --set model=lstm --set width=16 --set context=16 --set valid.every=20 --set checkpoint.every=7 --set average=ema"},
	{"table", false, writeHouses, "table --data houses.csv --epochs 12 --set batch=16 --set checkpoint.every=3 --set schedule=plateau --set optimizer=rmsprop --set momentum=0.5"},
	{"text", false, writeReviews, "text --data reviews.tsv --epochs 4 --set width=16 --set channels=8 --set batch=16 --set checkpoint.every=2 --set balance=sampling --set accumulate=2"},
	{"images", false, writeStripes, "images --data stripes --epochs 20 --set widths=4,8 --set batch=8 --set checkpoint.every=2 --set augment.cutmix=0.5"},
}

// TestKilledRunsEndAsUnbrokenOnes kills trainings at random moments, goes on
// until they are done, and compares the weights.
func TestKilledRunsEndAsUnbrokenOnes(t *testing.T) {
	count := *kills
	if count == 0 {
		count = 3
		if *long {
			count = 20
		}
	}
	for _, c := range killed {
		t.Run(c.name, func(t *testing.T) {
			if !c.short && !*long {
				t.Skip("a long test: run it with -long")
			}
			t.Chdir(t.TempDir())
			if c.data != nil {
				c.data(t)
			}
			killAgainAndAgain(t, count, append(strings.Fields(c.args), "-q"))
		})
	}
}

func killAgainAndAgain(t *testing.T, count int, recipe []string) {
	t.Helper()
	start := time.Now()
	whole := program(t, append([]string{"train", "--out", "whole"}, recipe...)...)
	if out, err := whole.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lasts := time.Since(start)
	draw := rand.New(rand.NewPCG(1, uint64(count)))
	resumed, ended := 0, 0
	for range count {
		args := append([]string{"train", "--out", "dead"}, recipe...)
		if _, err := os.Stat(filepath.Join("dead", "config.toml")); err == nil {
			args = []string{"train", "--resume", "dead", "-q"}
			resumed++
		}
		c := program(t, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(draw.Int64N(int64(lasts) * 3 / 4)))
		_ = c.Process.Kill()
		_ = c.Wait()
		if _, err := os.Stat(filepath.Join("dead", "result.json")); err == nil {
			ended++
			checkSame(t)
			if err := os.RemoveAll("dead"); err != nil {
				t.Fatal(err)
			}
		}
	}
	args := []string{"train", "--resume", "dead", "-q"}
	if _, err := os.Stat(filepath.Join("dead", "config.toml")); err != nil {
		args = append([]string{"train", "--out", "dead"}, recipe...)
	}
	if out, err := program(t, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	checkSame(t)
	t.Logf("%d kills, %d of them of resumed trainings; %d trainings came to their end; an unbroken one lasts %v", count, resumed, ended+1, lasts.Round(time.Millisecond))
}

func checkSame(t *testing.T) {
	t.Helper()
	if final(t, "whole") != final(t, "dead") {
		t.Error("a killed and resumed run has other weights than an unbroken one")
	}
}

// writeDigits makes the four files of MNIST, small: a bright column tells the
// class.
func writeDigits(t *testing.T) {
	t.Helper()
	if err := os.Mkdir("idx", 0o755); err != nil {
		t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(3, 5))
	for split, n := range map[string]int{"train": 120, "t10k": 30} {
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		for _, d := range []int{n, 28, 28} {
			images = binary.BigEndian.AppendUint32(images, uint32(d))
		}
		labels := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 0x801), uint32(n))
		for i := range n {
			labels = append(labels, byte(i%10))
			for j := range 28 * 28 {
				v := byte(draw.IntN(60))
				if j%28/2 == i%10 {
					v += 150
				}
				images = append(images, v)
			}
		}
		put(t, filepath.Join("idx", split+"-images-idx3-ubyte"), string(images))
		put(t, filepath.Join("idx", split+"-labels-idx1-ubyte"), string(labels))
	}
}

func writeVerse(t *testing.T) {
	t.Helper()
	put(t, "verse.txt", strings.Repeat("나 보기가 역겨워 가실 때에는\nI wandered lonely as a cloud\n", 120))
}

func writeHouses(t *testing.T) {
	t.Helper()
	put(t, "houses.csv", houses(160))
}

func writeReviews(t *testing.T) {
	t.Helper()
	b := &strings.Builder{}
	b.WriteString("text\tlabel\n")
	for i := range 200 {
		fmt.Fprintf(b, "%s 영화 number %d %s\t%s\n", []string{"a good", "a bad", "a long"}[i%3], i, strings.Repeat("very ", i%5), []string{"yes", "no", "no"}[i%3])
	}
	put(t, "reviews.tsv", b.String())
}

func writeStripes(t *testing.T) {
	t.Helper()
	for i := range 48 {
		writeGrey(t, filepath.Join("stripes", []string{"dark", "bright side"}[i%2], fmt.Sprint(i, ".png")), uint8(i+100*(i%2)))
	}
}
