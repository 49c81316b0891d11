package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

const metricsFile = "metrics.jsonl"

// Record is one line of metrics.jsonl: figures of the training batches since
// the record before it, or of the whole validation split after an epoch.
type Record struct {
	Step     int     `json:"step"`
	Epoch    float64 `json:"epoch"` // how many passes over the training split are done
	Split    string  `json:"split"`
	Loss     Figure  `json:"loss"`     // nats
	Accuracy Figure  `json:"accuracy"` // from 0 to 1
	LR       Figure  `json:"lr"`
	Seconds  float64 `json:"seconds"` // of training until here, over all sessions
	Rate     Figure  `json:"images_per_second"`
}

// recorder appends records. Losing records does not stop a training: the first
// failure is told once, and later ones are not.
type recorder struct {
	fs   Files
	path string
	f    File
	warn func(string)
	lost bool
	n    int // records since the start of the run, lost ones too
}

// openRecorder continues the file after its first n records up to step: what
// was recorded after the checkpoint will be recorded again.
func openRecorder(files Files, run string, n, step int, warn func(string)) *recorder {
	r := &recorder{fs: files, path: filepath.Join(run, metricsFile), warn: warn, n: n}
	old, err := files.ReadFile(r.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.fail(err)
		return r
	}
	kept := firstRecords(old, n, step)
	if len(kept) != len(old) {
		if err := replaceFile(files, r.path, kept); err != nil {
			r.fail(err)
			return r
		}
	}
	if r.f, err = files.Append(r.path); err != nil {
		r.fail(err)
	}
	return r
}

// firstRecords is the text of the first n whole records that lie at step or
// before; a torn line ends it.
func firstRecords(text []byte, n, step int) []byte {
	end := 0
	for range n {
		i := bytes.IndexByte(text[end:], '\n')
		var r Record
		if i < 0 || json.Unmarshal(text[end:end+i], &r) != nil || r.Step > step {
			break
		}
		end += i + 1
	}
	return text[:end]
}

func (r *recorder) add(rec Record) {
	r.n++
	if r.f == nil {
		return
	}
	line, err := json.Marshal(rec)
	if err == nil {
		_, err = r.f.Write(append(line, '\n'))
	}
	if err != nil {
		r.fail(err)
	}
}

// sync is called before a checkpoint says that the records are there.
func (r *recorder) sync() {
	if r.f != nil {
		if err := r.f.Sync(); err != nil {
			r.fail(err)
		}
	}
}

func (r *recorder) fail(err error) {
	if !r.lost {
		r.warn(fmt.Sprintf("cannot write %s: %v; training goes on without", r.path, err))
	}
	r.lost = true
	r.close()
}

func (r *recorder) close() {
	if r.f != nil {
		_ = r.f.Close()
		r.f = nil
	}
}

// Records reads the metrics of a run; a torn last line, as a running or killed
// writer leaves it, is left out.
func Records(run string) ([]Record, error) {
	text, err := Disk{}.ReadFile(filepath.Join(run, metricsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the metrics of the run: %w", err)
	}
	var records []Record
	for line := range bytes.Lines(text) {
		var r Record
		if json.Unmarshal(line, &r) == nil {
			records = append(records, r)
		}
	}
	return records, nil
}
