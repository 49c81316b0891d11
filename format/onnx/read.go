package onnx

import (
	"fmt"
	"path/filepath"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/internal/protobuf"
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

func readIn(file []byte, l Limits, dir string) (*Model, error) {
	d, b := start(file, l)
	m := &Model{}
	if err := readModel(d, b, m); err != nil {
		return nil, placed(err)
	}
	if m.Graph == nil {
		return nil, &FormatError{-1, "the file holds no graph: it is no ONNX model"}
	}
	m.attach(d.l.Root, dir)
	return m, m.Check()
}

func readModel(d *decoder, b protobuf.Message, m *Model) error {
	return b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.Int(&m.IR)
		case 2:
			return f.Text(&m.Producer)
		case 3:
			return f.Text(&m.ProducerVersion)
		case 4:
			return f.Text(&m.Domain)
		case 5:
			return f.Int(&m.Version)
		case 6:
			return f.Text(&m.Doc)
		case 7:
			return into(d, f, &m.Graph, readGraph)
		case 8:
			return readOpset(d, f, &m.Opsets)
		case 14:
			return readKeyValue(d, f, &m.Meta)
		case 25:
			return more(d, f, &m.Functions, readFunction)
		}
		return nil
	})
}

func readOpset(d *decoder, f protobuf.Field, to *[]Opset) error {
	o, err := message(d, f, func(d *decoder, b protobuf.Message, o *Opset) error {
		return b.Fields(func(f protobuf.Field) error {
			switch f.Number {
			case 1:
				return f.Text(&o.Domain)
			case 2:
				return f.Int(&o.Version)
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

func readKeyValue(d *decoder, f protobuf.Field, to *[]KeyValue) error {
	kv, err := message(d, f, func(d *decoder, b protobuf.Message, kv *KeyValue) error {
		return b.Fields(func(f protobuf.Field) error {
			switch f.Number {
			case 1:
				return f.Text(&kv.Key)
			case 2:
				return f.Text(&kv.Value)
			}
			return nil
		})
	})
	if err == nil {
		*to = append(*to, *kv)
	}
	return err
}

func readGraph(d *decoder, b protobuf.Message, g *Graph) error {
	if d.depth++; d.depth > d.l.Depth {
		return d.bad(b.At, "graphs lie more than %d deep in each other", d.l.Depth)
	}
	defer func() { d.depth-- }()
	return b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return more(d, f, &g.Nodes, readNode)
		case 2:
			return f.Text(&g.Name)
		case 5:
			return more(d, f, &g.Inits, readTensor)
		case 10:
			return f.Text(&g.Doc)
		case 11:
			return more(d, f, &g.Inputs, readPort)
		case 12:
			return more(d, f, &g.Outputs, readPort)
		case 13:
			return more(d, f, &g.Values, readPort)
		case 15:
			return more(d, f, &g.Inits, readSparse)
		}
		return nil
	})
}

func readNode(d *decoder, b protobuf.Message, n *Node) error {
	if d.nodes++; d.nodes > d.l.Nodes {
		return d.bad(b.At, "the model has more than %d nodes", d.l.Nodes)
	}
	return b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return readName(f, &n.In)
		case 2:
			return readName(f, &n.Out)
		case 3:
			return f.Text(&n.Name)
		case 4:
			return f.Text(&n.Op)
		case 5:
			return readAttr(d, f, &n.Attrs)
		case 6:
			return f.Text(&n.Doc)
		case 7:
			if err := f.Text(&n.Domain); err != nil {
				return err
			}
			n.Domain = domainOf(n.Domain)
		case 8:
			return f.Text(&n.Overload)
		}
		return nil
	})
}

func readFunction(d *decoder, b protobuf.Message, n *Function) error {
	return b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.Text(&n.Name)
		case 4:
			return readName(f, &n.In)
		case 5:
			return readName(f, &n.Out)
		case 6:
			return readName(f, &n.AttrNames)
		case 7:
			return more(d, f, &n.Nodes, readNode)
		case 8:
			return f.Text(&n.Doc)
		case 9:
			return readOpset(d, f, &n.Opsets)
		case 10:
			err := f.Text(&n.Domain)
			n.Domain = domainOf(n.Domain)
			return err
		case 11:
			return readAttr(d, f, &n.AttrDefaults)
		case 12:
			return more(d, f, &n.Values, readPort)
		case 13:
			return f.Text(&n.Overload)
		}
		return nil
	})
}
