package data

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// Folders of images: split/class/file, or class/file for a train split alone.
func init() {
	kinds.Set("folders", kind{
		doc: "folders of images <train|valid|test>/CLASS/FILE or CLASS/FILE",
		find: func(fsys fs.FS) bool {
			found := false
			_ = walkImages(fsys, func(string, Split, string) error {
				found = true
				return fs.SkipAll
			})
			return found
		},
		open: openFolders,
	})
}

// splitNames is the folders that mean a split.
var splitNames = map[string]Split{
	"train": Train, "training": Train,
	"valid": Valid, "val": Valid, "validation": Valid,
	"test": Test, "testing": Test,
}

// notImages is endings of files that stand beside images. Every other file in a
// folder of a class counts as an image, so that a wrong one is noticed.
var notImages = []string{".txt", ".md", ".json", ".csv", ".tsv", ".xml", ".db"}

// walkImages calls f for each image in the order of paths. A file directly in
// the folder of a split gives class "".
func walkImages(fsys fs.FS, f func(file string, s Split, class string) error) error {
	return fs.WalkDir(fsys, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if strings.HasPrefix(name, ".") && file != "." || name == "__MACOSX" {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || slices.Contains(notImages, strings.ToLower(path.Ext(name))) {
			return nil
		}
		parts := strings.Split(file, "/")
		split, named := splitNames[strings.ToLower(parts[0])]
		switch {
		case len(parts) == 1:
			return nil
		case !named:
			return f(file, Train, parts[0])
		case len(parts) == 2:
			return f(file, split, "")
		}
		return f(file, split, parts[1])
	})
}

// folders is a dataset of image files.
type folders struct {
	card  Card
	fsys  fs.FS
	src   Source
	items map[Split][]item
	bad   []BadFile
}

// item is one file; its image is kept when the cache has room for it.
type item struct {
	file  string
	label [1]int32
	shape tensor.Shape // [H W C]
	image media.Image
}

func openFolders(ctx context.Context, fsys fs.FS, s Source) (Dataset, error) {
	d := &folders{card: s.Card, fsys: fsys, src: s, items: map[Split][]item{}}
	listed, err := readClasses(fsys)
	if err != nil {
		return nil, err
	}
	if err := d.list(listed); err != nil {
		return nil, err
	}
	if err := d.decodeAll(ctx); err != nil {
		return nil, err
	}
	d.card.Count = map[Split]int{}
	for split, items := range d.items {
		d.card.Count[split] = len(items)
	}
	return d, nil
}

// list finds the files and their classes.
func (d *folders) list(listed []string) error {
	classOf := map[string]string{}
	var found []string
	err := walkImages(d.fsys, func(file string, s Split, class string) error {
		if class == "" {
			return fmt.Errorf("%s stands in no folder of a class", file)
		}
		if !slices.Contains(found, class) {
			found = append(found, class)
		}
		classOf[file] = class
		d.items[s] = append(d.items[s], item{file: file})
		return nil
	})
	if err != nil {
		return err
	}
	if d.card.Classes, err = orderClasses(found, listed, d.card.Classes); err != nil {
		return err
	}
	for _, items := range d.items {
		for i := range items {
			items[i].label[0] = int32(slices.Index(d.card.Classes, classOf[items[i].file]))
		}
	}
	return nil
}

// decode reads one file.
func (d *folders) decode(file string) (media.Image, error) {
	f, err := d.fsys.Open(file)
	if err != nil {
		return media.Image{}, err
	}
	defer f.Close()
	return media.DecodeImage(f, d.src.Limits)
}

// Card implements [Dataset].
func (d *folders) Card() Card { return d.card }

// Len implements [Dataset].
func (d *folders) Len(s Split) int { return len(d.items[s]) }

// ID implements [Dataset].
func (d *folders) ID(s Split, i int) string { return d.items[s][i].file }

// Label implements [Labeled].
func (d *folders) Label(s Split, i int) (int, error) { return int(d.items[s][i].label[0]), nil }

// Shape implements [Shaped].
func (d *folders) Shape(s Split, i int) tensor.Shape { return d.items[s][i].shape }

// Bad is the files that were left out.
func (d *folders) Bad() []BadFile { return d.bad }

// Put implements [Dataset].
func (d *folders) Put(e Example, s Split, i int) error {
	it := &d.items[s][i]
	m := it.image
	if m.Pix == nil {
		var err error
		if m, err = d.decode(it.file); err != nil {
			return err
		}
	}
	e[FieldImage], e[FieldLabel] = m.Tensor(), tensor.From(tensor.Dims(), it.label[:])
	return nil
}
