package caffe

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/tensor"
)

// TestWindowsThatBeginBehindTheEnd: with padding, Caffe leaves out windows that
// begin behind the end of the blob. Of a size of 5, windows of 2 at every 3 with
// a padding of 1 begin at -1 and 2, and would at 5. The means divide by the
// padding, too; where the size is open, the operator would keep the third.
func TestWindowsThatBeginBehindTheEnd(t *testing.T) {
	text := []byte(`input: "x" input_shape { dim: 1 dim: 1 dim: 5 dim: 5 }
		layer { name: "l" type: "Pooling" bottom: "x" top: "y" pooling_param { pool: AVE kernel_size: 2 stride: 3 pad: 1 } }`)
	m, err := Convert(text, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 25)
	for i := range x {
		x[i] = float32(i)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	in := map[string]tensor.Tensor{"x": tensor.From(tensor.Dims(1, 1, 5, 5), x)}
	// 0; 2+3; 10+15; 12+13+17+18, over 4.
	want := map[string]tensor.Tensor{"y": tensor.From(tensor.Dims(1, 1, 2, 2), []float32{0, 1.25, 6.25, 15})}
	run(t, pool, m, in, want, 0)
	_, err = Convert(text, nil, Options{Inputs: map[string][]int{"x": {1, 1, -1, -1}}})
	if err == nil || !strings.Contains(err.Error(), "give them in Options.Inputs") {
		t.Errorf("open sizes: %v", err)
	}
}

// TestLayersOfOneName: Caffe gives weights to the first layer of a name only.
func TestLayersOfOneName(t *testing.T) {
	c := goldenCases(t)["prelu"]
	if c == nil {
		t.Fatal("there is no case of PReLU")
	}
	text := strings.Replace(string(c.net), "layer {", `layer { name: "again" type: "AbsVal" bottom: "x" top: "again" } layer {`, 1)
	if _, err := Convert([]byte(text), c.weights, Options{}); err != nil {
		t.Fatal(err)
	}
	second := text + text[strings.LastIndex(text, "layer {"):]
	if _, err := Convert([]byte(second), c.weights, Options{}); err == nil || !strings.Contains(err.Error(), "two layers with weights") {
		t.Errorf("error = %v", err)
	}
}

// TestPlacesHaveTheirName: a blob has the name that the places of ArgMax would.
func TestPlacesHaveTheirName(t *testing.T) {
	text := `input: "l/TopK:places" input_shape { dim: 1 dim: 3 }
		layer { name: "l" type: "ArgMax" bottom: "l/TopK:places" top: "y" argmax_param { axis: 1 } }`
	m, err := Convert([]byte(text), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	run(t, pool, m, map[string]tensor.Tensor{"l/TopK:places": tensor.From(tensor.Dims(1, 3), []float32{1, 9, 4})},
		map[string]tensor.Tensor{"y": tensor.From(tensor.Dims(1, 1), []float32{1})}, 0)
}

// TestSmallNetsMakeLittle: boxes of many layers, and long names of one.
func TestSmallNetsMakeLittle(t *testing.T) {
	var boxes strings.Builder
	boxes.WriteString(strings.Replace(head, "dim: 6 dim: 6", "dim: 500 dim: 500", 1))
	for i := range 50 {
		fmt.Fprintf(&boxes, `layer { name: "b%d" type: "PriorBox" bottom: "x" bottom: "x" top: "b%d" prior_box_param { min_size: 9 } }`, i, i)
	}
	long := strings.Repeat("n", 100_000)
	product := one("Eltwise", strings.Repeat(`bottom: "x" `, 2000)+"eltwise_param { operation: PROD }")
	for text, want := range map[string]string{
		boxes.String(): "numbers of boxes",
		strings.Replace(product, `name: "l"`, `name: "`+long+`"`, 1): "a name of 100000 bytes",
		strings.ReplaceAll(one("Dropout", ""), `"x"`, `"`+long+`"`):  "a name of 100000 bytes",
		strings.Replace(one("Dropout", ""), `"y"`, `"`+long+`"`, 1):  "a name of 100000 bytes",
		strings.Replace(head, `"x"`, `"`+long+`"`, 1) + "layer { }":  "a name of 100000 bytes",
		one("Power", `power_param { power: -"2" }`):                  "is no number",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Convert([]byte(text), nil, Options{})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 200<<20 {
			t.Errorf("%s: %d MiB", want, n>>20)
		}
	}
}
