package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/pelletier/go-toml/v2"
)

// The files of a run's folder besides the checkpoints.
const (
	configFile      = "config.toml"
	envFile         = "env.json"
	logFile         = "log.jsonl"
	modelTOML       = "model.toml"
	resultFile      = "result.json"
	costFile        = "cost.json"
	predictionsFile = "predictions.jsonl"
)

// Header is config.toml: all that was chosen for a run, and who chose it. With
// the task's code it is enough to make the run again.
type Header struct {
	Task     string            `toml:"task"`
	Dataset  string            `toml:"dataset"`
	Path     string            `toml:"data"` // given with --data, or empty
	Seed     uint64            `toml:"seed"`
	BadFiles data.OnBadFile    `toml:"on_bad_file,omitempty"`
	Valid    float64           `toml:"valid"`          // share cut from train where the set has no valid split
	From     string            `toml:"from,omitempty"` // the run whose weights it starts from
	FromStep int               `toml:"from_step,omitempty"`
	Test     float64           `toml:"test,omitempty"` // share of all cut off for test where the set has no test split
	Settings map[string]any    `toml:"settings"`
	Origin   map[string]string `toml:"origin"` // of each setting: default or flag
}

// Env is env.json: where a run was made. Nothing in it changes the result.
type Env struct {
	Version string    `json:"version"`
	Commit  string    `json:"commit"`
	Go      string    `json:"go"`
	OS      string    `json:"os"`
	Arch    string    `json:"arch"`
	CPU     string    `json:"cpu"`
	Cores   int       `json:"cores"`
	Threads int       `json:"threads"`
	Host    string    `json:"host"`
	Start   time.Time `json:"start"`
	Seed    uint64    `json:"seed"`
	Data    string    `json:"data_sha256"` // see Fingerprint
}

// RunError says that a folder is not a run, or not one that can be used.
type RunError struct {
	Dir    string
	Reason string
}

func (e *RunError) Error() string { return fmt.Sprintf("%s: %s", e.Dir, e.Reason) }

// latestLink names the newest run beside it, where the system has links.
const latestLink = "latest"

// NewFolder makes the folder parent/name-N, where N is higher than that of any
// run there, and makes parent/latest name it.
func NewFolder(parent, name string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", &StorageError{"make the folder " + parent, err}
	}
	for n := highest(parent, name) + 1; ; n++ {
		dir := filepath.Join(parent, fmt.Sprintf("%s-%d", name, n))
		switch err := os.Mkdir(dir, 0o755); {
		case err == nil:
			pointLatest(parent, filepath.Base(dir))
			return dir, nil
		case !errors.Is(err, fs.ErrExist):
			return "", &StorageError{"make the folder " + dir, err}
		}
	}
}

// highest is the largest N of parent/name-N, or of what latest names although it
// is gone; 0 if there is none.
func highest(parent, name string) int {
	names, _ := Disk{}.Names(parent)
	if gone, err := os.Readlink(filepath.Join(parent, latestLink)); err == nil {
		names = append(names, gone)
	}
	most := 0
	for _, s := range names {
		if digits, ok := strings.CutPrefix(s, name+"-"); ok {
			if n, err := strconv.Atoi(digits); err == nil {
				most = max(most, n)
			}
		}
	}
	return most
}

// pointLatest is a convenience for people: a run does not fail for it.
func pointLatest(parent, name string) {
	tmp := filepath.Join(parent, tmpPrefix+latestLink)
	_ = os.Remove(tmp)
	if os.Symlink(name, tmp) == nil && os.Rename(tmp, filepath.Join(parent, latestLink)) != nil {
		_ = os.Remove(tmp)
	}
}

// UseFolder makes dir, or takes it if it is empty.
func UseFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return &RunError{dir, "is a file; give --out a folder"}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return &StorageError{"make the folder " + dir, err}
	}
	names, err := Disk{}.Names(dir)
	if err != nil {
		return &StorageError{"read the folder " + dir, err}
	}
	for _, name := range names {
		if name == lockName || name == logFile || name == tmpPrefix+configFile {
			continue // what a run leaves that was killed before it began
		}
		return &RunError{dir, "the folder is not empty; give --out a new one, or go on with --resume"}
	}
	return nil
}

// writeHeader writes config.toml. From then on the folder is a run that can be
// resumed.
func writeHeader(files Files, dir string, h Header) error {
	text, err := toml.Marshal(h)
	if err != nil {
		return fmt.Errorf("%s: %w", configFile, err)
	}
	if err := replaceFile(files, filepath.Join(dir, configFile), text); err != nil {
		return &StorageError{"write " + configFile, err}
	}
	return nil
}

// ReadHeader reads the config.toml of a run.
func ReadHeader(dir string) (Header, error) {
	var h Header
	text, err := os.ReadFile(filepath.Join(dir, configFile))
	if errors.Is(err, fs.ErrNotExist) {
		return h, &RunError{dir, "is not a run's folder (it has no config.toml); `ihae runs` lists the runs"}
	}
	if err != nil {
		return h, fmt.Errorf("read the settings of the run: %w", err)
	}
	if err := toml.Unmarshal(text, &h); err != nil {
		return h, &RunError{dir, "config.toml is damaged: " + err.Error()}
	}
	if h.Task == "" {
		return h, &RunError{dir, "config.toml is damaged: it names no task"}
	}
	return h, nil
}

// ReadEnv reads the env.json of a run.
func ReadEnv(dir string) (Env, error) {
	var e Env
	err := readJSON(filepath.Join(dir, envFile), &e)
	return e, err
}

func readJSON(path string, to any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// writeJSON replaces a file by v in JSON.
func writeJSON(files Files, path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := replaceFile(files, path, append(text, '\n')); err != nil {
		return &StorageError{"write " + path, err}
	}
	return nil
}

// Version is the version and the commit that this program was built from.
func Version() (version, commit string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			commit = s.Value
		}
	}
	return info.Main.Version, commit
}

// environment describes this process and machine.
func environment(cpu string, threads int, seed uint64, now time.Time) Env {
	version, commit := Version()
	host, _ := os.Hostname()
	return Env{
		Version: version, Commit: commit, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPU: cpu, Cores: runtime.NumCPU(), Threads: threads, Host: host, Start: now.UTC(), Seed: seed,
	}
}
