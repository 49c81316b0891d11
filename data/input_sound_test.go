package data

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ihae/ihae/media"
)

func TestSoundsBecomeInputs(t *testing.T) {
	in := Input{Kind: KindSound, Sound: SoundInput{Rate: 8, Samples: 3, Scale: 2}}
	if err := in.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sound     media.Sound
		want      string
		truncated bool
	}{
		{media.Sound{Rate: 8, Channels: 1, Samples: []float32{0.5, -0.5}}, "[1 -1 0]", false},
		{media.Sound{Rate: 8, Channels: 2, Samples: []float32{0, 1, 0.5, 0.5, 1, 0, 1, 1}}, "[1 1 1]", true},
	} {
		x, truncated, err := in.SoundTensor(c.sound)
		if err != nil || fmt.Sprint(x.Floats()) != c.want || truncated != c.truncated {
			t.Errorf("%v becomes %v, truncated %v, %v", c.sound, x.Floats(), truncated, err)
		}
	}
	if _, _, err := in.SoundTensor(media.Sound{Rate: 16, Channels: 1}); err == nil || !strings.Contains(err.Error(), "16 samples a second") {
		t.Errorf("another rate: %v", err)
	}
	for _, bad := range []SoundInput{{Rate: 0, Samples: 1}, {Rate: 1, Samples: 0}, {Rate: 1, Samples: 1 << 40}, {Rate: 1, Samples: 1, Scale: -1}} {
		if err := (Input{Kind: KindSound, Sound: bad}).Check(); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
