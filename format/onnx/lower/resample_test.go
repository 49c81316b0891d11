package lower_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// resizeModel is a Resize of x [1 C H W] to a height and width.
func resizeModel(t *testing.T, x tensor.Type, h, w int64, attrs ...onnx.Attr) *onnx.Model {
	t.Helper()
	b := onnx.NewBuilder("resize")
	b.Input("x", onnx.ElemNone)
	sizes := b.Ints("sizes", int64(x.Shape.Dim(0)), int64(x.Shape.Dim(1)), h, w)
	b.AddAs("y", "Resize", []string{"x", "", "", sizes}, attrs...)
	b.OutputAny("y", onnx.ElemNone)
	m, err := b.Model(18)
	if err != nil {
		t.Fatal(err)
	}
	m.Graph.Inputs[0].Type = nil
	return m
}

// TestResizeOperations: what a resize is made of follows from its sizes.
func TestResizeOperations(t *testing.T) {
	mode := func(m string) onnx.Attr { return onnx.String("mode", m) }
	asymmetric := onnx.String("coordinate_transformation_mode", "asymmetric")
	x := tensor.F32(1, 3, 8, 12)
	for _, c := range []struct {
		h, w  int64
		attrs []onnx.Attr
		want  string
	}{
		{16, 36, []onnx.Attr{mode("nearest")}, "broadcast-in-dim broadcast-in-dim"},
		{4, 4, []onnx.Attr{mode("nearest"), asymmetric}, "slice slice"},
		{4, 5, []onnx.Attr{mode("nearest"), asymmetric}, "gather slice"},
		{16, 12, []onnx.Attr{mode("linear")}, "gather gather"},
		{2, 3, []onnx.Attr{mode("linear"), onnx.Int("antialias", 1)}, "dot-general dot-general"},
		{8, 12, []onnx.Attr{mode("cubic")}, ""},
	} {
		m := resizeModel(t, x, c.h, c.w, c.attrs...)
		l, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"x": x}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range graph.Reachable(l.Outputs) {
			body, ok := n.Op().(graph.Bodied)
			if !ok {
				continue
			}
			for _, inner := range graph.Reachable(body.Bodies()[0].Out) {
				switch name := inner.Op().Name(); name {
				case "gather", "slice", "dot-general":
					got = append(got, name)
				case "broadcast-in-dim":
					if inner.OutTypes()[0].Shape.Rank() == 5 { // others spread weights
						got = append(got, name)
					}
				}
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%d x %d %v is made of %q, want %q", c.h, c.w, c.attrs, s, c.want)
		}
	}
}

// TestResizeOfPlanes: linear interpolation and cubic interpolation with a of -0.5
// keep what is linear in the coordinates, away from the ends (Keys, 1981).
func TestResizeOfPlanes(t *testing.T) {
	pool := exec.NewPool(0)
	defer pool.Close()
	x := tensor.New(tensor.F32(1, 1, 12, 10))
	for i := range 12 {
		for j := range 10 {
			x.Floats()[10*i+j] = float32(2*i - 3*j)
		}
	}
	for _, mode := range []string{"linear", "cubic"} {
		m := resizeModel(t, x.Type(), 30, 7, onnx.String("mode", mode), onnx.Float("cubic_coeff_a", -0.5))
		s, err := lower.NewSession(m, lower.Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": x})
		if err != nil {
			t.Fatal(err)
		}
		for i := 6; i < 24; i++ {
			for j := 2; j < 5; j++ {
				want := 2*((float64(i)+0.5)*12/30-0.5) - 3*((float64(j)+0.5)*10/7-0.5)
				if got := float64(out["y"].Floats()[7*i+j]); math.Abs(got-want) > 1e-4 {
					t.Fatalf("%s at %d, %d is %v, want %v", mode, i, j, got, want)
				}
			}
		}
	}
}

// TestResamplingRefused: scales, sizes, grids and modes that do not fit.
func TestResamplingRefused(t *testing.T) {
	x, none := tensor.F32(1, 2, 4, 4), tensor.F32(0)
	sizes := func(n int) []tensor.Type { return []tensor.Type{x, none, none, ints64(n)} }
	refuse(t, []refusal{
		{"Resize", 13, []tensor.Type{x, none, tensor.F32(4)}, nil, "cannot be scaled by 0"},
		{"Resize", 13, []tensor.Type{x, none, tensor.F32(3)}, nil, "3 scales for 4 axes"},
		{"Resize", 13, []tensor.Type{x, none, none}, nil, "either scales or sizes"},
		{"Resize", 13, []tensor.Type{x, none, tensor.F32(4), ints64(4)}, nil, "either scales or sizes"},
		{"Resize", 13, sizes(3), nil, "3 sizes for 4 axes"},
		{"Resize", 18, sizes(1), []onnx.Attr{onnx.Ints("axes", 4)}, "axis 4"},
		{"Resize", 18, sizes(2), []onnx.Attr{onnx.Ints("axes", 3, -1)}, "twice"},
		{"Resize", 18, sizes(1), []onnx.Attr{onnx.Ints("axes", 3), onnx.String("keep_aspect_ratio_policy", "keep")}, "keep_aspect_ratio_policy"},
		{"Resize", 18, sizes(1), []onnx.Attr{onnx.Ints("axes", 3), onnx.String("coordinate_transformation_mode", "tf_crop_and_resize")}, "region"},
		{"Upsample", 9, []tensor.Type{x, tensor.F32(2)}, nil, "2 scales for 4 axes"},
		{"GridSample", 16, []tensor.Type{x, tensor.F32(1, 3, 3, 3)}, nil, "grid"},
		{"GridSample", 16, []tensor.Type{x, tensor.F32(2, 3, 3, 2)}, nil, "grid"},
		{"GridSample", 16, []tensor.Type{tensor.F32(1, 2, 0, 4), tensor.F32(1, 3, 3, 2)}, nil, "nothing to sample"},
		{"GridSample", 16, []tensor.Type{x, tensor.F32(1, 3, 3, 2)}, []onnx.Attr{onnx.String("mode", "spline")}, "mode"},
		{"GridSample", 16, []tensor.Type{x, tensor.F32(1, 3, 3, 2)}, []onnx.Attr{onnx.String("padding_mode", "wrap")}, "padding_mode"},
		{"AffineGrid", 20, []tensor.Type{tensor.F32(2, 2, 3), ints64(4)}, nil, "maps"},
	})
	pool := exec.NewPool(0)
	defer pool.Close()
	for want, c := range map[string]struct {
		h, w int64
		attr onnx.Attr
	}{
		"cannot be resized to -1": {-1, 4, onnx.String("mode", "nearest")},
		"more than":               {1 << 20, 1 << 20, onnx.String("mode", "nearest")},
		"mode":                    {5, 4, onnx.String("mode", "spline")},
		"nearest_mode":            {5, 4, onnx.String("nearest_mode", "up")},
		"transformation":          {5, 4, onnx.String("coordinate_transformation_mode", "odd")},
	} {
		s, err := lower.NewSession(resizeModel(t, x, c.h, c.w, c.attr), lower.Options{Pool: pool, MaxElements: 1 << 24})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": tensor.New(x)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestCropsOfNothing: a crop that lies outside, where what is outside is left out of
// sums, is the value for that; one that has no place is 0.
func TestCropsOfNothing(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		region []float32
		want   float32
	}{{[]float32{50, 60}, 9}, {[]float32{-60, -50}, 9}, {[]float32{nan, nan}, 0}} {
		m := oneNode(t, "Resize", 19, []any{tensor.F32(2), tensor.From(tensor.Dims(2), c.region), nil, numbers(3)},
			onnx.String("mode", "linear"), onnx.Int("exclude_outside", 1), onnx.Float("extrapolation_value", 9),
			onnx.String("coordinate_transformation_mode", "tf_crop_and_resize"))
		y, err := run(t, m, map[string]tensor.Tensor{"a": tensor.From(tensor.Dims(2), []float32{1, 2})})
		if err != nil {
			t.Fatal(err)
		}
		if got := y["Resize"].Floats(); !slices.Equal(got, []float32{c.want, c.want, c.want}) {
			t.Errorf("region %v: %v, want %v", c.region, got, c.want)
		}
	}
}

// TestLongAxesResized: a ramp of 2^17 places shrunk to 2^11 is a ramp of the middles of
// 64 places, without a matrix of 2^28 numbers. What needs larger tables is refused.
func TestLongAxesResized(t *testing.T) {
	linear, smooth := onnx.String("mode", "linear"), onnx.Int("antialias", 1)
	const in, out = 1 << 17, 1 << 11
	x := tensor.New(tensor.F32(1, 1, in, 1))
	for i := range x.Floats() {
		x.Floats()[i] = float32(i)
	}
	m := resizeModel(t, x.Type(), out, 1, linear, smooth)
	g, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"x": x.Type()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range graph.Reachable(g.Outputs[0].Op().(graph.Call).Body.Out) {
		if s := n.OutTypes()[0]; s.Shape.Size() > in {
			t.Errorf("%s is %v", n.Op().Name(), s)
		}
	}
	y, err := run(t, m, map[string]tensor.Tensor{"x": x})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range y["y"].Floats()[1 : out-1] {
		if want := (float64(i)+1.5)*64 - 0.5; math.Abs(float64(v)-want) > 1e-6*in {
			t.Fatalf("place %d is %v, want %v", i+1, v, want)
		}
	}
	for want, c := range map[string]struct {
		in, out int
		attrs   []onnx.Attr
	}{
		"a table":  {1, 1<<26 + 1, []onnx.Attr{linear}},
		"a sum of": {1 << 20, 1 << 8, []onnx.Attr{linear, smooth}},
	} {
		x := tensor.F32(1, 1, c.in, 1)
		_, err := lower.Lower(resizeModel(t, x, int64(c.out), 1, c.attrs...), lower.Binding{Types: map[string]tensor.Type{"x": x}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d to %d: %v, want an error with %q", c.in, c.out, err, want)
		}
	}
}
