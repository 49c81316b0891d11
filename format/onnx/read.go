package onnx

import (
	"fmt"
	"path/filepath"

	"github.com/ihae/ihae/internal/mapped"
)

// Open reads the model in a file. Its tensors lie in the file, which stays open
// until Model.Close. Errors name the file.
func Open(path string, l Limits) (*Model, error) {
	f, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	if l.Root == "" {
		l.Root = filepath.Dir(path)
	}
	m, err := readIn(f.Bytes, l, filepath.Dir(path))
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m.forget = f.Forget
	closeData := m.close
	m.close = func() error {
		err := f.Close()
		if closeData != nil {
			if e := closeData(); err == nil {
				err = e
			}
		}
		return err
	}
	return m, nil
}

// Read reads a model from the bytes of a file, which the model keeps. External
// data is looked for in Limits.Root; without one it is refused.
func Read(file []byte, l Limits) (*Model, error) { return readIn(file, l, l.Root) }

func newDecoder(file []byte, l Limits) *decoder {
	return &decoder{file: file[:len(file):len(file)], l: l.withDefaults()}
}

func readIn(file []byte, l Limits, dir string) (*Model, error) {
	d := newDecoder(file, l)
	m := &Model{}
	if err := readModel(d, d.file, m); err != nil {
		return nil, err
	}
	if m.Graph == nil {
		return nil, &FormatError{-1, "the file holds no graph: it is no ONNX model"}
	}
	m.attach(d.l.Root, dir)
	return m, m.Check()
}

func readModel(d *decoder, b []byte, m *Model) error {
	return d.fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.int(&m.IR)
		case 2:
			return f.text(&m.Producer)
		case 3:
			return f.text(&m.ProducerVersion)
		case 4:
			return f.text(&m.Domain)
		case 5:
			return f.int(&m.Version)
		case 6:
			return f.text(&m.Doc)
		case 7:
			return into(f, &m.Graph, readGraph)
		case 8:
			return readOpset(f, &m.Opsets)
		case 14:
			return readKeyValue(f, &m.Meta)
		case 25:
			return more(f, &m.Functions, readFunction)
		}
		return nil
	})
}

func readOpset(f field, to *[]Opset) error {
	o, err := message(f, func(d *decoder, b []byte, o *Opset) error {
		return d.fields(b, func(f field) error {
			switch f.num {
			case 1:
				return f.text(&o.Domain)
			case 2:
				return f.int(&o.Version)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	o.Domain = domainOf(o.Domain)
	*to = append(*to, *o)
	return nil
}

// domainOf is a domain by the one name that is used here.
func domainOf(name string) string {
	if name == "ai.onnx" {
		return ""
	}
	return name
}

func readKeyValue(f field, to *[]KeyValue) error {
	kv, err := message(f, func(d *decoder, b []byte, kv *KeyValue) error {
		return d.fields(b, func(f field) error {
			switch f.num {
			case 1:
				return f.text(&kv.Key)
			case 2:
				return f.text(&kv.Value)
			}
			return nil
		})
	})
	if err == nil {
		*to = append(*to, *kv)
	}
	return err
}

func readGraph(d *decoder, b []byte, g *Graph) error {
	if d.depth++; d.depth > d.l.Depth {
		return d.bad(d.offset(b), "graphs lie more than %d deep in each other", d.l.Depth)
	}
	defer func() { d.depth-- }()
	return d.fields(b, func(f field) error {
		switch f.num {
		case 1:
			return more(f, &g.Nodes, readNode)
		case 2:
			return f.text(&g.Name)
		case 5:
			return more(f, &g.Inits, readTensor)
		case 10:
			return f.text(&g.Doc)
		case 11:
			return more(f, &g.Inputs, readPort)
		case 12:
			return more(f, &g.Outputs, readPort)
		case 13:
			return more(f, &g.Values, readPort)
		case 15:
			return more(f, &g.Inits, readSparse)
		}
		return nil
	})
}

func readNode(d *decoder, b []byte, n *Node) error {
	if d.nodes++; d.nodes > d.l.Nodes {
		return d.bad(d.offset(b), "the model has more than %d nodes", d.l.Nodes)
	}
	return d.fields(b, func(f field) error {
		switch f.num {
		case 1:
			return readName(f, &n.In)
		case 2:
			return readName(f, &n.Out)
		case 3:
			return f.text(&n.Name)
		case 4:
			return f.text(&n.Op)
		case 5:
			return readAttr(f, &n.Attrs)
		case 6:
			return f.text(&n.Doc)
		case 7:
			if err := f.text(&n.Domain); err != nil {
				return err
			}
			n.Domain = domainOf(n.Domain)
		case 8:
			return f.text(&n.Overload)
		}
		return nil
	})
}

func readName(f field, to *[]string) error {
	var s string
	err := f.text(&s)
	*to = append(*to, s)
	return err
}

func readFunction(d *decoder, b []byte, n *Function) error {
	return d.fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&n.Name)
		case 4:
			return readName(f, &n.In)
		case 5:
			return readName(f, &n.Out)
		case 6:
			return readName(f, &n.AttrNames)
		case 7:
			return more(f, &n.Nodes, readNode)
		case 8:
			return f.text(&n.Doc)
		case 9:
			return readOpset(f, &n.Opsets)
		case 10:
			err := f.text(&n.Domain)
			n.Domain = domainOf(n.Domain)
			return err
		case 11:
			return readAttr(f, &n.AttrDefaults)
		case 12:
			return more(f, &n.Values, readPort)
		case 13:
			return f.text(&n.Overload)
		}
		return nil
	})
}
