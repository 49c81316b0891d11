package train

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
)

// noteMessage marks a note in a run's log.
const noteMessage = "note"

// ReadNotes is what was said of the data when the run in dir began, a line each;
// none if its log cannot be read. Lines that are torn are left out.
func ReadNotes(dir string) []string {
	f, err := os.Open(filepath.Join(dir, "log.jsonl"))
	if err != nil {
		return nil
	}
	defer f.Close()
	var notes []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var l struct {
			Msg  string `json:"msg"`
			Text string `json:"text"`
		}
		if json.Unmarshal(lines.Bytes(), &l) == nil && l.Msg == noteMessage {
			notes = append(notes, l.Text)
		}
	}
	return notes
}
