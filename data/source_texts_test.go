package data

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/media/token"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// texts writes files and opens them as texts.
func texts(t *testing.T, name string, files map[string]string) (Texts, error) {
	t.Helper()
	dir := t.TempDir()
	for file, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return OpenTexts(t.Context(), filepath.Join(dir, name), Card{Name: "texts"})
}

// TestOpenTexts reads each layout.
func TestOpenTexts(t *testing.T) {
	const rows = "id\tdocument\tlabel\n1\t좋다\t1\n2\t\"싫다\"\t0\n"
	for _, c := range []struct {
		name   string
		files  map[string]string
		fields []string
		count  map[Split]int
	}{
		{"a.tsv", map[string]string{"a.tsv": rows}, []string{"id", "document", "label"}, map[Split]int{Train: 2}},
		{"", map[string]string{"reviews.csv": "text,label\nx y,1\nz,2\n"}, []string{"text", "label"}, map[Split]int{Train: 2}},
		{"", map[string]string{"ratings_train.txt": rows, "ratings_test_first25000.txt": rows, "README.md": "x"}, []string{"id", "document", "label"}, map[Split]int{Train: 2, Test: 2}},
		{"", map[string]string{"train.csv": "t,l\na b,1\n", "dev.csv": "l,t\n2,c\n"}, []string{"t", "l"}, map[Split]int{Train: 1, Valid: 1}},
		{"", map[string]string{"train/pos/1.txt": "good", "train/neg/1.txt": "bad", "test/pos/9.txt": "fine", "readme.txt": "x"}, []string{"text", "class"}, map[Split]int{Train: 2, Test: 1}},
		{"", map[string]string{"pos/1.txt": "good", "neg/a.TXT": "bad"}, []string{"text", "class"}, map[Split]int{Train: 2}},
		{"a.csv", map[string]string{"a.csv": "text,split,label\na b,train,1\nb c,test,2\n"}, []string{"text", "label"}, map[Split]int{Train: 1, Test: 1}},
	} {
		r, err := texts(t, c.name, c.files)
		if err != nil {
			t.Errorf("%v: %v", c.files, err)
			continue
		}
		if got := r.Card(); !slices.Equal(got.Fields, c.fields) || !reflect.DeepEqual(got.Count, c.count) {
			t.Errorf("%v: columns %q, counts %v; want %q, %v", c.files, got.Fields, got.Count, c.fields, c.count)
		}
	}
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"a.csv": "a,b\n1,2\n", "b.csv": "a,b\n1,2\n"}, "there are the tables a.csv, b.csv"},
		{map[string]string{"train.csv": "a,b\n1,2\n", "x_train.csv": "a,b\n1,2\n"}, "are the train split"},
		{map[string]string{"notes.txt": "x"}, "no folder of texts for each class"},
		{map[string]string{"train.csv": "a,b\n1,2\n", "test.csv": "a\n1\n"}, `no column "b"`},
		{map[string]string{"pos/1.txt": "caf\xe9"}, "pos/1.txt: line 1: bytes that are not UTF-8"},
	} {
		if _, err := texts(t, "", c.files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.files, err, c.want)
		}
	}
}

// TestTextsTarget chooses columns.
func TestTextsTarget(t *testing.T) {
	r, err := texts(t, "a.csv", map[string]string{"a.csv": "l,t\n1,a b\n2,b\n,c\n1,d\n"})
	if err != nil {
		t.Fatal(err)
	}
	ds, err := r.Target(Output{Name: "l"}, []string{"1", "2"})
	if err != nil {
		t.Fatal(err)
	}
	if ds, err = ds.(Framed).Frame(Input{Text: TextInput{Column: "t"}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range ds.Len(Train) {
		text, err := TextOf(ds, Train, i)
		if err != nil {
			t.Fatal(err)
		}
		label, err := Label(ds, Train, i)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ds.ID(Train, i)+" "+text+" "+ds.Card().Classes[label])
	}
	if want := []string{"a.csv:2 a b 1", "a.csv:3 b 2", "a.csv:5 d 1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := ds.(Framed).Frame(Input{Text: TextInput{Column: "x"}}); err == nil {
		t.Error("a column that is not there is framed")
	}
}

// windows is a text of the letters a to j, again and again, in windows.
func windows(t *testing.T, letters, length, epoch int) *Windows {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.txt")
	text := strings.Repeat("abcdefghij", letters/10+1)[:letters]
	if err := os.WriteFile(path, []byte("\ufeff"+text), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OpenText(t.Context(), path, Card{Name: "text"})
	if err != nil {
		t.Fatal(err)
	}
	k, err := token.Plan{Kind: token.Characters}.Learn(slices.Values([]string{text}))
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.Windows(Input{Text: TextInput{Length: length, Vocab: k.Size(), Encoder: Tokens{k}}}, epoch)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWindows asks for every token of the validation text once, and for those of
// training anywhere.
func TestWindows(t *testing.T) {
	w := windows(t, 400, 7, 100)
	if w.Tokens(Train) != 360 || w.Tokens(Valid) != 40 || w.Len(Train) != 100 || w.Len(Valid) != 6 || w.Len(Test) != 0 {
		t.Fatalf("%d and %d tokens, %d and %d windows", w.Tokens(Train), w.Tokens(Valid), w.Len(Train), w.Len(Valid))
	}
	asked := 0
	for i := range w.Len(Valid) {
		e, err := ExampleOf(w, Valid, i)
		if err != nil {
			t.Fatal(err)
		}
		for k, next := range tensor.Of[int32](e[FieldNext]) {
			if next < 0 {
				continue
			}
			asked++
			if at := tensor.Of[int32](e[FieldText])[k]; next != (at+1)%10 {
				t.Fatalf("after %d comes %d", at, next)
			}
		}
	}
	if asked != 39 {
		t.Errorf("%d tokens asked for, want 39", asked)
	}
	first := map[int32]int{}
	for i := range 2000 {
		e := Example{}
		err := w.Draw(e, Train, rng.New(1).At(uint64(i)).Rand())
		if err != nil {
			t.Fatal(err)
		}
		text, next := tensor.Of[int32](e[FieldText]), tensor.Of[int32](e[FieldNext])
		if !slices.Equal(text[1:], next[:6]) {
			t.Fatalf("window %v, next %v", text, next)
		}
		first[text[0]]++
	}
	for id := range int32(10) {
		if first[id] < 130 || first[id] > 270 {
			t.Errorf("%d of 2000 windows begin with token %d", first[id], id)
		}
	}
}

// TestWindowsLoader draws other windows in each epoch, and the same from the
// middle of one.
func TestWindowsLoader(t *testing.T) {
	w := windows(t, 1000, 5, 12)
	in := Input{Name: FieldText, Kind: KindText, Text: TextInput{Length: 5, Vocab: 10}}
	l, err := NewLoader(w, Train, LoaderConfig{Batch: 4, Shuffle: true, Stream: rng.New(2), Input: in, Output: Output{Kind: OutputNext}})
	if err != nil {
		t.Fatal(err)
	}
	read := func(epoch, from int) (all []int32) {
		for b, err := range l.Batches(t.Context(), epoch, from) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, tensor.Of[int32](b.Input)...)
		}
		return all
	}
	whole := read(0, 0)
	if len(whole) != 60 || slices.Equal(whole, read(1, 0)) || !slices.Equal(whole[20:], read(0, 1)) {
		t.Errorf("epochs %v and %v, from the second batch %v", whole, read(1, 0), read(0, 1))
	}
}

// TestTokens fills up and cuts off.
func TestTokens(t *testing.T) {
	k, err := token.Plan{Kind: token.Characters, Special: true}.Learn(slices.Values([]string{"aabbcc"}))
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int32, 4)
	for text, want := range map[string][]int32{"ab": {2, 3, 0, 0}, "abcab": {2, 3, 4, 2}, "": {0, 0, 0, 0}, "z": {1, 0, 0, 0}} {
		if err := (Tokens{k}).Encode(ids, text); err != nil || !slices.Equal(ids, want) {
			t.Errorf("%q: %v, want %v; %v", text, ids, want, err)
		}
	}
	long := strings.Repeat("각", 1000)
	if cut := cutText(long, 4); len(cut) > 4*longest || !strings.HasPrefix(long, cut) || len(cut)%3 != 0 {
		t.Errorf("%d bytes are left", len(cut))
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tokenizer.json"), k.File(), 0o644); err != nil {
		t.Fatal(err)
	}
	in := Input{Text: TextInput{Tokenizer: "tokenizer.json", Vocab: k.Size()}}
	if err := in.Load(dir); err != nil || in.Text.Encoder == nil {
		t.Error(err)
	}
	for name, vocab := range map[string]int{"../tokenizer.json": k.Size(), "tokenizer.json": 7, "other.json": k.Size()} {
		in := Input{Text: TextInput{Tokenizer: name, Vocab: vocab}}
		if err := in.Load(dir); err == nil {
			t.Errorf("%s of %d tokens is loaded", name, vocab)
		}
	}
}
