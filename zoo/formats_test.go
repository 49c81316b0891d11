package zoo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/gguf"
	"github.com/ihae/ihae/format/torch"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// sameWeights asks that a network filled from names and get has the numbers of
// net.
func sameWeights(t *testing.T, net nn.Layer, arch, mappingName string, in zoo.In, out int, names []string, get func(string) (tensor.Tensor, error)) {
	t.Helper()
	m := mapping(t, arch, mappingName)
	other, err := zoo.New(arch, rng.None(), in, out, m.Settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := zoo.LoadWeights(other, m, names, get); err != nil {
		t.Fatal(err)
	}
	for i, p := range nn.Params(net) {
		if q := nn.Params(other)[i]; p.Path != q.Path || !slices.Equal(p.Value.Floats(), q.Value.Floats()) {
			t.Errorf("%s differs", p.Path)
		}
	}
}

// TestStoriesFromGGUF: the original file of stories260K gives the numbers of that
// in safetensors.
func TestStoriesFromGGUF(t *testing.T) {
	in := zoo.In{Type: ids(512), Vocab: []int{512}}
	net := filled(t, shared(t, "models", "llama-stories260K", "stories260K.safetensors"), "stories-260k", "gguf", in, 512)
	f, err := gguf.Open(shared(t, "models", "llama-stories260K", "stories260K.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var names []string
	for _, e := range f.Tensors {
		names = append(names, e.Name)
	}
	sameWeights(t, net, "stories-260k", "gguf", in, 512, names, f.Floats)
}

// TestResNet20FromPyTorch: the original file of ResNet-20, which PyTorch saved
// with "state_dict." and "module." before the names, gives the numbers of that in
// safetensors.
func TestResNet20FromPyTorch(t *testing.T) {
	in := zoo.Image(tensor.Dims(32, 32, 3))
	net := filled(t, shared(t, "models", "cifar10-resnet20-pytorch", "resnet20_cifar10.safetensors"), "resnet-20", "pytorch_resnet_cifar10", in, 10)
	f, err := torch.Open(shared(t, "models", "cifar10-resnet20-pytorch", "resnet20-12fca82f.th"), torch.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const under = "state_dict."
	var names []string
	for _, name := range f.Names() {
		if bare, ok := strings.CutPrefix(name, under); ok {
			names = append(names, bare)
		}
	}
	sameWeights(t, net, "resnet-20", "pytorch_resnet_cifar10", in, 10, names, func(name string) (tensor.Tensor, error) {
		return f.Tensor(under + name)
	})
}
