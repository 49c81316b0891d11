package zoo_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// box is a file of weights in memory.
type box map[string]tensor.Tensor

func (b box) names() []string {
	var list []string
	for name := range b {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func (b box) get(name string) (tensor.Tensor, error) { return b[name], nil }

// lenet is the network and the file of the peer "lenet-5".
func lenet(t *testing.T) (nn.Layer, zoo.Mapping, box) {
	t.Helper()
	m := mapping(t, "lenet-5", "pytorch-tutorial")
	net, err := zoo.New("lenet-5", rng.None(), zoo.Image(tensor.Dims(32, 32, 1)), 10, m.Settings)
	if err != nil {
		t.Fatal(err)
	}
	b := box{}
	names, get := readPeer(t, "lenet-5").file(t)
	for _, name := range names {
		if b[name], err = get(name); err != nil {
			t.Fatal(err)
		}
	}
	return net, m, b
}

// TestLoadWeightsNamesAllFaults plants faults in a file, one at a time and then
// together.
func TestLoadWeightsNamesAllFaults(t *testing.T) {
	faults := []struct {
		name  string
		plant func(b box)
		want  []string
	}{
		{"missing", func(b box) { delete(b, "conv2.weight") }, []string{"1 missing: conv2.weight (our c3.weight [5 5 6 16])"}},
		{"left over", func(b box) { b["fc4.bias"] = tensor.New(tensor.F32(3)) }, []string{"1 left over: fc4.bias"}},
		{"a shape", func(b box) { b["fc2.weight"] = tensor.New(tensor.F32(84, 119)) }, []string{"1 wrong: fc2.weight: [84 119], want what gives [120 84] (our f6.weight)"}},
		{"turned already", func(b box) { b["fc3.weight"] = tensor.New(tensor.F32(84, 10)) }, []string{"fc3.weight: [84 10]"}},
		{"places", func(b box) { b["fc1.weight"] = tensor.New(tensor.F32(120, 401)) }, []string{"fc1.weight: [120 401], want [Out C·25]"}},
		{"rank", func(b box) { b["conv1.weight"] = tensor.New(tensor.F32(150)) }, []string{"conv1.weight: [150], want [Out In"}},
		{"a scalar", func(b box) { b["conv1.bias"] = tensor.New(tensor.F32()) }, []string{"conv1.bias: a single number"}},
		{"whole numbers", func(b box) { b["fc1.bias"] = tensor.From(tensor.Dims(120), make([]int32, 120)) }, []string{"fc1.bias: elements of type int32"}},
		{"twice", func(b box) { b["module.fc2.bias"] = b["fc2.bias"] }, []string{"left over: module.fc2.bias, which is fc2.bias too"}},
	}
	for _, f := range faults {
		net, m, b := lenet(t)
		f.plant(b)
		err := zoo.LoadWeights(net, m, b.names(), b.get)
		var fault *zoo.WeightsError
		if !errors.As(err, &fault) {
			t.Errorf("%s: error %v", f.name, err)
			continue
		}
		if n := len(fault.Missing) + len(fault.Wrong) + len(fault.Left); n != 1 {
			t.Errorf("%s: %d faults in %v", f.name, n, err)
		}
		for _, w := range f.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want %q", f.name, err, w)
			}
		}
	}
	net, m, together := lenet(t)
	for _, f := range faults {
		f.plant(together)
	}
	err := zoo.LoadWeights(net, m, together.names(), together.get)
	for _, f := range faults {
		for _, w := range f.want {
			if _, what, ok := strings.Cut(w, ": "); err == nil || ok && !strings.Contains(err.Error(), strings.TrimPrefix(what, "left over: ")) {
				t.Errorf("together: %v, want %q", err, what)
			}
		}
	}
}

// TestLoadWeightsOfAnotherNetwork asks for a bounded text where a file is of
// another network altogether.
func TestLoadWeightsOfAnotherNetwork(t *testing.T) {
	net, m, _ := lenet(t)
	b := box{}
	for i := range 10_000 {
		b[fmt.Sprintf("layer.%d", i)] = tensor.New(tensor.F32(1))
	}
	err := zoo.LoadWeights(net, m, b.names(), b.get)
	if err == nil || len(err.Error()) > 20_000 || !strings.Contains(err.Error(), "10 missing") || !strings.Contains(err.Error(), "10000 left over") || !strings.Contains(err.Error(), "and 9800 more") {
		t.Errorf("%.300v", err)
	}
}

// TestLoadWeightsReports what reading says, with the name.
func TestLoadWeightsReports(t *testing.T) {
	net, m, b := lenet(t)
	err := zoo.LoadWeights(net, m, b.names(), func(name string) (tensor.Tensor, error) {
		if name == "fc2.bias" {
			return tensor.Tensor{}, io.ErrUnexpectedEOF
		}
		return b[name], nil
	})
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "fc2.bias") {
		t.Error(err)
	}
}

// TestLoadWeightsTakesAnyFloat reads numbers that float16 has exactly, from all
// types of floating-point numbers that have them.
func TestLoadWeightsTakesAnyFloat(t *testing.T) {
	for _, d := range []tensor.DType{tensor.Float16, tensor.BFloat16, tensor.Float32, tensor.Float64} {
		net, m, b := lenet(t)
		for name, v := range b {
			w := tensor.Widen(v)
			for i := range w.F {
				w.F[i] = float64(i%64)/32 - 1
			}
			w.Type.DType = d
			b[name] = w.Narrow()
		}
		if err := zoo.LoadWeights(net, m, b.names(), b.get); err != nil {
			t.Fatal(d, err)
		}
		// Ours [c·25+p o] of theirs [o c·25+p]: the image is flattened with the channels last.
		for i, got := range net.(*zoo.LeNet5).C5.Weight.Value.Floats() {
			place, channel, o := i/120/16, i/120%16, i%120
			if want := float32((o*400+channel*25+place)%64)/32 - 1; got != want {
				t.Fatalf("%v: weight %d is %v, want %v", d, i, got, want)
			}
		}
	}
}

// renamed is b with other names, and its matrices turned where turn says so.
func (b box) renamed(name func(string) string, turn func(string) bool) box {
	other := box{}
	for old, v := range b {
		if v.Shape().Rank() == 2 && turn(old) {
			rows, cols := v.Shape().Dim(0), v.Shape().Dim(1)
			w := tensor.New(tensor.F32(cols, rows))
			for i, x := range v.Floats() {
				w.Floats()[i%cols*rows+i/cols] = x
			}
			v = w
		}
		other[name(old)] = v
	}
	return other
}

// TestNanoGPT: a file of GPT-2 with its maps turned, as nanoGPT has them, is the
// same network.
func TestNanoGPT(t *testing.T) {
	p, gpt2 := readPeer(t, "gpt-2"), box{}
	names, get := p.file(t)
	for _, name := range names {
		v, err := get(name)
		if err != nil {
			t.Fatal(err)
		}
		gpt2[name] = v
	}
	nano := gpt2.renamed(func(name string) string { return "_orig_mod." + name }, func(name string) bool { return strings.Contains(name, ".h.") })
	set := map[string]any{"layers": 2, "heads": 3, "width": 24}
	net, err := zoo.New("gpt-2", rng.None(), p.in(16), 50, set)
	if err != nil {
		t.Fatal(err)
	}
	if err := zoo.LoadWeights(net, mapping(t, "gpt", "nanogpt"), nano.names(), nano.get); err != nil {
		t.Fatal(err)
	}
	p.check(t, forward(t, net, p.feed()))
	nano = nano.renamed(func(name string) string { return strings.TrimPrefix(name, "_orig_mod.") }, func(string) bool { return false })
	if err := zoo.LoadWeights(net, mapping(t, "gpt", "transformers"), nano.names(), nano.get); err == nil || !strings.Contains(err.Error(), "transformer.h.0.mlp.c_fc.weight: [96 24]") {
		t.Errorf("turned weights load with the names of transformers: %v", err)
	}
}

// TestTiedWeights: a file with an output of its own is refused by a network
// without, and fills one that has it.
func TestTiedWeights(t *testing.T) {
	p, all := readPeer(t, "llama"), box{}
	names, get := p.file(t)
	for _, name := range names {
		all[name], _ = get(name)
	}
	set := map[string]any{"layers": 2, "heads": 6, "kv-heads": 2, "width": 24, "hidden": 40, "tie": true}
	net, err := zoo.New("llama", rng.None(), p.in(16), 50, set)
	if err != nil {
		t.Fatal(err)
	}
	m := mapping(t, "llama", "transformers")
	if err := zoo.LoadWeights(net, m, all.names(), all.get); err == nil || !strings.Contains(err.Error(), "lm_head.weight has weights of its own") {
		t.Errorf("error %v", err)
	}
	all["lm_head.weight"] = all["model.embed_tokens.weight"]
	if err := zoo.LoadWeights(net, m, all.names(), all.get); err != nil {
		t.Error(err)
	}
	delete(all, "lm_head.weight")
	if err := zoo.LoadWeights(net, m, all.names(), all.get); err != nil {
		t.Error(err)
	}
	set["tie"] = false
	if net, err = zoo.New("llama", rng.None(), p.in(16), 50, set); err != nil {
		t.Fatal(err)
	}
	if err := zoo.LoadWeights(net, m, all.names(), all.get); err == nil || !strings.Contains(err.Error(), "missing: lm_head.weight") {
		t.Errorf("error %v", err)
	}
}

// TestLlamaNames: the file of stories260K with the names of llama2.c gives the
// same network as with those of GGUF.
func TestLlamaNames(t *testing.T) {
	names := strings.NewReplacer(
		"token_embd", "tok_embeddings", "output_norm", "norm", "blk.", "layers.", "attn_norm", "attention_norm", "attn_output", "attention.wo",
		"attn_q", "attention.wq", "attn_k", "attention.wk", "attn_v", "attention.wv",
		"ffn_gate", "feed_forward.w1", "ffn_down", "feed_forward.w2", "ffn_up", "feed_forward.w3",
	)
	in := zoo.In{Type: ids(8), Vocab: []int{20}}
	set := map[string]any{"layers": 2, "heads": 4, "kv-heads": 2, "width": 16, "hidden": 24}
	build := func() nn.Layer {
		net, err := zoo.New("llama", rng.None(), in, 20, set)
		if err != nil {
			t.Fatal(err)
		}
		return net
	}
	gguf := box{"token_embd.weight": weight("e", tensor.Dims(20, 16)), "output_norm.weight": weight("n", tensor.Dims(16))}
	for i := range 2 {
		for part, dims := range map[string][]int{
			"attn_norm": {16}, "ffn_norm": {16}, "attn_q": {16, 16}, "attn_k": {8, 16}, "attn_v": {8, 16}, "attn_output": {16, 16},
			"ffn_gate": {24, 16}, "ffn_up": {24, 16}, "ffn_down": {16, 24},
		} {
			name := fmt.Sprintf("blk.%d.%s.weight", i, part)
			gguf[name] = weight(name, tensor.Dims(dims...))
		}
	}
	a, b := build(), build()
	other := gguf.renamed(names.Replace, func(string) bool { return false })
	other["freqs_cos"] = tensor.New(tensor.F32(8, 2))
	if err := errors.Join(
		zoo.LoadWeights(a, mapping(t, "llama", "gguf"), gguf.names(), gguf.get),
		zoo.LoadWeights(b, mapping(t, "llama", "llama2.c"), other.names(), other.get),
	); err != nil {
		t.Fatal(err)
	}
	for i, p := range nn.Params(a) {
		if q := nn.Params(b)[i]; p.Path != q.Path || !slices.Equal(p.Value.Floats(), q.Value.Floats()) {
			t.Errorf("%s differs", p.Path)
		}
	}
}

// TestMappingsAreWhole asks of each mapping that it names every parameter of each
// variant of its architecture, here with few channels, once.
func TestMappingsAreWhole(t *testing.T) {
	for _, name := range zoo.Names() {
		e, err := zoo.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range e.Weights {
			for _, v := range e.Variants {
				if len(m.Of) > 0 && !slices.Contains(m.Of, v.Name) {
					continue
				}
				net, err := zoo.New(e.Name, rng.None(), v.In, v.Out, narrow(e, m, v))
				if err != nil {
					t.Fatal(err)
				}
				err = zoo.LoadWeights(net, m, nil, nil)
				var fault *zoo.WeightsError
				if !errors.As(err, &fault) || len(fault.Missing) != len(nn.Params(net)) || strings.Contains(strings.Join(fault.Missing, ","), "no name") {
					t.Errorf("%s with the names of %s: %v", v.Name, m.Name, err)
				}
			}
		}
	}
}

// narrow is the settings of a variant for the weights of m, with few channels.
func narrow(e zoo.Entry, m zoo.Mapping, v zoo.Variant) map[string]any {
	set := map[string]any{}
	for name, standard := range e.Settings {
		if _, number := standard.(int); number && slices.Contains([]string{"width", "hidden", "heads", "kv-heads"}, name) {
			set[name] = map[string]int{"width": 8, "hidden": 8, "heads": 1, "kv-heads": 1}[name]
		}
	}
	for _, from := range []zoo.Settings{m.Settings, v.Settings} {
		for name, x := range from {
			if set[name] == nil && name != "padded" && (name != "collect" || x != "sentence") {
				set[name] = x
			}
		}
	}
	if e.Name == "u-net" && v.Settings["padded"] == true {
		set["padded"] = true
	}
	return set
}

// TestLayouts compares with the definition of each layout, index by index, for
// sizes around those of the blocks that are copied at once.
func TestLayouts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		in, out := 2*(1+r.IntN(40)), 3*(1+r.IntN(30))
		v := weight("x", tensor.Dims(out, in, 2, 3)) // [O I h w]
		for _, c := range []struct {
			layout zoo.Layout
			theirs tensor.Tensor
			ours   tensor.Shape
			at     func(i []int) int // in theirs of ours
		}{
			{zoo.Layout{Turned: true}, v, tensor.Dims(2, 3, in, out), func(i []int) int { return ((i[3]*in+i[2])*2+i[0])*3 + i[1] }},
			{zoo.Layout{Turned: true, Swapped: true}, v, tensor.Dims(2, 3, in, out), func(i []int) int { return ((i[3]*in+(i[2]+in/2)%in)*2+i[0])*3 + i[1] }},
			{zoo.Layout{Turned: true, Part: 1, Of: 3}, v, tensor.Dims(2, 3, in, out/3), func(i []int) int { return (((i[3]+out/3)*in+i[2])*2+i[0])*3 + i[1] }},
			{zoo.Layout{Part: 2, Of: 3}, reshape(t, v, 6*in, out), tensor.Dims(6*in, out/3), func(i []int) int { return i[0]*out + 2*out/3 + i[1] }},
			{zoo.Layout{Places: 6}, reshape(t, v, out, 6*in), tensor.Dims(6*in, out), func(i []int) int { return i[1]*6*in + i[0]%in*6 + i[0]/in }},
			{zoo.Layout{}, v, v.Shape(), func(i []int) int { return ((i[0]*in+i[1])*2+i[2])*3 + i[3] }},
		} {
			net := one{&nn.Param{Value: tensor.New(tensor.Type{DType: tensor.Float32, Shape: c.ours})}}
			m := zoo.Mapping{Name: "one", Rules: []zoo.Rule{{Ours: "p", Theirs: "x", Layout: c.layout}}}
			b := box{"x": c.theirs}
			err := zoo.LoadWeights(net, m, b.names(), b.get)
			if c.layout.Of > 0 { // the other parts are left over
				if err == nil || !strings.Contains(err.Error(), "of 3 of x") {
					t.Fatalf("%v: %v", c.layout, err)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			stride := c.ours.Strides()
			for k, got := range net.P.Value.Floats() {
				index := make([]int, c.ours.Rank())
				for a := range index {
					index[a] = k / stride[a] % c.ours.Dim(a)
				}
				if want := c.theirs.Floats()[c.at(index)]; math.Float32bits(got) != math.Float32bits(want) {
					t.Fatalf("%v of %v: %v is %v, want %v", c.layout, c.theirs.Shape(), index, got, want)
				}
			}
		}
	}
}
