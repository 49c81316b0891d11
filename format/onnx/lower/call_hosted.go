package lower

// hosted is the one result of f of the operands at the places in, computed
// outside of programs for a decision about the program. Like [Call.Content] it
// comes before nodes: where the operands are not facts of the model the segment
// ends. what says what is decided.
func (c *Call) hosted(f HostFunc, what string, in ...int) Host {
	operands := make([]*value, len(in))
	for i, at := range in {
		operands[i] = c.value(at)
	}
	out, err := c.l.hostCall(c, f, operands)
	c.check(err)
	return c.l.demand(c, out[0], what)
}
