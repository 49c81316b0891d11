package train

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/zoo"
)

// Job is a training to do. A zero field means the value in its comment.
type Job struct {
	Dir      string       // the run's folder: new or empty, or with Resume a run
	Resume   bool         // go on where the run in Dir stopped
	Header   Header       // kept as config.toml
	Model    zoo.Model    // kept as model.toml
	Data     data.Dataset // with the splits train and, as far as there are, valid and test
	Config   Config
	Notes    []string          // what a person should know before, told at the start
	Baseline BaselineFunc      // nothing is measured beside the network
	Beside   map[string][]byte // files kept in the folder beside model.toml, which names them
	Threads  int               // all cores
	Share    func() int        // how many of Threads to use now, asked once a second; all
	Reporter Reporter          // nothing is shown
	Files    Files             // Disk
	Now      func() time.Time  // time.Now; only its differences are shown, and its dates kept
}

func (j Job) withDefaults() Job {
	j.Config = j.Config.withDefaults()
	if j.Threads == 0 {
		j.Threads = runtime.GOMAXPROCS(0)
	}
	if j.Reporter == nil {
		j.Reporter = silent{}
	}
	if j.Files == nil {
		j.Files = Disk{}
	}
	if j.Now == nil {
		j.Now = time.Now
	}
	return j
}

func (j Job) check() error {
	if err := j.Config.check(); err != nil {
		return err
	}
	if j.Data.Len(data.Train) == 0 {
		return &DataError{j.Header.Path, fmt.Errorf("%s has no examples to train on", j.Data.Card().Name)}
	}
	return nil
}

// A fingerprint holds all examples of a split of at most so many bytes, and
// else so many examples.
const (
	summed  = 64 << 20
	sampled = 64
)

// Fingerprint is a checksum of a dataset: of its classes, its counts, and all of
// each split, or, of one that takes more than 64 MiB, 64 examples evenly apart.
// It tells other data, and data that was edited, from the same data in another
// place.
func Fingerprint(ds data.Dataset) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", ds.Card().Classes)
	for _, s := range data.Splits {
		n := ds.Len(s)
		fmt.Fprintf(h, "%s %d\n", s, n)
		if whole, ok := ds.(data.Summed); ok {
			whole.Sum(h, s)
			continue
		}
		if err := hashSplit(h, ds, s); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashSplit(h hash.Hash, ds data.Dataset, s data.Split) error {
	n := ds.Len(s)
	if n == 0 {
		return nil
	}
	first, err := data.ExampleOf(ds, s, 0)
	if err != nil {
		return err
	}
	size := 0
	for _, t := range first {
		size += t.Type().Bytes()
	}
	taken := n
	if size > 0 && n > summed/size {
		taken = min(n, sampled)
	}
	for i := range taken {
		if err := hashExample(h, ds, s, i*n/taken); err != nil {
			return err
		}
	}
	return nil
}

func hashExample(h hash.Hash, ds data.Dataset, s data.Split, i int) error {
	e, err := data.ExampleOf(ds, s, i)
	if err != nil {
		return err
	}
	for _, field := range slices.Sorted(maps.Keys(e)) {
		t := e[field]
		fmt.Fprintf(h, "%s %v ", field, t.Type())
		h.Write(t.Bytes())
	}
	return nil
}
