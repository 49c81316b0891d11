package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
)

// Predicted is one line of predictions.jsonl of a classifier: an example of the
// reported split, its class, and the probability of each class.
type Predicted struct {
	ID            string   `json:"id"`
	Label         string   `json:"label"`
	Probabilities []Figure `json:"probabilities"`
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
