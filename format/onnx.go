package format

import "github.com/ihae/ihae/format/onnx"

func init() {
	register(reader{
		name: "onnx",
		is:   func(path string, _ []byte) bool { return named(path, ".onnx") },
		open: func(path string) (*File, error) {
			m, err := onnx.Open(path, onnx.Limits{})
			if err != nil {
				return nil, err
			}
			return &File{Model: m}, nil
		},
	})
}
