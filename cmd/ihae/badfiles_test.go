package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneBrokenImageOfMany trains on a folder of 100 images with one that is
// broken: refused with its name, or left out and counted when that is asked
// for, also by a resumed run, and never touched.
func TestOneBrokenImageOfMany(t *testing.T) {
	dir := t.TempDir()
	for i := range 100 {
		writeGrey(t, filepath.Join(dir, "photos", "train", []string{"face", "non-face"}[i%2], fmt.Sprintf("%03d.png", i)), uint8(2*i))
	}
	broken := filepath.Join(dir, "photos", "train", "face", "broken.png")
	if err := os.WriteFile(broken, []byte("not a picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	train := []string{"train", "faces", "--data", filepath.Join(dir, "photos"), "--steps", "2", "--out", filepath.Join(dir, "run")}
	if code, _, errs := ihae(t.Context(), train...); code != exitInput || !strings.Contains(errs, "broken.png") || !strings.Contains(errs, "--on-bad-file") {
		t.Errorf("exit %d, %q", code, errs)
	}
	if code, _, errs := ihae(t.Context(), append(train, "--on-bad-file", "skip")...); code != exitOK || !strings.Contains(errs, "broken.png") {
		t.Errorf("skip: exit %d, %q", code, errs)
	}
	if code, _, errs := ihae(t.Context(), "train", "--resume", filepath.Join(dir, "run")); code != exitOK {
		t.Errorf("resume: exit %d, %q", code, errs)
	}
	if code, _, errs := ihae(t.Context(), append(train, "--on-bad-file", "delete")...); code != exitUsage || !strings.Contains(errs, "--on-bad-file") {
		t.Errorf("delete: exit %d, %q", code, errs)
	}
	if text, err := os.ReadFile(broken); err != nil || string(text) != "not a picture" {
		t.Errorf("the user's file is now %q, %v", text, err)
	}
}

func writeGrey(t *testing.T, path string, level uint8) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, 25, 25))
	for i := range m.Pix {
		m.Pix[i] = level + uint8(i%25)
	}
	m.SetGray(3, 4, color.Gray{Y: 255 - level})
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
