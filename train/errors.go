package train

import (
	"fmt"
	"strings"
)

// DivergedError says that a training met a number that is none. The newest
// checkpoint is from before.
type DivergedError struct {
	Run  string
	Step int    // the step that met it
	What string // "the loss", "a parameter"
	Last int    // the step of the newest checkpoint, 0 if there is none
}

func (e *DivergedError) Error() string {
	kept := "there is no checkpoint yet"
	if e.Last > 0 {
		kept = fmt.Sprintf("the checkpoint of step %d is kept", e.Last)
	}
	return fmt.Sprintf("%s: %s is not finite at step %d; %s; try a smaller --set lr", e.Run, e.What, e.Step, kept)
}

// InterruptedError says that a training stopped because its context ended. All
// that was done is saved.
type InterruptedError struct {
	Run         string
	Step, Steps int
	Cause       error
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("stopped after step %d of %d and saved; go on with: ihae train --resume %s", e.Step, e.Steps, e.Run)
}

// Unwrap gives the context's cause.
func (e *InterruptedError) Unwrap() error { return e.Cause }

// ConfigError says that a setting, or another choice, is not possible.
type ConfigError struct {
	Key    string
	Reason string
}

func (e *ConfigError) Error() string { return e.Key + ": " + e.Reason }

// DataError says that data given from outside is refused.
type DataError struct {
	Path string // where it was looked for, may be empty
	Err  error
}

func (e *DataError) Error() string {
	if e.Path == "" || strings.Contains(e.Err.Error(), e.Path) {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap gives the reason.
func (e *DataError) Unwrap() error { return e.Err }
