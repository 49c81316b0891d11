package train_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// TestClassesNeedLogits: a description may name a network that gives something
// else than logits of classes, which is an error and no answer.
func TestClassesNeedLogits(t *testing.T) {
	m := zoo.Model{
		Task: "places", Labels: []string{"cell", "border"},
		Architecture: zoo.Architecture{Name: "u-net", Settings: zoo.Settings{"width": 2, "levels": 1}},
		Input:        data.Input{Name: "image", Kind: "image", Width: 20, Height: 20, Channels: 1, Mean: []float64{0}, Deviation: []float64{1}},
	}
	net, err := m.Net(rng.None())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := train.AnswerFunc(net, m, 3); err == nil || !strings.Contains(err.Error(), "want [N K] for classes") {
		t.Errorf("error %v", err)
	}
}
