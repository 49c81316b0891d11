package keras

// Layers that are known and not read, with the reason.
func init() {
	for class, reason := range map[string]string{
		"Lambda":  "its code is not executed",
		"Masking": "masks are not read",
	} {
		registerRule(class, rule{
			apply:  func(c *call) []value { c.fail("%s", reason); return nil },
			refuse: func(*layer) string { return reason },
		})
	}
}
