package task

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/train"
)

// Setup is a task about to run on some data: what [Spec.Adapt] sees and may
// change. All that a network is fed, is asked for and is judged by must follow
// from it: a run that goes on is set up again, with the settings that it
// recorded as asked for, and must come to the same.
type Setup struct {
	Spec                        // a copy; all but Name and Data may change
	Dataset  data.Dataset       // the data as opened; may become one with labels
	Seed     uint64             // of the run
	Notes    []string           // what a person should know before the training, a line each
	Baseline train.BaselineFunc // a simpler model to compare with
	Files    map[string][]byte  // to be kept in the run's folder beside model.toml, which names them
	asked    map[string]string  // by --set, or all values of a run that goes on
	header   *train.Header
	cut      bool

	pretrained *Pretrained // for the task finetune
}

// setup opens the data of the run that h describes and adapts the task to it.
// set is the assignments asked for.
func (s Spec) setup(ctx context.Context, h *train.Header, set []string, o Options) (*Setup, error) {
	u := &Setup{Spec: s, Seed: h.Seed, asked: map[string]string{}, header: h, pretrained: o.Pretrained}
	u.Net = maps.Clone(s.Net)
	for _, a := range set {
		key, text, _ := strings.Cut(a, "=")
		u.asked[key] = text
	}
	if err := s.possible(set); err != nil {
		return nil, err
	}
	path := o.Data
	if path == "" {
		path = h.Path
	}
	var err error
	if u.Dataset, err = data.OpenWith(ctx, s.Data, path, h.BadFiles, o.Roots...); err != nil {
		return nil, &train.DataError{Path: path, Err: err}
	}
	if s.Adapt != nil {
		if err := s.Adapt(u); err != nil {
			return nil, err
		}
	}
	return u, u.Cut()
}

// possible refuses assignments that the task takes with no data: all unknown
// keys, or where data decides on the architecture, bad values of known ones.
func (s Spec) possible(set []string) error {
	settings := s.Settings()
	if s.Adapt != nil {
		set = slices.DeleteFunc(slices.Clone(set), func(a string) bool {
			key, _, ok := strings.Cut(a, "=")
			return ok && !slices.ContainsFunc(settings, func(s Setting) bool { return s.Key == key })
		})
	}
	_, _, err := Parse(settings, set)
	return err
}

// Asked is the value that was asked for a setting, as --set takes it, and whether
// there was one.
func (u *Setup) Asked(key string) (string, bool) {
	text, ok := u.asked[key]
	return text, ok
}

// Values is the value of every setting that the task has as it stands.
func (u *Setup) Values() (Values, error) {
	settings := u.Settings()
	var set []string
	for _, s := range settings {
		if text, ok := u.asked[s.Key]; ok {
			set = append(set, s.Key+"="+text)
		}
	}
	values, _, err := Parse(settings, set)
	return values, err
}

// Note adds a line for people.
func (u *Setup) Note(text string) { u.Notes = append(u.Notes, text) }

// Keep adds a file to the run's folder.
func (u *Setup) Keep(name string, text []byte) {
	if u.Files == nil {
		u.Files = map[string][]byte{}
	}
	u.Files[name] = text
}

// Cut gives the data the test and valid splits that it has not, as the settings
// test and valid ask, so that what is learned from the data before the training
// (means, vocabularies) is learned from the training split alone. It is called
// once, by Adapt or after it.
func (u *Setup) Cut() error {
	if u.cut {
		return nil
	}
	u.cut = true
	if u.header.Settings == nil { // a new run
		values, err := u.Values()
		if err != nil {
			return err
		}
		ds := u.Dataset
		u.header.Valid, u.header.Test = values.Float("valid"), values.Float("test")
		small := ds.Len(data.Test) > 0 && ds.Len(data.Train) < u.Recipe.ValidFrom
		if _, asked := u.Asked("valid"); small && !asked {
			u.header.Valid = 0
		}
	}
	var err error
	u.Dataset, err = u.header.Cut(u.Dataset)
	return err
}

// absolute is a path by which a run can be resumed from another folder.
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", &train.DataError{Path: path, Err: err}
	}
	return full, nil
}
