package caffe

import (
	"strconv"
	"strings"
	"sync"
)

// schemaText is what of Caffe's caffe.proto the binary form is read by: for each
// message its fields as number, name and kind. The kinds are i an integer (also
// of truth values and enumerations), f a float, s a string, b a blob, - nothing
// that an answer depends on, and otherwise the name of a message. Numbers from
// 202 on are those of the branch of Liu et al., "SSD: Single Shot MultiBox
// Detector", 2016.
var schemaText = map[string]string{
	"net": `1 name s 2 layers layers 3 input s 4 input_dim i 5 force_backward - 6 state state
		7 debug_info - 8 input_shape shape 100 layer layer`,
	"state": `1 phase i 2 level i 3 stage s`,
	"rule":  `1 phase i 2 min_level i 3 max_level i 4 stage s 5 not_stage s`,
	"shape": `1 dim i`,
	"layer": `1 name s 2 type s 3 bottom s 4 top s 5 loss_weight - 6 param - 7 blobs b 8 include rule
		9 exclude rule 10 phase i 11 propagate_down - 100 transform_param transform 101 loss_param -
		102 accuracy_param - 103 argmax_param argmax 104 concat_param concat 105 contrastive_loss_param -
		106 convolution_param convolution 107 data_param - 108 dropout_param dropout 109 dummy_data_param -
		110 eltwise_param eltwise 111 exp_param exp 112 hdf5_data_param - 113 hdf5_output_param -
		114 hinge_loss_param - 115 image_data_param - 116 infogain_loss_param -
		117 inner_product_param inner 118 lrn_param lrn 119 memory_data_param memory 120 mvn_param mvn
		121 pooling_param pooling 122 power_param power 123 relu_param relu 124 sigmoid_param -
		125 softmax_param axis2 126 slice_param slice 127 tanh_param - 128 threshold_param threshold
		129 window_data_param - 131 prelu_param prelu 133 reshape_param reshape 134 log_param exp
		135 flatten_param flatten 136 reduction_param reduction 137 embed_param embed 138 tile_param tile
		139 batch_norm_param norm 140 elu_param elu 141 bias_param bias 142 scale_param scale
		143 input_param input 144 crop_param crop 145 parameter_param parameter 147 swish_param swish
		148 clip_param clip 202 permute_param permute 203 prior_box_param prior 206 norm_param normalize`,
	"layers": `1 layer v0 2 bottom s 3 top s 4 name s 5 type i 6 blobs b 7 blobs_lr - 8 weight_decay -
		9 concat_param concat 10 convolution_param convolution 11 data_param - 12 dropout_param dropout
		13 hdf5_data_param - 14 hdf5_output_param - 15 image_data_param - 16 infogain_loss_param -
		17 inner_product_param inner 18 lrn_param lrn 19 pooling_param pooling 20 window_data_param -
		21 power_param power 22 memory_data_param memory 23 argmax_param argmax 24 eltwise_param eltwise
		25 threshold_param threshold 26 dummy_data_param - 27 accuracy_param - 29 hinge_loss_param -
		30 relu_param relu 31 slice_param slice 32 include rule 33 exclude rule 34 mvn_param mvn
		35 loss_weight - 36 transform_param transform 37 tanh_param - 38 sigmoid_param - 39 softmax_param axis2
		40 contrastive_loss_param - 41 exp_param exp 42 loss_param - 1001 param - 1002 blob_share_mode -`,
	"v0":     ``,
	"argmax": `1 out_max_val i 2 top_k i 3 axis i`,
	"axis2":  `1 engine - 2 axis i`,
	"bias":   `1 axis i 2 num_axes i 3 filler -`,
	"clip":   `1 min f 2 max f`,
	"concat": `1 concat_dim i 2 axis i`,
	"convolution": `1 num_output i 2 bias_term i 3 pad i 4 kernel_size i 5 group i 6 stride i 7 weight_filler -
		8 bias_filler - 9 pad_h i 10 pad_w i 11 kernel_h i 12 kernel_w i 13 stride_h i 14 stride_w i
		15 engine - 16 axis i 17 force_nd_im2col - 18 dilation i`,
	"crop":      `1 axis i 2 offset i`,
	"dropout":   `1 dropout_ratio f`,
	"eltwise":   `1 operation i 2 coeff f 3 stable_prod_grad -`,
	"elu":       `1 alpha f`,
	"embed":     `1 num_output i 2 input_dim i 3 bias_term i 4 weight_filler - 5 bias_filler -`,
	"exp":       `1 base f 2 scale f 3 shift f`,
	"flatten":   `1 axis i 2 end_axis i`,
	"inner":     `1 num_output i 2 bias_term i 3 weight_filler - 4 bias_filler - 5 axis i 6 transpose i`,
	"input":     `1 shape shape`,
	"lrn":       `1 local_size i 2 alpha f 3 beta f 4 norm_region i 5 k f 6 engine -`,
	"memory":    `1 batch_size i 2 channels i 3 height i 4 width i`,
	"mvn":       `1 normalize_variance i 2 across_channels i 3 eps f`,
	"norm":      `1 use_global_stats i 2 moving_average_fraction - 3 eps f`,
	"normalize": `1 across_spatial i 2 scale_filler - 3 channel_shared i 4 eps f`,
	"parameter": `1 shape shape`,
	"permute":   `1 order i`,
	"pooling": `1 pool i 2 kernel_size i 3 stride i 4 pad i 5 kernel_h i 6 kernel_w i 7 stride_h i 8 stride_w i
		9 pad_h i 10 pad_w i 11 engine - 12 global_pooling i 13 round_mode i`,
	"power": `1 power f 2 scale f 3 shift f`,
	"prelu": `1 filler - 2 channel_shared i`,
	"prior": `1 min_size f 2 max_size f 3 aspect_ratio f 4 flip i 5 clip i 6 variance f 7 img_size i 8 img_h i
		9 img_w i 10 step f 11 step_h f 12 step_w f 13 offset f`,
	"reduction": `1 operation i 2 axis i 3 coeff f`,
	"relu":      `1 negative_slope f 2 engine -`,
	"reshape":   `1 shape shape 2 axis i 3 num_axes i`,
	"scale":     `1 axis i 2 num_axes i 3 filler - 4 bias_term i 5 bias_filler -`,
	"slice":     `1 slice_dim i 2 slice_point i 3 axis i`,
	"swish":     `1 beta f`,
	"transform": `1 scale f 2 mirror - 3 crop_size - 4 mean_file s 5 mean_value f 6 force_color - 7 force_gray -`,
	"threshold": `1 threshold f`,
	"tile":      `1 axis i 2 tiles i`,
}

// fieldDef is a field of a message in binary form.
type fieldDef struct{ name, kind string }

// schema is schemaText, read.
var schema = sync.OnceValue(func() map[string]map[int32]fieldDef {
	all := make(map[string]map[int32]fieldDef, len(schemaText))
	for message, text := range schemaText {
		words := strings.Fields(text)
		defs := make(map[int32]fieldDef, len(words)/3)
		for i := 0; i+2 < len(words); i += 3 {
			n, _ := strconv.Atoi(words[i])
			defs[int32(n)] = fieldDef{words[i+1], words[i+2]}
		}
		all[message] = defs
	}
	return all
})

// layerTypes is the names of the layer types that version 1 numbers. In its text
// form they are written in capitals.
var layerTypes = map[int64][2]string{
	1: {"ACCURACY", "Accuracy"}, 2: {"BNLL", "BNLL"}, 3: {"CONCAT", "Concat"}, 4: {"CONVOLUTION", "Convolution"},
	5: {"DATA", "Data"}, 6: {"DROPOUT", "Dropout"}, 7: {"EUCLIDEAN_LOSS", "EuclideanLoss"}, 8: {"FLATTEN", "Flatten"},
	9: {"HDF5_DATA", "HDF5Data"}, 10: {"HDF5_OUTPUT", "HDF5Output"}, 11: {"IM2COL", "Im2col"},
	12: {"IMAGE_DATA", "ImageData"}, 13: {"INFOGAIN_LOSS", "InfogainLoss"}, 14: {"INNER_PRODUCT", "InnerProduct"},
	15: {"LRN", "LRN"}, 16: {"MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"}, 17: {"POOLING", "Pooling"},
	18: {"RELU", "ReLU"}, 19: {"SIGMOID", "Sigmoid"}, 20: {"SOFTMAX", "Softmax"}, 21: {"SOFTMAX_LOSS", "SoftmaxWithLoss"},
	22: {"SPLIT", "Split"}, 23: {"TANH", "TanH"}, 24: {"WINDOW_DATA", "WindowData"}, 25: {"ELTWISE", "Eltwise"},
	26: {"POWER", "Power"}, 27: {"SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"},
	28: {"HINGE_LOSS", "HingeLoss"}, 29: {"MEMORY_DATA", "MemoryData"}, 30: {"ARGMAX", "ArgMax"},
	31: {"THRESHOLD", "Threshold"}, 32: {"DUMMY_DATA", "DummyData"}, 33: {"SLICE", "Slice"}, 34: {"MVN", "MVN"},
	35: {"ABSVAL", "AbsVal"}, 36: {"SILENCE", "Silence"}, 37: {"CONTRASTIVE_LOSS", "ContrastiveLoss"},
	38: {"EXP", "Exp"}, 39: {"DECONVOLUTION", "Deconvolution"},
}
