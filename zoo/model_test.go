package zoo_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/zoo"
)

var faces = zoo.Model{
	Task:         "faces",
	Architecture: zoo.Architecture{Name: "faces-cnn", Settings: zoo.Settings{"dropout": 0.5, "widths": []int{8, 16}}},
	Labels:       []string{"face", "other"},
	Input:        data.Input{Name: "image", Kind: "image", Width: 25, Height: 24, Channels: 1, Mean: []float64{0.4}, Deviation: []float64{0.2}},
}

// TestModelComesBack writes and reads a description, with all settings, and
// builds the same network from both.
func TestModelComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.toml")
	if err := faces.Write(path); err != nil {
		t.Fatal(err)
	}
	m, err := zoo.ReadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m.Input, faces.Input) || !reflect.DeepEqual(m.Labels, faces.Labels) || m.Task != faces.Task {
		t.Errorf("got %+v", m)
	}
	if len(m.Architecture.Settings) != 4 {
		t.Errorf("settings %v, want all four", m.Architecture.Settings)
	}
	a, err1 := faces.Net(rng.New(1))
	b, err2 := m.Net(rng.New(1))
	if err1 != nil || err2 != nil || len(nn.Params(a)) == 0 || !reflect.DeepEqual(nn.Params(a), nn.Params(b)) {
		t.Error("the networks differ", err1, err2)
	}
	again := filepath.Join(t.TempDir(), "again.toml")
	if err := m.Write(again); err != nil {
		t.Fatal(err)
	}
	x, err1 := os.ReadFile(path)
	y, err2 := os.ReadFile(again)
	if err1 != nil || err2 != nil || string(x) != string(y) {
		t.Errorf("written twice it differs:\n%s\n%s", x, y)
	}
}

// TestModelRefuses asks for the place and the name of what is wrong.
func TestModelRefuses(t *testing.T) {
	text, err := faces.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, now, want string }{
		{"an unknown key", "task = ", "colour = 1\ntask = ", `line 1: unknown key "colour"`},
		{"an unknown key of a table", "[input]\n", "[input]\nhue = 1\n", `unknown key "input.hue"`},
		{"an unknown architecture", "faces-cnn", "faces-rnn", `"faces-rnn"; there is [`},
		{"an unknown setting", "dropout", "drop", `no setting "drop"; there is [collect dropout first widths]`},
		{"a setting of another kind", "dropout = 0.5", "dropout = 'much'", "want a number"},
		{"a label twice", "'other'", "'face'", "there twice"},
		{"no image", "width = 25", "width = 0", "sides are 1 to 10000"},
		{"no TOML", "task = ", "task ", "line 1, column"},
	} {
		broken := strings.Replace(string(text), c.old, c.now, 1)
		if broken == string(text) {
			t.Errorf("%s: %q is not in\n%s", c.name, c.old, text)
		}
		if _, err := zoo.ParseModel([]byte(broken)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q in it", c.name, err, c.want)
		}
	}
}

// TestSizesFromFilesAreBounded asks for an error, before memory, where a
// description wants a network of absurd size.
func TestSizesFromFilesAreBounded(t *testing.T) {
	for _, a := range []zoo.Architecture{
		{Name: "mlp", Settings: zoo.Settings{"hidden": []any{int64(8192), int64(-1)}}},
		{Name: "mlp", Settings: zoo.Settings{"hidden": "8192"}},
		{Name: "mlp", Settings: zoo.Settings{"activation": "step"}},
		{Name: "faces-cnn", Settings: zoo.Settings{"widths": "1000000"}},
		{Name: "faces-cnn", Settings: zoo.Settings{"collect": "most"}},
		{Name: "digits-cnn", Settings: zoo.Settings{"hidden": 8192}},
		{Name: "resnet", Settings: zoo.Settings{"depth": int64(1) << 40}},
		{Name: "resnet", Settings: zoo.Settings{"width": -16}},
		{Name: "resnet", Settings: zoo.Settings{"shortcut": "none"}},
		{Name: "digits-cnn", Settings: zoo.Settings{"dropout": 1.0}},
	} {
		m := faces
		m.Architecture, m.Input.Width, m.Input.Height, m.Input.Channels = a, 9_999, 9_999, 3
		if _, err := m.Net(rng.New(1)); err == nil {
			t.Errorf("%v is built for 9999 by 9999", a)
		}
	}
}

// FuzzParseModel asks that no text makes the reader or the builder panic.
func FuzzParseModel(f *testing.F) {
	text, err := faces.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("labels = ['a']\n[architecture]\nname = 'mlp'\n[architecture.settings]\nhidden = [1, 'x']\n[input]\nwidth=1\nheight=1\nchannels=1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := zoo.ParseModel(text)
		if err != nil {
			return
		}
		if again, err := m.Text(); err != nil {
			t.Fatal(err)
		} else if _, err := zoo.ParseModel(again); err != nil {
			t.Fatalf("%v in\n%s", err, again)
		}
	})
}
