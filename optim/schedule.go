package optim

import (
	"math"

	"github.com/ihae/ihae/internal/registry"
)

// Schedule is the learning rate over a run, as a factor of the base rate.
type Schedule interface {
	// At is the factor for update step, from 0, of total. It is finite for
	// every step and total, also where step is not below total.
	At(step, total int) float64
}

// ScheduleEntry is what a schedule's file registers: its exported fields are
// its settings, their values here the defaults.
type ScheduleEntry struct {
	Name    string
	Doc     string
	Cite    string
	Default Schedule
}

var schedules = registry.New[ScheduleEntry]("schedule")

// RegisterSchedule makes a schedule known. Call it from init.
func RegisterSchedule(e ScheduleEntry) { schedules.Set(e.Name, e) }

// Schedules lists the registered schedules.
func Schedules() []string { return schedules.Names() }

// LookupSchedule finds a schedule by name; the error lists what there is.
func LookupSchedule(name string) (ScheduleEntry, error) { return schedules.Get(name) }

// NewSchedule is the schedule of that name with some settings changed; see
// [Settings] for the names. The error lists the settings there are.
func NewSchedule(name string, set map[string]any) (Schedule, error) {
	e, err := schedules.Get(name)
	if err != nil {
		return nil, err
	}
	return changed("schedule "+name, e.Default, set)
}

// progress is the share of the run that is over before update step, in [0, 1].
func progress(step, total int) float64 {
	if total <= 0 {
		return 0
	}
	return min(max(float64(step)/float64(total), 0), 1)
}

// cosine goes from a to b as x goes from 0 to 1, along half a wave.
func cosine(a, b, x float64) float64 { return b + (a-b)*(1+math.Cos(math.Pi*x))/2 }
