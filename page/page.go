// Package page is the parts of the pages that people read: pictures as data
// URIs, charts as SVG, tables, and the frame that holds them. A page is one
// file that needs no network and no script, its text is the same for the same
// numbers, and its colours follow the reader's light or dark setting.
package page

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
)

//go:embed style.css
var style string

// Style is the style sheet of all pages, for a style element.
func Style() template.CSS { return template.CSS(style) }

// PNG is a picture as a data URI: pix is [h w c] with c 1 (grey) or 3 (RGB).
func PNG(w, h, c int, pix []uint8) (template.URL, error) {
	if (c != 1 && c != 3) || w <= 0 || h <= 0 || len(pix) != w*h*c {
		return "", fmt.Errorf("page: a picture of %d x %d x %d has %d samples", w, h, c, len(pix))
	}
	var img image.Image = &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
	if c == 3 {
		rgb := image.NewNRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			rgb.SetNRGBA(i%w, i/w, color.NRGBA{pix[3*i], pix[3*i+1], pix[3*i+2], 255})
		}
		img = rgb
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "", fmt.Errorf("page: %w", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

// Count writes a large number as people say it: 1.3 M, 41.2 k, 512.
func Count(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e15, " P"}, {1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}} {
		if n >= unit.size {
			return short(n/unit.size) + unit.name
		}
	}
	return short(n)
}

// Bytes writes a size in binary units: 1.3 MiB.
func Bytes(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1 << 30, " GiB"}, {1 << 20, " MiB"}, {1 << 10, " KiB"}} {
		if n >= unit.size {
			return short(n/unit.size) + unit.name
		}
	}
	return short(n) + " B"
}

// Seconds writes a duration: 850 ms, 7.2 s, 3 min 5 s.
func Seconds(s float64) string {
	switch {
	case s < 1:
		return short(s*1000) + " ms"
	case s < 60:
		return short(s) + " s"
	case s < 3600:
		return fmt.Sprintf("%d min %d s", int(s)/60, int(s)%60)
	}
	return fmt.Sprintf("%d h %d min", int(s)/3600, int(s)/60%60)
}

// Percent writes a fraction from 0 to 1: 98.3 %.
func Percent(f float64) string { return strconv.FormatFloat(100*f, 'f', 1, 64) + " %" }

// short keeps three digits of a number below 1000.
func short(n float64) string {
	digits := 2
	switch {
	case n >= 100:
		digits = 0
	case n >= 10:
		digits = 1
	}
	s := strconv.FormatFloat(n, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
