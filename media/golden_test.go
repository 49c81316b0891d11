package media

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shared = "../../shared/data/vision/"

func read(t *testing.T, name string) Image {
	t.Helper()
	m, err := ReadImage(filepath.Join("testdata", name), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// difference is the largest difference of two samples, or an error when the
// sizes differ.
func difference(a, b Image) (int, error) {
	if a.W != b.W || a.H != b.H || a.C != b.C {
		return 0, fmt.Errorf("%dx%dx%d against %dx%dx%d", a.W, a.H, a.C, b.W, b.H, b.C)
	}
	d := 0
	for i, v := range a.Pix {
		d = max(d, int(v)-int(b.Pix[i]), int(b.Pix[i])-int(v))
	}
	return d, nil
}

// within compares with an image that Pillow 13.0 with libjpeg-turbo decoded.
func within(t *testing.T, got Image, want string, limit int) {
	t.Helper()
	w := read(t, want)
	if got.C != w.C {
		got, w = got.RGB(), w.RGB()
	}
	if d, err := difference(got, w); err != nil || d > limit {
		t.Errorf("%s: differs by %d levels, at most %d are allowed (%v)", want, d, limit, err)
	}
}

// TestJPEGIsAsPillowDecodesIt covers each subsampling, planes too narrow for
// the filter, and the colour models.
func TestJPEGIsAsPillowDecodesIt(t *testing.T) {
	files, err := filepath.Glob("testdata/scene_*.jpg")
	if err != nil || len(files) < 9 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jpg")
		t.Run(name, func(t *testing.T) {
			within(t, read(t, name+".jpg"), name+".png", 3)
		})
	}
}

// TestGreyJPEGHasOneChannel keeps a grey picture grey.
func TestGreyJPEGHasOneChannel(t *testing.T) {
	if m := read(t, "scene_grey.jpg"); m.C != 1 {
		t.Errorf("%d channels", m.C)
	}
}

// TestPhotographsAreAsPillowDecodesThem compares samples of real photographs,
// taken at random places.
func TestPhotographsAreAsPillowDecodesThem(t *testing.T) {
	b, err := os.ReadFile("testdata/photographs.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][][5]int // x, y, red, green, blue
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	seen, worst := 0, 0
	for name, samples := range want {
		b := photograph(t, name)
		if b == nil {
			continue
		}
		m, err := DecodeImage(bytes.NewReader(b), Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		seen++
		for _, s := range samples {
			p := m.Row(s[1])[3*s[0]:]
			for c := range 3 {
				worst = max(worst, int(p[c])-s[2+c], s[2+c]-int(p[c]))
			}
		}
	}
	if seen == 0 {
		t.Skip("the photographs of ../shared/data/vision are not on this machine")
	}
	t.Logf("%d photographs, largest difference %d", seen, worst)
	if worst > 3 {
		t.Errorf("largest difference %d, at most 3 are allowed", worst)
	}
}

// photograph is the bytes of a file, or of an entry as ARCHIVE!ENTRY; nil when
// it is absent.
func photograph(t *testing.T, name string) []byte {
	archive, entry, inside := strings.Cut(name, "!")
	b, err := os.ReadFile(shared + archive)
	if err != nil || !inside {
		return b
	}
	z, err := OpenZip(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name == entry {
			if b, err = ReadEntry(f); err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	return nil
}

// TestPNGKindsAreAsPillowConvertsThem: 16 bits, grey, palette, transparency.
func TestPNGKindsAreAsPillowConvertsThem(t *testing.T) {
	for _, kind := range []string{"grey16", "rgba", "greyalpha", "palette", "palettealpha", "bit"} {
		t.Run(kind, func(t *testing.T) {
			m := read(t, "kind_"+kind+".png")
			within(t, m, "kind_"+kind+"_want.png", 0)
			if grey := strings.HasPrefix(kind, "grey") || kind == "bit"; grey != (m.C == 1) {
				t.Errorf("%d channels", m.C)
			}
		})
	}
	within(t, read(t, "kind_rgba.png").Gray(), "kind_luma_want.png", 0)
}

// TestEveryOrientationIsTurnedUpright: the files hold one picture stored in
// eight ways.
func TestEveryOrientationIsTurnedUpright(t *testing.T) {
	for o := 1; o <= 8; o++ {
		within(t, read(t, fmt.Sprintf("orient_%d.png", o)), "orient_1.png", 0)
	}
	within(t, read(t, "orient_6.jpg"), "orient_6_upright.png", 3)
}

// TestResizeEqualsPillow compares every filter, larger and smaller.
func TestResizeEqualsPillow(t *testing.T) {
	src := read(t, "resize_source.png")
	for _, name := range []string{"bilinear", "bicubic", "lanczos", "box", "nearest"} {
		f, err := ParseFilter(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range [][2]int{{16, 16}, {11, 40}, {80, 61}, {37, 7}, {1, 1}} {
			m, err := Resize(src, size[0], size[1], f)
			if err != nil {
				t.Fatal(err)
			}
			within(t, m, fmt.Sprintf("resize_%s_%dx%d.png", name, size[0], size[1]), 0)
		}
	}
}

// TestResizeRefusesNoSize: an empty side is an error, not a panic.
func TestResizeRefusesNoSize(t *testing.T) {
	for _, size := range [][2]int{{0, 3}, {3, 0}, {-1, 3}, {1 << 20, 1 << 20}} {
		if _, err := Resize(NewImage(3, 3, 1), size[0], size[1], Bilinear); err == nil {
			t.Errorf("%v is accepted", size)
		}
	}
}
