package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
)

// TestExternalData exports a run with its weights apart: twice the same, with the
// run's answers, and imported without a second file again what export writes.
func TestExternalData(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "train", "faces", "--epochs", "1", "--out", "run", "-q")
	must(t, "export", "run", "whole.onnx")
	var files [2][2][]byte
	for i, dir := range []string{"one", "two"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		line := lines(t, must(t, "export", "run", dir+"/m.onnx", "--external-data", "--json"))[0]
		for k, name := range []string{dir + "/m.onnx", dir + "/m.onnx.data"} {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[i][k] = b
		}
		want := fmt.Sprintf("[%[1]s/m.onnx %[1]s/m.onnx.data %[1]s/m.toml]", dir)
		if fmt.Sprint(line["files"]) != want || line["bytes"] != float64(len(files[i][0])+len(files[i][1])) {
			t.Errorf("it says %v, want %s", line, want)
		}
	}
	if !bytes.Equal(files[0][0], files[1][0]) || !bytes.Equal(files[0][1], files[1][1]) {
		t.Error("two exports differ")
	}
	m, err := onnx.Open("one/m.onnx", onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	answersAlike(t, m)
	picture := facePicture(t)
	if a, b := must(t, "predict", "one/m.onnx", picture), must(t, "predict", "whole.onnx", picture); strings.Replace(a, "one/m.onnx", "whole.onnx", 1) != b {
		t.Errorf("with weights apart the answer is %s, want %s", a, b)
	}
	must(t, "import", "one/m.onnx", "-o", "back.onnx")
	sameModel(t, "back.onnx", "whole.onnx")
	must(t, "import", "whole.onnx", "-o", "two/m.onnx", "--external-data", "--force")
	if b, err := os.ReadFile("two/m.onnx.data"); err != nil || !bytes.Equal(b, files[0][1]) {
		t.Errorf("imported with its weights apart the model has others, %v", err)
	}
	if code, _, errs := ihae(t.Context(), "import", "whole.onnx", "-o", "three.onnx", "--external-data"); code != 0 {
		t.Errorf("exit %d, %s", code, errs)
	}
	put(t, "four.onnx.data", "mine")
	for _, args := range [][]string{{"import", "whole.onnx", "-o", "four.onnx"}, {"export", "run", "four.onnx"}} {
		code, _, errs := ihae(t.Context(), append(args, "--external-data")...)
		if code != 2 || !strings.Contains(errs, "four.onnx.data is there already") {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
}

// TestFilesAppearTogether: of files that cannot all be written there is none, nor
// what was there under the first one's name once another has changed.
func TestFilesAppearTogether(t *testing.T) {
	broken := func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		return errors.Join(err, errors.New("the disk is full"))
	}
	good := content([]byte("new"))
	for _, c := range []struct {
		name  string
		files []outFile
		want  string   // of the error
		left  []string // files, with what is in them
	}{
		{"both", []outFile{{"a", good}, {"b", good}}, "", []string{"a new", "b new"}},
		{"the second breaks", []outFile{{"a", good}, {"b", broken}}, "b: the disk is full", []string{"a old"}},
		{"the first breaks", []outFile{{"a", broken}, {"b", good}}, "a: the disk is full", []string{"a old"}},
		{"no such folder", []outFile{{"a", good}, {"none/b", good}}, "none/b", []string{"a old"}},
		{"a folder", []outFile{{"a", good}, {"d", good}}, "d is a folder", []string{"a old"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			put(t, "a", "old")
			if err := os.Mkdir("d", 0o755); err != nil {
				t.Fatal(err)
			}
			err := writeFiles(c.files)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			var left []string
			names, _ := filepath.Glob("*")
			hidden, _ := filepath.Glob(".[a-z]*")
			for _, name := range slices.Concat(names, hidden) {
				if b, err := os.ReadFile(name); err == nil {
					left = append(left, name+" "+string(b))
				}
			}
			if !slices.Equal(left, c.left) {
				t.Errorf("there is %q, want %q", left, c.left)
			}
		})
	}
}
