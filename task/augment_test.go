package task

import (
	"reflect"
	"testing"

	"github.com/ihae/ihae/data"
)

// TestAugmentSettingsBecomeAugmentations in their fixed order, and mixtures of
// batches.
func TestAugmentSettingsBecomeAugmentations(t *testing.T) {
	s, err := Lookup("images")
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := Parse(s.Settings(), []string{
		"augment.resized=0.3", "augment.flip=true", "augment.crop=2", "augment.cutout=0", "augment.jitter=0.4",
		"augment.hue=0.1", "augment.erase=0.25", "augment.mixup=0.2", "augment.cutmix=1",
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.config(data.Output{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []data.Augment{
		data.ResizedCrop{Least: 0.3}, data.Flip{}, data.Crop{Pad: 2, Fill: data.FillEdge},
		data.Jitter{Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1}, data.Erase{Share: 0.25},
	}
	if !reflect.DeepEqual(c.Augment, want) || c.Mix != (data.Mix{Mixup: 0.2, CutMix: 1}) {
		t.Errorf("%+v and %+v", c.Augment, c.Mix)
	}
}
