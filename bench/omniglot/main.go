// Omniglot lays out the characters of Lake, Salakhutdinov and Tenenbaum
// ("Human-Level Concept Learning through Probabilistic Program Induction",
// Science 2015) as a folder for the task images: a class for each character, the
// drawers 1 to 15 to learn from and 16 to 20 to test on. It then says how often
// the nearest training image, by the distance of samples, is of the right class.
//
//	go run ./bench/omniglot -zip ../shared/data/vision/omniglot/images_background_small1.zip -out DIR
//	ihae train images --data DIR
package main

import (
	"archive/zip"
	"flag"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ihae/ihae/media"
)

func main() {
	from := flag.String("zip", "", "images_background_small1.zip")
	out := flag.String("out", "", "a new folder")
	side := flag.Int("side", 28, "sides of the images that are compared")
	flag.Parse()
	if err := run(*from, *out, *side); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// lastTrained is the last drawer to learn from.
const lastTrained = 15

// drawing is one image of a character.
type drawing struct {
	class string
	pix   []uint8
}

func run(from, out string, side int) error {
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	z, err := zip.OpenReader(from)
	if err != nil {
		return err
	}
	defer z.Close()
	splits := map[string][]drawing{}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".png") {
			continue
		}
		b, err := media.ReadEntry(f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		split, class, err := place(f.Name)
		if err != nil {
			return err
		}
		dir := filepath.Join(out, split, class)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		file := filepath.Join(dir, path.Base(f.Name))
		if err := os.WriteFile(file, b, 0o644); err != nil {
			return err
		}
		d, err := small(file, class, side)
		if err != nil {
			return err
		}
		splits[split] = append(splits[split], d)
	}
	fmt.Printf("%d to train on, %d to test; nearest neighbour on %d x %d samples: %.2f %%\n",
		len(splits["train"]), len(splits["test"]), side, side, 100*nearest(splits["train"], splits["test"]))
	return nil
}

// place reads SET/ALPHABET/CHARACTER/ID_DRAWER.png.
func place(name string) (split, class string, err error) {
	parts := strings.Split(name, "/")
	if len(parts) < 3 {
		return "", "", fmt.Errorf("%s: no drawing of a character", name)
	}
	_, drawer, _ := strings.Cut(strings.TrimSuffix(parts[len(parts)-1], ".png"), "_")
	n, err := strconv.Atoi(drawer)
	if err != nil {
		return "", "", fmt.Errorf("%s: no drawer's number: %w", name, err)
	}
	split = "train"
	if n > lastTrained {
		split = "test"
	}
	return split, parts[len(parts)-3] + "_" + parts[len(parts)-2], nil
}

func small(file, class string, side int) (drawing, error) {
	m, err := media.ReadImage(file, media.Limits{})
	if err != nil {
		return drawing{}, err
	}
	m, err = media.Resize(m.Gray(), side, side, media.Bilinear)
	return drawing{class, m.Pix}, err
}

// nearest is the share of test whose nearest of train is of the same class.
func nearest(train, test []drawing) float64 {
	right := 0
	for _, x := range test {
		best, least := "", math.MaxInt
		for _, y := range train {
			d := 0
			for i, v := range x.pix {
				e := int(v) - int(y.pix[i])
				d += e * e
			}
			if d < least {
				best, least = y.class, d
			}
		}
		if best == x.class {
			right++
		}
	}
	return float64(right) / float64(max(len(test), 1))
}
