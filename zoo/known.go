package zoo

import (
	"fmt"

	"github.com/ihae/ihae/data"
)

// knownFile is a public model: how it is fed, and what its classes are.
type knownFile struct {
	name   string
	input  data.Input
	labels func() []string
}

// knownFiles is public models by the SHA-256 of their files.
var knownFiles = map[string]knownFile{
	"0fccde009e25d24dd3f0a8a6ccca04346d240a2bf04d8f36581071236f6d878c": squeezeNet,
	"21f25e3d9254af93e6218a359469fac714a017b3f9035c0f5c4acbf9a3ff7233": squeezeNet,
	"3576966a106aa083ac8cdb4ed0a77a1a55c451fd49beb2373f40dc640e57708e": mobileNet,
	"71e036c8e68f0e3e602811bd7ba1f4392df9e06c15bbc886394bc7dc91303543": mobileNet,
	"bd5891fdd7987910bfc3d8fc9a697a88e48309e26e529faa87931fba52904fe8": mnistCNTK,
	"59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e": emotions,
	"12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8": resNet20,
}

// sizes is those of the known files, in bytes: others need not be summed.
var sizes = map[int64]bool{4955097: true, 2484091: true, 13990335: true, 3659538: true, 26627: true, 872856: true, 1099231: true}

// squeezeNet is SqueezeNet 1.1 as Windows' samples have it: blue first, 0 to 255
// (Iandola et al., 2016).
var squeezeNet = knownFile{
	"SqueezeNet 1.1, ImageNet",
	data.Input{Name: "data_0", Kind: data.KindImage, Width: 224, Height: 224, Channels: 3, Crop: 1, Order: "BGR", Layout: "NCHW", Scale: 1},
	imageNet,
}

// mobileNet is torchvision's MobileNetV2 (Sandler et al., 2018).
var mobileNet = knownFile{
	"MobileNetV2, ImageNet",
	data.Input{
		Name: "input", Kind: data.KindImage, Width: 224, Height: 224, Channels: 3, Crop: 1, Order: "RGB", Layout: "NCHW",
		Mean: []float64{0.485, 0.456, 0.406}, Deviation: []float64{0.229, 0.224, 0.225},
	},
	imageNet,
}

// mnistCNTK is the convolutional network of CNTK's tutorial: white on black.
var mnistCNTK = knownFile{
	"CNTK's network for MNIST",
	data.Input{Name: "Input3", Kind: data.KindImage, Width: 28, Height: 28, Channels: 1, Layout: "NCHW", Scale: 1},
	func() []string {
		var digits []string
		for d := range 10 {
			digits = append(digits, fmt.Sprint(d))
		}
		return digits
	},
}

// emotions is mini_XCEPTION on FER2013 (Arriaga et al., 2017): grey, -1 to 1.
var emotions = knownFile{
	"mini_XCEPTION, FER2013",
	data.Input{Name: "input_1", Kind: data.KindImage, Width: 64, Height: 64, Channels: 1, Layout: "NHWC", Mean: []float64{0.5}, Deviation: []float64{0.5}},
	func() []string { return []string{"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"} },
}

// resNet20 is the weights of a ResNet-20 for CIFAR-10 (He et al., 2015, section 4.2)
// that are in wide use, as they come in the network of that name: its input is ours.
var resNet20 = knownFile{
	"ResNet-20, CIFAR-10",
	data.Input{
		Name: "input", Kind: data.KindImage, Width: 32, Height: 32, Channels: 3, Order: "RGB", Layout: "NHWC",
		Mean: []float64{0.485, 0.456, 0.406}, Deviation: []float64{0.229, 0.224, 0.225},
	},
	func() []string {
		return []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	},
}

func imageNet() []string {
	list, err := Labels("imagenet")
	if err != nil {
		panic(err) // the list is part of the program
	}
	return list
}
