package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/zoo"
)

// Predicted is one line of predictions.jsonl: an example of the reported split
// and the best network's answer. For classes it has the true class and the
// probability of each; for values the true and the predicted one.
type Predicted struct {
	ID            string   `json:"id"`
	Label         string   `json:"label,omitempty"`
	Probabilities []Figure `json:"probabilities,omitempty"`
	Target        *Figure  `json:"target,omitempty"`
	Value         *Figure  `json:"value,omitempty"`
}

// ReadPredicted reads the answers of a finished run's best network.
func ReadPredicted(dir string) ([]Predicted, error) {
	path := filepath.Join(dir, predictionsFile)
	text, err := Disk{}.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []Predicted
	n := 0
	for line := range bytes.Lines(text) {
		n++
		var p Predicted
		if err := json.Unmarshal(line, &p); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, n, err)
		}
		list = append(list, p)
	}
	return list, nil
}

// writePredictions writes predictions.jsonl, which texts have none of: their
// answers are as many as there are tokens.
func writePredictions(files Files, run string, e Evaluation, m zoo.Model) error {
	if m.Output.Is(data.OutputNext) {
		return nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for i, id := range e.IDs {
		line := Predicted{ID: id}
		if m.Output.Is(data.OutputValue) {
			target, value := Figure(e.Values.Target[i]), Figure(e.Values.Answer[i])
			line.Target, line.Value = &target, &value
		} else {
			line.Label = m.Labels[e.Predictions.Label[i]]
			for _, p := range e.Predictions.Row(i) {
				line.Probabilities = append(line.Probabilities, Figure(p))
			}
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	if err := replaceFile(files, filepath.Join(run, predictionsFile), text.Bytes()); err != nil {
		return &StorageError{"write " + predictionsFile, err}
	}
	return nil
}
