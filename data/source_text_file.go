package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/tensor"
)

// Drawn is a dataset whose training examples are not a list: an epoch takes as
// many as Len says, each drawn anew.
type Drawn interface {
	// Draw adds the tensors of an example that r draws to e, which is empty.
	Draw(e Example, s Split, r *rand.Rand) error
}

// Summed is a dataset of which a checksum takes more than its examples, which
// do not hold all of it.
type Summed interface {
	// Sum writes all that there is of a split.
	Sum(h io.Writer, s Split)
}

// Framed is a dataset whose examples depend on what a network is fed.
type Framed interface {
	Dataset
	// Frame is the same data for networks with that input.
	Frame(in Input) (Dataset, error)
}

// maxTextBytes bounds a text that is read as a whole.
const maxTextBytes = 512 << 20

// Text is a text as a whole. It has no examples before [Text.Frame] cuts it.
type Text struct {
	card    Card
	text    string
	formats []string
}

// OpenText reads a text file, packed or not, or the files *.txt of a folder one
// after another in the order of their names.
func OpenText(ctx context.Context, name string, card Card) (*Text, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, card.Absent(name)
	case err != nil:
		return nil, err
	}
	t := &Text{card: card}
	if !info.IsDir() {
		return t, t.read(regular{os.DirFS(filepath.Dir(name))}, filepath.Base(name))
	}
	fsys, err := below(name)
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(fsys, ".", func(file string, d fs.DirEntry, err error) error {
		if err = cmp.Or(err, ctx.Err()); err != nil || d.IsDir() {
			return err
		}
		stem := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(file), ".gz"), ".bz2")
		if path.Ext(stem) != ".txt" || strings.HasPrefix(path.Base(file), ".") {
			return nil
		}
		return t.read(fsys, file)
	})
	if err == nil && len(t.formats) == 0 {
		err = fmt.Errorf("%s: there is no file *.txt", name)
	}
	return t, err
}

// read appends a file.
func (t *Text) read(fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	left := int64(maxTextBytes - len(t.text))
	text, format, err := table.ReadText(f, "", max(left, 1))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	t.text += text
	packed := ""
	if format.Packing != "" {
		packed = ", " + format.Packing
	}
	t.formats = append(t.formats, fmt.Sprintf("%s: %d characters, %s%s", name, utf8.RuneCountInString(text), format.Encoding, packed))
	return nil
}

// Formats is how the files were read, for people.
func (t *Text) Formats() []string { return t.formats }

// Part is the text of a split: the first nine tenths of its characters to train
// on, the rest to validate on.
func (t *Text) Part(s Split) string {
	n := utf8.RuneCountInString(t.text)
	cut := 0
	for range n * 9 / 10 {
		_, size := utf8.DecodeRuneInString(t.text[cut:])
		cut += size
	}
	switch s {
	case Train:
		return t.text[:cut]
	case Valid:
		return t.text[cut:]
	}
	return ""
}

// Card implements [Dataset].
func (t *Text) Card() Card { return t.card }

// Len implements [Dataset].
func (t *Text) Len(Split) int { return 0 }

// Put implements [Dataset].
func (t *Text) Put(Example, Split, int) error { return errUnframed }

// ID implements [Dataset].
func (t *Text) ID(s Split, i int) string { return fmt.Sprintf("%s/%d", s, i) }

var errUnframed = errors.New("data: the text is not cut into examples yet")

// Frame implements [Framed]: windows of as many tokens as in has.
func (t *Text) Frame(in Input) (Dataset, error) { return t.Windows(in, 0) }

// Windows is the text as examples of in.Text.Length tokens with the token after
// each. Those to validate on lie one after another; where the last one is too
// short, nothing is asked of its end. An epoch of training is so many windows,
// each at a place that is drawn, or for 0 as many as the text is long.
func (t *Text) Windows(in Input, epoch int) (*Windows, error) {
	enc, ok := in.Text.Encoder.(Tokens)
	if !ok {
		return nil, errors.New("data: windows need a tokenizer")
	}
	w := &Windows{card: t.card, length: in.Text.Length, ids: map[Split][]int32{}, epoch: epoch}
	w.card.Count = map[Split]int{}
	for _, s := range []Split{Train, Valid} {
		ids := enc.Tokenizer.Encode(t.Part(s), false)
		if len(ids) <= w.length {
			return nil, fmt.Errorf("the text is too short: %d tokens to %s on, and the network reads %d at a time", len(ids), s, w.length)
		}
		w.ids[s] = ids
		w.card.Count[s] = w.Len(s)
	}
	return w, nil
}

// Windows is a text cut into windows. See [Text.Windows].
type Windows struct {
	card   Card
	length int
	ids    map[Split][]int32
	epoch  int
}

// Tokens is how many tokens a split has.
func (w *Windows) Tokens(s Split) int { return len(w.ids[s]) }

// Card implements [Dataset].
func (w *Windows) Card() Card { return w.card }

// Len implements [Dataset].
func (w *Windows) Len(s Split) int {
	if s == Train && w.epoch > 0 {
		return w.epoch
	}
	return (len(w.ids[s]) - 1 + w.length - 1) / w.length
}

// Put implements [Dataset].
func (w *Windows) Put(e Example, s Split, i int) error {
	if s == Train && w.epoch > 0 {
		places := len(w.ids[s]) - w.length
		w.put(e, s, int(int64(i)*int64(places)/int64(w.epoch)))
		return nil
	}
	w.put(e, s, i*w.length)
	return nil
}

// Sum implements [Summed].
func (w *Windows) Sum(h io.Writer, s Split) {
	ids := w.ids[s]
	_, _ = h.Write(tensor.From(tensor.Dims(len(ids)), ids).Bytes())
}

// Draw implements [Drawn]: a window at any place, each as likely as another.
func (w *Windows) Draw(e Example, s Split, r *rand.Rand) error {
	w.put(e, s, r.IntN(len(w.ids[s])-w.length))
	return nil
}

// put makes e the window that begins with a token.
func (w *Windows) put(e Example, s Split, from int) {
	ids := w.ids[s]
	shape := tensor.Dims(w.length)
	if from+w.length < len(ids) {
		e[FieldText] = tensor.From(shape, ids[from:from+w.length:from+w.length])
		e[FieldNext] = tensor.From(shape, ids[from+1:from+1+w.length:from+1+w.length])
		return
	}
	text, next := make([]int32, w.length), make([]int32, w.length)
	for i := range next {
		next[i] = -1
	}
	copy(text, ids[from:])
	copy(next, ids[from+1:])
	e[FieldText], e[FieldNext] = tensor.From(shape, text), tensor.From(shape, next)
}

// ID implements [Dataset].
func (w *Windows) ID(s Split, i int) string { return fmt.Sprintf("%s/%d", s, i) }
