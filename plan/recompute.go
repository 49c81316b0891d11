package plan

func (p *planner) recompute() {}
