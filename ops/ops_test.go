package ops_test

import (
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/graph"
	_ "github.com/ihae/ihae/ops"
)

// TestOps is the test that every operation gets for free.
func TestOps(t *testing.T) { check.Each(t, graph.Ops(), graph.Lookup, check.Op) }
