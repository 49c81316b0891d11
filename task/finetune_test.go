package task

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// smallModel is a classifier of colour images of 16 x 16 in 10 classes, with a
// batch normalisation and dropout, channels first.
func smallModel(t *testing.T) *Pretrained {
	t.Helper()
	drawn := func(name string, b *onnx.Builder, scale float64, dims ...int) string {
		v := tensor.New(tensor.F32(dims...))
		rng.New(1).Split(name).Normal(v.Floats(), 0, scale)
		return b.Init(name, v)
	}
	ones := func(name string, b *onnx.Builder, v float32) string {
		return b.Init(name, tensor.From(tensor.Dims(8), []float32{v, v, v, v, v, v, v, v}))
	}
	b := onnx.NewBuilder("small")
	x := b.Input("x", 1, "N", 3, 16, 16)
	x = b.Add("Conv", []string{x, drawn("conv.weight", b, 0.3, 8, 3, 3, 3)}, onnx.Ints("strides", 2, 2))
	x = b.Add("BatchNormalization", []string{x, ones("bn.scale", b, 1), ones("bn.bias", b, 0), ones("bn.mean", b, 0), ones("bn.var", b, 1)})
	x = b.Add("Relu", []string{x})
	x = b.Add("Flatten", []string{b.Add("GlobalAveragePool", []string{x})})
	x = b.Add("Dropout", []string{x, b.Scalar("ratio", 0.2)})
	b.AddAs("logits", "Gemm", []string{x, drawn("head.weight", b, 0.3, 8, 10), drawn("head.bias", b, 0.1, 10)})
	b.Output("logits", 1, "N", 10)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	return &Pretrained{Model: m, Desc: zoo.Model{Input: data.Input{Name: "x", Kind: data.KindImage, Width: 16, Height: 16, Channels: 3, Layout: "NCHW"}}}
}

// TestFinetune: a model made elsewhere learns classes of its own, to the same bits
// on one thread and on three; its statistics follow the new images, unless the
// last layer alone is trained.
func TestFinetune(t *testing.T) {
	root := t.TempDir()
	for i, class := range []string{"here", "there", "elsewhere"} {
		painted(t, root, class, 40, 16, 16, i)
	}
	s, err := Lookup(Finetune)
	if err != nil {
		t.Fatal(err)
	}
	weights := func(threads int, set ...string) (map[string]tensor.Tensor, []byte) {
		dir := filepath.Join(t.TempDir(), "run")
		r, err := s.Run(t.Context(), Options{
			Dir: dir, Data: root, Threads: threads, Pretrained: smallModel(t),
			Set: append([]string{"epochs=4", "batch=16", "lr=0.1", "valid=0"}, set...),
		})
		if err != nil {
			t.Fatal(err)
		}
		if acc := float64(r.Metrics["accuracy"]); len(set) == 0 && acc < 0.6 {
			t.Errorf("accuracy %.2f of three classes", acc)
		}
		run, err := train.OpenRun(dir)
		if err != nil {
			t.Fatal(err)
		}
		net, _, err := run.Best(nil)
		if err != nil {
			t.Fatal(err)
		}
		all, sum := map[string]tensor.Tensor{}, []byte{}
		list, _ := lower.Weights(smallModel(t).Model)
		for _, name := range list {
			all[name] = net.(*zoo.Imported).Weights[name].Value
			sum = append(sum, all[name].Bytes()...)
		}
		return all, sum
	}
	one, bitsOne := weights(1)
	_, bitsThree := weights(3)
	if !bytes.Equal(bitsOne, bitsThree) {
		t.Error("one thread and three differ")
	}
	head, _ := weights(2, "part=head")
	for name, want := range map[string]bool{"conv.weight": true, "bn.mean": true, "bn.var": true, "bn.scale": true} {
		before, err := smallModel(t).Model.Graph.Init(name).Value()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(one[name].Bytes(), before.Bytes()) {
			t.Errorf("%s did not change in training", name)
		}
		if bytes.Equal(head[name].Bytes(), before.Bytes()) != want {
			t.Errorf("%s changed where the last layer alone is trained", name)
		}
	}
	if got := fmt.Sprint(one["head.weight"].Shape()); got != "[8 3]" {
		t.Errorf("the head is %s", got)
	}
}

func TestFinetuneWantsAModel(t *testing.T) {
	s, err := Lookup(Finetune)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	painted(t, root, "a", 4, 16, 16, 0)
	painted(t, root, "b", 4, 16, 16, 1)
	if _, err := s.Job(t.Context(), Options{Data: root}); err == nil {
		t.Error("a fine-tuning without a model")
	}
}
