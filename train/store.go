package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names in a run's folder that readers rely on.
const (
	checkpointsDir = "checkpoints"
	modelFile      = "model.safetensors"
	stateFile      = "state.safetensors"
	manifestFile   = "manifest.json"
	lastPointer    = "LAST"
	bestPointer    = "BEST"
	tmpPrefix      = ".tmp-"
)

// keepLast is how many of the newest checkpoints stay.
const keepLast = 3

// Manifest stands beside the files of a checkpoint and vouches for them. What
// depends on the time, the host or the threads is here and nowhere else.
type Manifest struct {
	Step    int                `json:"step"`
	Epoch   int                `json:"epoch"`
	Written time.Time          `json:"written"`
	Host    string             `json:"host"`
	Threads int                `json:"threads"`
	Seconds float64            `json:"seconds"` // of training until here, over all sessions
	Files   map[string]Content `json:"files"`
}

// Content is what a manifest says of one file.
type Content struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// blob is a file of a checkpoint to be written.
type blob struct {
	name string
	fill func(io.Writer) error
}

// store is the checkpoints of one run: each a folder that appears at once and
// whole, and two pointers, LAST and BEST, that name one of them.
type store struct {
	fs  Files
	run string // the run's folder
}

func (s store) dir() string { return filepath.Join(s.run, checkpointsDir) }

func stepName(step int) string { return fmt.Sprintf("step-%06d", step) }

// stepOf is the step that a folder's name tells, or ok false.
func stepOf(name string) (step int, ok bool) {
	digits, ok := strings.CutPrefix(name, "step-")
	if !ok || len(digits) < 6 {
		return 0, false
	}
	step, err := strconv.Atoi(digits)
	return step, err == nil && step >= 0
}

// write makes a checkpoint of blobs. The order is: files, their sync, the
// manifest, the folder's sync, the rename, the sync of the folder above. If it
// fails, or the machine does, what was there before is what is there.
func (s store) write(m Manifest, blobs []blob) error {
	name := stepName(m.Step)
	tmp, final := filepath.Join(s.dir(), tmpPrefix+name), filepath.Join(s.dir(), name)
	err := s.fill(tmp, m, blobs)
	if err == nil {
		err = s.swap(tmp, final)
	}
	if err != nil {
		_ = s.fs.RemoveAll(tmp)
		return &StorageError{fmt.Sprintf("write the checkpoint of step %d", m.Step), err}
	}
	return nil
}

func (s store) fill(tmp string, m Manifest, blobs []blob) error {
	if err := s.fs.RemoveAll(tmp); err != nil {
		return err
	}
	if err := s.fs.MkdirAll(tmp); err != nil {
		return err
	}
	m.Files = map[string]Content{}
	for _, b := range blobs {
		sum := &summer{hash: sha256.New()}
		err := writeFile(s.fs, filepath.Join(tmp, b.name), func(w io.Writer) error {
			return b.fill(io.MultiWriter(w, sum))
		})
		if err != nil {
			return err
		}
		m.Files[b.name] = sum.content()
	}
	err := writeFile(s.fs, filepath.Join(tmp, manifestFile), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(m)
	})
	if err != nil {
		return err
	}
	return s.fs.SyncDir(tmp)
}

// swap puts tmp in the place of final, which may exist: a damaged checkpoint of
// the same step, or one of a run that was resumed from before it.
func (s store) swap(tmp, final string) error {
	old := filepath.Join(s.dir(), tmpPrefix+"old")
	if err := s.fs.RemoveAll(old); err != nil {
		return err
	}
	names, err := s.fs.Names(s.dir())
	if err != nil {
		return err
	}
	if slices.Contains(names, filepath.Base(final)) {
		if err := s.fs.Rename(final, old); err != nil {
			return err
		}
	}
	if err := s.fs.Rename(tmp, final); err != nil {
		return err
	}
	if err := s.fs.SyncDir(s.dir()); err != nil {
		return err
	}
	return s.fs.RemoveAll(old)
}

// point makes LAST or BEST name a checkpoint.
func (s store) point(pointer string, step int) error {
	err := replaceFile(s.fs, filepath.Join(s.dir(), pointer), []byte(stepName(step)+"\n"))
	if err != nil {
		return &StorageError{"write " + pointer, err}
	}
	return nil
}

// pointed is the step that a pointer names, or ok false if it is absent or damaged.
func (s store) pointed(pointer string) (step int, ok bool) {
	text, err := s.fs.ReadFile(filepath.Join(s.dir(), pointer))
	if err != nil {
		return 0, false
	}
	return stepOf(strings.TrimSuffix(string(text), "\n"))
}

// steps lists the checkpoints, the newest first, damaged ones too.
func (s store) steps() []int {
	names, err := s.fs.Names(s.dir())
	if err != nil {
		return nil
	}
	var steps []int
	for _, n := range names {
		if step, ok := stepOf(n); ok {
			steps = append(steps, step)
		}
	}
	slices.SortFunc(steps, func(a, b int) int { return b - a })
	return steps
}

// prune removes all but the last three checkpoints up to step, and best, and
// what broken writes left. What it cannot remove does no harm.
func (s store) prune(step, best int) {
	kept := 0
	for _, old := range s.steps() {
		if old > step || old == best && kept >= keepLast {
			continue
		}
		if kept++; kept > keepLast {
			_ = s.fs.RemoveAll(filepath.Join(s.dir(), stepName(old)))
		}
	}
	names, _ := s.fs.Names(s.dir())
	for _, n := range names {
		if strings.HasPrefix(n, tmpPrefix) {
			_ = s.fs.RemoveAll(filepath.Join(s.dir(), n))
		}
	}
}

// DamageError says that a checkpoint is not what its manifest vouches for.
type DamageError struct {
	File   string
	Reason string
}

func (e *DamageError) Error() string { return fmt.Sprintf("%s: %s", e.File, e.Reason) }

// read returns the files of a checkpoint, each held to the manifest's checksum.
func (s store) read(step int) (Manifest, map[string][]byte, error) {
	var m Manifest
	dir := filepath.Join(s.dir(), stepName(step))
	path := filepath.Join(dir, manifestFile)
	text, err := s.fs.ReadFile(path)
	if err != nil {
		return m, nil, &DamageError{path, err.Error()}
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, nil, &DamageError{path, err.Error()}
	}
	if m.Step != step || len(m.Files) == 0 {
		return m, nil, &DamageError{path, fmt.Sprintf("is not the manifest of step %d", step)}
	}
	files := map[string][]byte{}
	for name, want := range m.Files {
		if name != modelFile && name != stateFile {
			return m, nil, &DamageError{path, fmt.Sprintf("names a file %q that a checkpoint does not have", name)}
		}
		path := filepath.Join(dir, name)
		content, err := s.fs.ReadFile(path)
		if err != nil {
			return m, nil, &DamageError{path, err.Error()}
		}
		if err := want.holds(content); err != nil {
			return m, nil, &DamageError{path, err.Error()}
		}
		files[name] = content
	}
	return m, files, nil
}

// holds says how content differs from what the manifest says.
func (c Content) holds(content []byte) error {
	if int64(len(content)) != c.Bytes {
		return fmt.Errorf("has %d bytes, the manifest says %d", len(content), c.Bytes)
	}
	sum := sha256.Sum256(content)
	if hex.EncodeToString(sum[:]) != c.SHA256 {
		return errors.New("has another checksum than the manifest says")
	}
	return nil
}

// summer counts and hashes what is written to it.
type summer struct {
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	n int64
}

func (s *summer) Write(p []byte) (int, error) {
	s.n += int64(len(p))
	return s.hash.Write(p)
}

func (s *summer) content() Content {
	return Content{Bytes: s.n, SHA256: hex.EncodeToString(s.hash.Sum(nil))}
}

// NewestStep is the step of the newest checkpoint in a run's folder, 0 if there
// is none.
func NewestStep(run string) int {
	if steps := (store{Disk{}, run}).steps(); len(steps) > 0 {
		return steps[0]
	}
	return 0
}
