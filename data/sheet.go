package data

import (
	"fmt"

	"github.com/ihae/ihae/media"
)

// ContactSheet draws the first n examples of a split in rows of cols, each in a
// cell as large as the largest of them with a white line of two samples between.
// n beyond the split's length means all of it.
func ContactSheet(ds Dataset, s Split, n, cols int) (media.Image, error) {
	n = min(n, ds.Len(s))
	if n < 1 || cols < 1 {
		return media.Image{}, fmt.Errorf("data: a sheet of %d examples of %s in %d columns", n, s, cols)
	}
	cols = min(cols, n)
	images, w, h, c := make([]media.Image, n), 0, 0, 1
	for i := range images {
		var err error
		if images[i], err = imageAt(ds, s, i); err != nil {
			return media.Image{}, fmt.Errorf("%s: %w", ds.ID(s, i), err)
		}
		w, h, c = max(w, images[i].W), max(h, images[i].H), max(c, images[i].C)
	}
	const line = 2
	rows := (n + cols - 1) / cols
	if int64(cols)*int64(w+line)*int64(rows)*int64(h+line) > 64_000_000 {
		return media.Image{}, fmt.Errorf("data: a sheet of %d images of %d x %d is too large; ask for fewer", n, w, h)
	}
	sheet := media.NewImage(cols*(w+line)+line, rows*(h+line)+line, c)
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	for i, m := range images {
		if c == 3 {
			m = m.RGB()
		}
		x, y := i%cols*(w+line)+line, i/cols*(h+line)+line
		for r := range m.H {
			copy(sheet.Row(y + r)[x*c:], m.Row(r))
		}
	}
	return sheet, nil
}
