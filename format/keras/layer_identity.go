package keras

// The layers that only act in training: afterwards they give what they are given,
// those for images as floating-point numbers.
func init() {
	for _, class := range []string{
		"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout",
		"GaussianDropout", "GaussianNoise", "ActivityRegularization", "Identity",
	} {
		register(class, func(c *call) value { return c.one() })
	}
	for _, class := range []string{"RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness"} {
		register(class, func(c *call) value { return c.asFloat(c.one()) })
	}
}
