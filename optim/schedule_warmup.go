package optim

// Warmup rises in equal steps over the first Steps updates, the last of which
// has the factor 1, as in Goyal et al., "Accurate, Large Minibatch SGD", 2017,
// section 2.2; what follows is Then over the rest of the run.
type Warmup struct {
	Steps int      // 0
	Then  Schedule // Cosine
}

// At implements Schedule.
func (s Warmup) At(step, total int) float64 {
	if step < s.Steps {
		return float64(max(step, 0)+1) / float64(s.Steps)
	}
	if s.Then == nil {
		return Cosine{}.At(step-s.Steps, total-s.Steps)
	}
	return s.Then.At(step-s.Steps, total-s.Steps)
}

// Watch implements Adaptive, as far as Then does.
func (s Warmup) Watch(before Watched, loss float64) Watched {
	if a, ok := s.Then.(Adaptive); ok {
		return a.Watch(before, loss)
	}
	return before
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "warmup", Doc: "up to the base rate over some steps, then another schedule",
		Cite: "Goyal et al., 2017", Default: Warmup{Steps: 100, Then: Cosine{}},
	})
}
