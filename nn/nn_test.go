package nn_test

import (
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/nn"
)

// TestLayers is the test that every layer gets for free.
func TestLayers(t *testing.T) { check.Each(t, nn.Layers(), nn.Lookup, check.Layer) }
