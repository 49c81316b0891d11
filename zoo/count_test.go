package zoo_test

import (
	"testing"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// published is parameters and multiply-accumulates of convolutions and linear maps
// for one example. Those of AlexNet, VGG, ResNet-18 to 152, SqueezeNet and
// MobileNetV2 are torchvision's (num_params and _ops of its weights, where it has
// these, exact where it rounds); the other parameters are those of PyTorch's
// modules in testdata/peers.py and of transformers' models, and their products
// were counted with hooks on these modules. LeNet-5 of 1998 has the paper's 60,000
// trained numbers and, in the place of its radial basis functions, 84·10 + 10;
// products with the weights that its table leaves out count.
var published = map[string]struct {
	params int
	macs   int64
}{
	"lenet-5":           {61_706, 416_520},
	"lenet-5-1998":      {60_000 + 850, 416_520},
	"alexnet":           {61_100_840, 714_188_480},
	"alexnet-2012":      {60_965_224, 724_406_816},
	"vgg-11":            {132_863_336, 7_609_090_048},
	"vgg-11-bn":         {132_868_840, 7_609_090_048},
	"vgg-13":            {133_047_848, 11_308_466_176},
	"vgg-13-bn":         {133_053_736, 11_308_466_176},
	"vgg-16":            {138_357_544, 15_470_264_320},
	"vgg-16-bn":         {138_365_992, 15_470_264_320},
	"vgg-19":            {143_667_240, 19_632_062_464},
	"vgg-19-bn":         {143_678_248, 19_632_062_464},
	"resnet-18":         {11_689_512, 1_814_073_344},
	"resnet-34":         {21_797_672, 3_663_761_408},
	"resnet-50":         {25_557_032, 4_089_184_256},
	"resnet-101":        {44_549_160, 7_801_405_440},
	"resnet-152":        {60_192_808, 11_513_626_624},
	"resnet-20":         {269_722, 40_551_040},
	"resnet-32":         {464_154, 68_862_592},
	"resnet-44":         {658_586, 97_174_144},
	"resnet-56":         {853_018, 125_485_696},
	"resnet-110":        {1_727_962, 252_887_680},
	"squeezenet-1.0":    {1_248_424, 818_924_576},
	"squeezenet-1.1":    {1_235_496, 349_151_936},
	"mobilenet-v2":      {3_504_872, 300_774_272},
	"mobilenet-v2-0.75": {2_636_424, 209_069_792},
	"mobilenet-v2-1.4":  {6_108_776, 582_195_824},
	"u-net":             {31_030_658, 150_428_424_448},
	"u-net-padded":      {31_037_698, 451_608_576_000},
	"u-net-brain":       {7_763_041, 12_071_206_912},
	"bert-base":         {109_483_778, 43_487_135_232},
	"bert-large":        {335_143_938, 154_619_873_280},
	"minilm-l6":         {22_565_376, 5_435_817_984},
	"gpt-2":             {124_439_808, 1024 * (12*12*768*768 + 50257*768)},
	"gpt-2-medium":      {354_823_168, 1024 * (24*12*1024*1024 + 50257*1024)},
	"gpt-2-large":       {774_030_080, 1024 * (36*12*1280*1280 + 50257*1280)},
	"stories-260k":      {260_032, 132_775_936},
	"stories-15m":       {15_191_712, 3_888_119_808},
	"stories-42m":       {41_689_600, 42_681_237_504},
	"stories-110m":      {109_529_856, 112_138_911_744},
}

// TestPublishedCounts builds every variant, without weights, and counts.
func TestPublishedCounts(t *testing.T) {
	counted := 0
	for _, name := range zoo.Names() {
		e, err := zoo.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range e.Variants {
			n := measure(t, v)
			want, ok := published[v.Name]
			if !ok || n.Params != want.params || n.MACs != want.macs {
				t.Errorf("%s has %d parameters and %d products, want %+v", v.Name, n.Params, n.MACs, want)
			}
			counted++
		}
	}
	if counted != len(published) {
		t.Errorf("%d variants, figures for %d", counted, len(published))
	}
}

// measured is what measure counted before.
var measured = map[string]zoo.Count{}

// measure counts what a variant has, as it was published.
func measure(t *testing.T, v zoo.Variant) zoo.Count {
	t.Helper()
	if n, ok := measured[v.Name]; ok {
		return n
	}
	net, err := zoo.New(v.Name, rng.None(), v.In, v.Out, v.Settings)
	if err != nil {
		t.Fatal(err)
	}
	n, err := zoo.Measure(net, tensor.Type{DType: v.In.DType, Shape: tensor.Dims(append([]int{1}, v.In.Shape.Dims()...)...)})
	if err != nil {
		t.Fatal(v.Name, err)
	}
	measured[v.Name] = n
	return n
}

// TestMeasure counts by hand: a batch counts as one example, buffers apart, and a
// transposed convolution as the convolution that it turns round.
func TestMeasure(t *testing.T) {
	net, err := zoo.New("u-net", rng.None(), zoo.Image(tensor.Dims(4, 4, 1)), 3, map[string]any{"width": 2, "levels": 1, "padded": true, "norm": true})
	if err != nil {
		t.Fatal(err)
	}
	n, err := zoo.Measure(net, tensor.F32(5, 4, 4, 1))
	if err != nil {
		t.Fatal(err)
	}
	params := 9*(1*2+2*2+2*4+4*4+4*2+2*2) + 2*(2+2+4+4+2+2) + (4*4*2 + 2) + (2*3 + 3)
	macs := 16*9*(1*2+2*2) + 4*9*(2*4+4*4) + 4*4*4*2 + 16*9*(4*2+2*2) + 16*2*3
	if want := (zoo.Count{Params: params, Buffers: 2 * 16, MACs: int64(macs)}); n != want {
		t.Errorf("%+v, want %+v", n, want)
	}
}
