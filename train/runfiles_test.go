package train

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzRunFiles gives random bytes to the readers of each file that a run's
// folder has besides its tensors. None panics, and what a page shows of them is
// there or an error.
func FuzzRunFiles(f *testing.F) {
	f.Add([]byte("format = 1\ntask = 'faces'\ndataset = 'faces'\nseed = 1\n[settings]\nlr = 1e-3\n[origin]\nlr = 'recipe'\n"))
	f.Add([]byte(`{"step":4,"split":"train","loss":null,"accuracy":1,"lr":0.1,"seconds":1}` + "\n{\"step\":"))
	f.Add([]byte(`{"run":"x","task":"faces","split":"test","count":2,"metrics":{"loss":null},"per_class":{"a":{"count":1}}}`))
	f.Add([]byte(`{"step":1,"text":"\ud800"}` + "\n" + `{"step":0,"text":""}`))
	f.Add([]byte(`{"msg":"note","text":"a"}` + "\n" + `{"id":"a","probabilities":[1e999]}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{configFile, envFile, resultFile, costFile, metricsFile, samplesFile, predictionsFile, logFile, modelTOML} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if h, err := ReadHeader(dir); err == nil && h.Task == "" {
			t.Errorf("a run of no task from %q", text)
		}
		_, _ = ReadEnv(dir)
		_, _ = ReadResult(dir)
		_, _ = ReadCost(dir)
		_, _ = ReadPredicted(dir)
		_ = ReadNotes(dir)
		if _, err := ReadSamples(dir); err != nil {
			t.Error(err)
		}
		if r, err := OpenRun(dir); err == nil {
			_, _, _ = r.Best(func(string) {})
		}
	})
}
