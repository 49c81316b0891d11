package lower_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// refusal is a node that must be refused, with a message that holds want.
type refusal struct {
	op    string
	opset int64
	in    []tensor.Type
	attrs []onnx.Attr
	want  string
}

// check runs the node on zeros. The operands are fed, not known.
func (r refusal) check(t *testing.T, pool *exec.Pool) {
	t.Helper()
	b := onnx.NewBuilder("refused")
	in := map[string]tensor.Tensor{}
	var names []string
	for i, typ := range r.in {
		e, ok := onnx.ElemOf(typ.DType)
		if !ok {
			t.Fatalf("%v has no number", typ)
		}
		name := string(rune('a' + i))
		names = append(names, b.Input(name, e))
		in[name] = tensor.New(typ)
	}
	y := b.Add(r.op, names, r.attrs...)
	b.OutputAny(y, onnx.ElemNone)
	m, err := b.Model(r.opset)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Graph.Inputs {
		p.Type = nil
	}
	s, err := lower.NewSession(m, lower.Options{Pool: pool, MaxElements: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Run(t.Context(), in)
	if err == nil || !strings.Contains(err.Error(), r.want) || !strings.Contains(err.Error(), r.op) {
		t.Errorf("%s: error %v, want one with %q", r.op, err, r.want)
	}
}

func refuse(t *testing.T, all []refusal) {
	t.Helper()
	pool := exec.NewPool(0)
	defer pool.Close()
	for _, r := range all {
		r.check(t, pool)
	}
}

func ints64(dims ...int) tensor.Type {
	return tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(dims...)}
}

// TestWindowsRefused: windows and operands of convolutions and pools that do not fit.
func TestWindowsRefused(t *testing.T) {
	x, w := tensor.F32(1, 2, 5, 5), tensor.F32(3, 2, 3, 3)
	conv := func(want string, attrs ...onnx.Attr) refusal {
		return refusal{"Conv", 11, []tensor.Type{x, w}, attrs, want}
	}
	pool := func(op, want string, attrs ...onnx.Attr) refusal {
		return refusal{op, 11, []tensor.Type{x}, attrs, want}
	}
	refuse(t, []refusal{
		conv("strides", onnx.Ints("strides", 0, 1)),
		conv("strides", onnx.Ints("strides", 1)),
		conv("strides", onnx.Ints("strides", 1<<40, 1)),
		conv("dilations", onnx.Ints("dilations", 1, -1)),
		conv("pads", onnx.Ints("pads", 0, 0, -1, 0)),
		conv("at most", onnx.Ints("pads", 1<<20, 1<<20, 1<<20, 1<<20)),
		conv("does not fit", onnx.Ints("dilations", 3, 3)),
		conv("kernel_shape", onnx.Ints("kernel_shape", 3, 2)),
		conv("group", onnx.Int("group", 0)),
		conv("groups", onnx.Int("group", 2)),
		conv("auto_pad", onnx.String("auto_pad", "SAME")),
		{"Conv", 11, []tensor.Type{tensor.F32(1, 2), tensor.F32(3, 2)}, nil, "[N C spatial…]"},
		{"Conv", 11, []tensor.Type{x, tensor.F32(3, 2, 3)}, nil, "[N C spatial…]"},
		{"Conv", 11, []tensor.Type{x, tensor.F32(3, 1, 3, 3)}, nil, "channels"},
		{"Conv", 11, []tensor.Type{x, w, tensor.F32(4)}, nil, "bias"},
		{"ConvTranspose", 11, []tensor.Type{x, tensor.F32(2, 3, 3, 3)}, []onnx.Attr{onnx.Ints("pads", 4, 4, 4, 4)}, "size -1"},
		{"ConvTranspose", 11, []tensor.Type{x, tensor.F32(2, 3, 3, 3)}, []onnx.Attr{onnx.Ints("output_shape", 5, -5)}, "output_shape"},
		{"ConvTranspose", 11, []tensor.Type{x, tensor.F32(2, 3, 3, 3)}, []onnx.Attr{onnx.Ints("output_shape", 1<<20, 1<<20)}, "at most"},
		pool("MaxPool", "kernel_shape"),
		pool("MaxPool", "kernel_shape", onnx.Ints("kernel_shape", 0, 2)),
		pool("MaxPool", "does not fit", onnx.Ints("kernel_shape", 6, 2)),
		pool("AveragePool", "does not fit", onnx.Ints("kernel_shape", 2, 6)),
		pool("AveragePool", "strides", onnx.Ints("kernel_shape", 2, 2), onnx.Ints("strides", -1, 1)),
		pool("LpPool", "\"p\"", onnx.Ints("kernel_shape", 2, 2), onnx.Int("p", 0)),
		{"MaxPool", 11, []tensor.Type{tensor.F32(2, 3)}, []onnx.Attr{onnx.Ints("kernel_shape", 2)}, "[N C spatial…]"},
		{"MaxUnpool", 11, []tensor.Type{x, ints64(1, 2, 5)}, []onnx.Attr{onnx.Ints("kernel_shape", 2, 2)}, "as many places"},
		{"MaxUnpool", 11, []tensor.Type{x, ints64(1, 2, 5, 5)}, []onnx.Attr{onnx.Ints("kernel_shape", 1<<20, 1<<20)}, "more than"},
		{"MaxRoiPool", 1, []tensor.Type{x, tensor.F32(2, 4)}, []onnx.Attr{onnx.Ints("pooled_shape", 2, 2)}, "[R 5]"},
		{"RoiAlign", 16, []tensor.Type{x, tensor.F32(2, 4), ints64(3)}, nil, "[R 4]"},
		{"RoiAlign", 16, []tensor.Type{x, tensor.F32(2, 4), ints64(2)}, []onnx.Attr{onnx.Int("output_height", 0)}, "output_height"},
		{"RoiAlign", 16, []tensor.Type{x, tensor.F32(2, 4), ints64(2)}, []onnx.Attr{onnx.Int("sampling_ratio", 1<<20)}, "more than"},
		{"RoiAlign", 16, []tensor.Type{x, tensor.F32(2, 4), ints64(2)}, []onnx.Attr{onnx.String("mode", "sum")}, "avg or max"},
		{"RoiAlign", 16, []tensor.Type{x, tensor.F32(2, 4), ints64(2)}, []onnx.Attr{onnx.String("coordinate_transformation_mode", "asymmetric")}, "half_pixel"},
		{"DeformConv", 19, []tensor.Type{x, w, tensor.F32(1, 18, 3, 4)}, nil, "offsets"},
		{"DeformConv", 19, []tensor.Type{x, w, tensor.F32(1, 18, 3, 3)}, []onnx.Attr{onnx.Int("offset_group", 3)}, "offsets"},
	})
}

// TestNormsRefused: normalisations and losses of operands that do not fit.
func TestNormsRefused(t *testing.T) {
	x, c := tensor.F32(2, 4, 3), tensor.F32(4)
	refuse(t, []refusal{
		{"BatchNormalization", 9, []tensor.Type{x, c, c, c, tensor.F32(3)}, nil, "want 4 elements"},
		{"BatchNormalization", 9, []tensor.Type{x, c, c, c, c}, []onnx.Attr{onnx.Float("epsilon", -1)}, "epsilon"},
		{"InstanceNormalization", 6, []tensor.Type{tensor.F32(2, 4), c, c}, nil, "[N C spatial…]"},
		{"LayerNormalization", 17, []tensor.Type{x, tensor.F32(3)}, []onnx.Attr{onnx.Int("axis", 3)}, "axis 3"},
		{"LayerNormalization", 17, []tensor.Type{x, tensor.F32(5)}, nil, "mul"},
		{"GroupNormalization", 21, []tensor.Type{x, c, c}, []onnx.Attr{onnx.Int("num_groups", 3)}, "3 groups"},
		{"GroupNormalization", 18, []tensor.Type{x, c, c}, []onnx.Attr{onnx.Int("num_groups", 2)}, "want [2]"},
		{"LRN", 13, []tensor.Type{x}, []onnx.Attr{onnx.Int("size", 0)}, "0 neighbours"},
		{"Softmax", 13, []tensor.Type{x}, []onnx.Attr{onnx.Int("axis", -4)}, "axis -4"},
		{"Softmax", 11, []tensor.Type{x}, []onnx.Attr{onnx.Int("axis", 4)}, "axis 4"},
		{"MeanVarianceNormalization", 13, []tensor.Type{x}, nil, "axis 3"},
		{"SoftmaxCrossEntropyLoss", 13, []tensor.Type{x, ints64(2, 4)}, nil, "labels"},
		{"NegativeLogLikelihoodLoss", 13, []tensor.Type{x, ints64(2, 3), c}, []onnx.Attr{onnx.String("reduction", "max")}, "reduction"},
		{"NegativeLogLikelihoodLoss", 13, []tensor.Type{x, ints64(2, 3), tensor.F32(3)}, nil, "weights"},
	})
}
