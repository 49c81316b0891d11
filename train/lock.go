package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// lockName is the file that the process which writes a run holds.
const lockName = "lock"

// Owner is who holds a run.
type Owner struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Start time.Time `json:"start"`
}

// LockedError says that another process is writing the run.
type LockedError struct {
	Run   string
	Owner Owner
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s: process %d on %s has been writing this run since %s; wait for it, stop it, or choose another folder with --out",
		e.Run, e.Owner.PID, e.Owner.Host, e.Owner.Start.Format(time.DateTime))
}

// errHeld is what the platform's lock returns when somebody else has it.
var errHeld = errors.New("the lock is held")

// errRemoved ends a training whose run is no longer its own.
var errRemoved = errors.New("the folder, or its lock, was removed while the run was training")

// lock is a run held by this process. The operating system lets go of it when
// the process ends, however it ends: a dead owner never has to be found dead.
type lock struct {
	f    *os.File
	path string
}

// acquire takes the run in dir, or says who has it.
func acquire(dir string, now time.Time) (*lock, error) {
	path := filepath.Join(dir, lockName)
	for range 10 {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, &StorageError{"lock the run " + dir, err}
		}
		switch err := lockFile(f); {
		case errors.Is(err, errHeld):
			owner := readOwner(f)
			_ = f.Close()
			return nil, &LockedError{dir, owner}
		case err != nil:
			_ = f.Close()
			return nil, &StorageError{"lock the run " + dir, err}
		}
		// The file may have been removed by its last owner between the two calls.
		if sameFile(f, path) {
			l := &lock{f, path}
			return l, l.sign(now)
		}
		_ = f.Close()
	}
	return nil, &StorageError{"lock the run " + dir, errors.New("the lock file keeps vanishing")}
}

func sameFile(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}

// sign writes who holds the lock, for those who are refused.
func (l *lock) sign(now time.Time) error {
	host, _ := os.Hostname()
	text, err := json.Marshal(Owner{os.Getpid(), host, now.UTC()})
	if err == nil {
		err = l.f.Truncate(0)
	}
	if err == nil {
		_, err = l.f.WriteAt(append(text, '\n'), 0)
	}
	if err != nil {
		l.release()
		return &StorageError{"sign the lock of the run", err}
	}
	return nil
}

// held says whether the run's folder still has this process's lock: it has not
// if somebody removed the folder or put another in its place.
func (l *lock) held() bool { return sameFile(l.f, l.path) }

func (l *lock) release() {
	if l.held() {
		_ = os.Remove(l.path)
	}
	_ = l.f.Close()
}

func readOwner(f *os.File) Owner {
	var o Owner
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 4096))
	if err == nil {
		_ = json.Unmarshal(text, &o)
	}
	return o
}

// Writer is the process that is writing the run in dir now, or ok false.
func Writer(dir string) (o Owner, ok bool) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if err != nil {
		return Owner{}, false
	}
	defer func() { _ = f.Close() }()
	if errors.Is(lockFile(f), errHeld) {
		return readOwner(f), true
	}
	return Owner{}, false
}
