package lower

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// FuzzRun: whatever a file says, reading and running it ends with outputs or an
// error, in bounded memory. Kernels that fault count as panics.
func FuzzRun(f *testing.F) {
	for _, b := range []*onnx.Builder{above(), collatz()} {
		m, err := b.Model(17)
		if err != nil {
			f.Fatal(err)
		}
		file, err := onnx.Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	cases, _ := filepath.Glob("../../../../shared/data/models/mnist-cntk-onnx/*.onnx")
	for _, name := range cases {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b)
		}
	}
	pool := exec.NewPool(1)
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := onnx.Read(file, onnx.Limits{Nodes: 1000})
		if err != nil {
			return
		}
		types, err := InputTypes(m, nil)
		if err != nil {
			return
		}
		in := map[string]tensor.Tensor{}
		for name, typ := range types {
			if typ.Shape.Size() > 1<<16 {
				return
			}
			in[name] = tensor.New(typ)
		}
		s, err := NewSession(m, Options{Pool: pool, MaxElements: 1 << 16})
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err = s.Run(ctx, in)
		var fault *exec.Fault
		if errors.As(err, &fault) || err != nil && strings.Contains(err.Error(), "internal:") {
			t.Fatal(err)
		}
	})
}
