package task

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/train"
	"pgregory.net/rapid"
)

func faces(t *testing.T) Spec {
	t.Helper()
	s, err := Lookup("faces")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBadSettingsAreRefused asks for the key, and for what to do instead.
func TestBadSettingsAreRefused(t *testing.T) {
	for assignment, want := range map[string]string{
		"epoch=3":             "did you mean epochs?",
		"lrr=0.1":             "did you mean lr?",
		"augment.flop=true":   "did you mean augment.flip?",
		"zzzzzzzzzz=1":        "there is accumulate, augment.brightness, ",
		"lr=-1":               "want a number from",
		"lr=NaN":              "want a number from",
		"lr=Inf":              "want a number from",
		`lr="1e-3"`:           "want a number from",
		"batch=0":             "want a whole number from 1",
		"batch=1.5":           "want a whole number from 1",
		"epochs=1e9":          "want a whole number from 1",
		"epochs=1000000000":   "want a whole number from 1",
		"optimizer=adan":      "want one of adagrad, adam",
		"augment.flip=maybe":  "want true or false",
		"widths=16,x":         "want whole numbers",
		"lr":                  "want key=value",
		"momentum=2":          "want a number from 0",
		"checkpoint.every=-1": "want a whole number from 0",
	} {
		_, _, err := Parse(faces(t).Settings(), []string{assignment})
		var config *train.ConfigError
		if !errors.As(err, &config) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q in it", assignment, err, want)
		}
	}
}

// TestRecordedSettingsComeBack writes values as config.toml has them.
func TestRecordedSettingsComeBack(t *testing.T) {
	values, origin, err := Parse(faces(t).Settings(), []string{"lr=1e-07", "widths=4,8", "epochs=3", "augment.flip=false"})
	if err != nil {
		t.Fatal(err)
	}
	if origin["lr"] != FromFlag || origin["batch"] != FromDefault {
		t.Errorf("origins %v", origin)
	}
	recorded := map[string]any(values)
	recorded["epochs"], recorded["widths"] = int64(3), []any{int64(4), int64(8)} // as TOML gives them
	back, err := Restore(faces(t).Settings(), recorded)
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := Parse(faces(t).Settings(), []string{"lr=1e-07", "widths=4,8", "epochs=3", "augment.flip=false"})
	if !reflect.DeepEqual(back, want) {
		t.Errorf("%v came back as %v", want, back)
	}
}

// TestValuesBecomeAConfig looks at the parts that settings are spread over.
func TestValuesBecomeAConfig(t *testing.T) {
	values, _, err := Parse(faces(t).Settings(), []string{
		"optimizer=sgd", "momentum=0.9", "decay=0.01", "schedule=cosine", "warmup=0.1", "epochs=10", "batch=10", "augment.cutout=3",
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := values.config(data.Output{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if want := (optim.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 0.01}); c.Optimizer != want {
		t.Errorf("optimizer %+v", c.Optimizer)
	}
	if want := (optim.Warmup{Steps: 10, Then: optim.Cosine{}}); c.Schedule != want {
		t.Errorf("schedule %+v", c.Schedule)
	}
	if last := c.Augment[len(c.Augment)-1]; last != (data.Cutout{Size: 3}) {
		t.Errorf("augmentations %v", c.Augment)
	}
}

// TestNearestFindsTypingMistakes changes a letter of a name, and never suggests
// for a word that has none of its letters.
func TestNearestFindsTypingMistakes(t *testing.T) {
	names := Names()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		i := rapid.IntRange(0, len(name)-1).Draw(t, "place")
		if got := Nearest(name[:i]+name[i+1:], names); got != name {
			t.Errorf("%s without letter %d: %q", name, i, got)
		}
		if got := Nearest("0000000000", names); got != "" {
			t.Errorf("suggests %q", got)
		}
	})
}

func ExampleNearest() {
	fmt.Println(Nearest("objcts", Names()), distance("kitten", "sitting"))
	// Output: objects 3
}
