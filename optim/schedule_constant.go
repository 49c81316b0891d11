package optim

// Constant is the base learning rate throughout.
type Constant struct{}

// At implements Schedule.
func (Constant) At(_, _ int) float64 { return 1 }

func init() {
	RegisterSchedule(ScheduleEntry{Name: "constant", Doc: "the base rate throughout", Default: Constant{}})
}
