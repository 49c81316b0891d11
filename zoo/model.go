package zoo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
)

// Model is what a run's model.toml holds: all that is needed to build the
// network that the run's weights belong to, to feed it and to read its answer.
type Model struct {
	Task         string       `toml:"task"`
	Architecture Architecture `toml:"architecture"`
	Labels       []string     `toml:"labels,omitempty"` // the class of each output
	Input        data.Input   `toml:"input"`
	Output       data.Output  `toml:"output,omitempty"` // classes, where it says nothing
}

// Architecture is an entry of this package with some settings changed.
type Architecture struct {
	Name     string   `toml:"name"`
	Settings Settings `toml:"settings,omitempty"`

	// Open reads a file that lies beside model.toml; an architecture whose network
	// is in such a file needs it.
	Open func(name string) ([]byte, error) `toml:"-"`
}

// maxModelFile bounds what a model.toml may make us allocate.
const maxModelFile = 16 << 20

// ReadModel reads and checks the model.toml at path. A key that Model does not
// have is an error: the file was made for something else.
func ReadModel(path string) (Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return Model{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxModelFile+1))
	if err != nil {
		return Model{}, err
	}
	m, err := ParseModel(text)
	if err != nil {
		return Model{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// ParseModel is ReadModel from memory.
func ParseModel(text []byte) (Model, error) {
	if len(text) > maxModelFile {
		return Model{}, fmt.Errorf("more than %d bytes are no model description", maxModelFile)
	}
	var m Model
	d := toml.NewDecoder(bytes.NewReader(text))
	if err := d.DisallowUnknownFields().Decode(&m); err != nil {
		return Model{}, decodeError(err)
	}
	return m, m.Check()
}

// decodeError says where in the text the mistake is.
func decodeError(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		e := strict.Errors[0]
		line, _ := e.Position()
		return fmt.Errorf("line %d: unknown key %q", line, strings.Join(e.Key(), "."))
	}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, column := at.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}

// Check says what in m is missing or unknown.
func (m Model) Check() error {
	e, err := Lookup(m.Architecture.Name)
	if err != nil {
		return err
	}
	if _, err := e.Settings.With(m.Architecture.Settings); err != nil {
		return fmt.Errorf("architecture %s: %w", e.Name, err)
	}
	if err := m.checkLabels(); err != nil {
		return err
	}
	if err := m.Output.Check(); err != nil {
		return err
	}
	if m.Output.Is(data.OutputNext) && !m.Input.Is(data.KindText) {
		return errors.New("the output is the next token, the input no text")
	}
	return m.Input.Check()
}

// checkLabels asks for a label for each class, and none without classes.
func (m Model) checkLabels() error {
	switch classes := m.Output.Is(data.OutputClass); {
	case classes && len(m.Labels) == 0:
		return errors.New("there are no labels")
	case !classes && len(m.Labels) > 0:
		return fmt.Errorf("there are labels, the output is a %s", m.Output.Kind)
	}
	seen := map[string]bool{}
	for _, l := range m.Labels {
		if l == "" || seen[l] {
			return fmt.Errorf("label %q is empty or there twice", l)
		}
		seen[l] = true
	}
	return nil
}

// In is what the network is fed.
func (m Model) In() In { return In{Type: m.Input.Type(), Vocab: m.Input.Vocab()} }

// Out is how many outputs the network has: one for each class, one for a value,
// one for each token that may be next.
func (m Model) Out() int {
	switch {
	case m.Output.Is(data.OutputValue):
		return 1
	case m.Output.Is(data.OutputNext):
		return m.Input.Text.Vocab
	}
	return len(m.Labels)
}

// Write writes m to path, as ReadModel reads it, with all settings, so that a
// later change of a default changes no run.
func (m Model) Write(path string) error {
	text, err := m.Text()
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// Text is what Write writes.
func (m Model) Text() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	e, err := Lookup(m.Architecture.Name)
	if err != nil {
		return nil, err
	}
	if m.Architecture.Settings, err = e.Settings.With(m.Architecture.Settings); err != nil {
		return nil, err
	}
	return toml.Marshal(m)
}

// Unit is what the examples are, for people, in the plural.
func (m Model) Unit() string {
	switch m.Input.Kind {
	case data.KindTable:
		return "rows"
	case data.KindText:
		return "texts"
	case data.KindSound:
		return "sounds"
	}
	return "images"
}

// Net builds the network with fresh weights.
func (m Model) Net(r rng.Stream) (nn.Layer, error) {
	if e, err := Lookup(m.Architecture.Name); err == nil && e.FromFile != nil {
		return m.fromFile(e)
	}
	return New(m.Architecture.Name, r, m.In(), m.Out(), m.Architecture.Settings)
}

// fromFile reads the network of an architecture that is a file.
func (m Model) fromFile(e Entry) (nn.Layer, error) {
	s, err := e.Settings.With(m.Architecture.Settings)
	if err != nil {
		return nil, fmt.Errorf("architecture %s: %w", e.Name, err)
	}
	if m.Architecture.Open == nil {
		return nil, fmt.Errorf("architecture %s needs the file %s", e.Name, s.Text("file"))
	}
	file, err := m.Architecture.Open(s.Text("file"))
	if err != nil {
		return nil, err
	}
	net, err := e.FromFile(file, m.In(), m.Out())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Text("file"), err)
	}
	return net, nil
}
