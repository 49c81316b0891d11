package tensorflow

import (
	"fmt"
	"slices"
)

func init() {
	register((*call).constant, "Const", "HostConst")
	register((*call).placeholder, "Placeholder", "PlaceholderV2")
	register((*call).withDefault, "PlaceholderWithDefault")
	register((*call).identity, "Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics", "EnsureShape")
	register(func(k *call) error {
		k.out = k.in
		return nil
	}, "IdentityN")
	register(func(*call) error { return nil }, "NoOp", "Assert")
}

// constant reads a tensor.
func (k *call) constant() error {
	a := k.n.Attr("value")
	switch {
	case a == nil || a.Tensor == nil:
		return fmt.Errorf("no value")
	case a.Tensor.Type == String:
		dims := make([]int, len(a.Tensor.Dims))
		for i, d := range a.Tensor.Dims {
			dims[i] = int(d)
		}
		k.out = append(k.out, &value{typ: String, shape: dimsOf(dims...), strs: a.Tensor.Strings})
	case a.Tensor.Value.IsZero():
		return fmt.Errorf("element type %d is not supported", a.Tensor.Type)
	default:
		v := constant(k.n.Name, a.Tensor.Value)
		if d := a.Tensor.Type % 100; d != 0 {
			v.typ = d
		}
		k.out = append(k.out, v)
	}
	return nil
}

// placeholder is an input of the model. Its rank, if the file does not say it,
// is that of who takes it.
func (k *call) placeholder() error {
	typ := k.typ("dtype", floatType)
	e, err := typ.elem()
	if err != nil {
		return err
	}
	if typ == String && k.readByDecodeWav() {
		return k.sound()
	}
	s := anyShape
	if a := k.n.Attr("shape"); a != nil && a.Shape != nil && !a.Shape.Unranked {
		s = k.placeholderShape(a.Shape.Dims)
	}
	if !s.ranked || len(s.dims) == 0 && typ == floatType { // old files write no shape as none
		if t := k.region.shapeByUsers(k.n); t.ranked {
			s = t
		}
	}
	if given, ok := k.c.o.Inputs[k.n.Name]; ok {
		s = dimsOf(slices.Clone(given)...)
		for i, d := range s.dims {
			switch {
			case d < 0 && i == 0:
				s.dims[i] = batch
			case d < 0:
				s.dims[i] = unknown
			}
		}
	}
	if k.up != nil {
		return fmt.Errorf("an input within a loop or a function")
	}
	if !s.ranked {
		return fmt.Errorf("the file does not say how many axes the input has: give its sizes in Options.Inputs")
	}
	v := &value{typ: typ, shape: s, name: k.b.Input(k.n.Name, e, k.ports(s)...)}
	k.out = append(k.out, v)
	return nil
}

// placeholderShape is the sizes of a file, of which a first one that is not
// known is the batch.
func (k *call) placeholderShape(sizes []int64) shape {
	dims := make([]int, len(sizes))
	for i, d := range sizes {
		dims[i] = sizeOf(d)
		if i == 0 && dims[i] == unknown {
			dims[i] = batch
		}
	}
	return dimsOf(dims...)
}

// shapeByUsers is what the users of a placeholder say of its shape: operations
// on pictures take [N H W C], and filters and biases have as many channels.
func (r *region) shapeByUsers(n *Node) shape {
	for _, u := range r.users(n) {
		in := r.inputs(u, false)
		if len(in) < 1 || in[0].node != n {
			continue
		}
		channels := unknown
		size := func(axis, rank int) {
			if a := in[1].node.Attr("value"); a != nil && a.Tensor != nil && len(a.Tensor.Dims) == rank {
				channels = sizeOf(a.Tensor.Dims[axis])
			}
		}
		switch u.Op {
		case "Conv2D", "DepthwiseConv2dNative":
			if len(in) > 1 {
				size(2, 4)
			}
		case "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3":
			if len(in) > 1 {
				size(0, 1)
			}
		case "MaxPool", "AvgPool", "ResizeBilinear", "ResizeNearestNeighbor":
		default:
			continue
		}
		if a := u.Attr("data_format"); a != nil && string(a.Bytes) == "NCHW" {
			return dimsOf(batch, channels, unknown, unknown)
		}
		return dimsOf(batch, unknown, unknown, channels)
	}
	return anyShape
}

// withDefault is its default, unless it is asked for as an input.
func (k *call) withDefault() error {
	if _, ok := k.c.o.Inputs[k.n.Name]; ok {
		return k.placeholder()
	}
	if err := k.takes(1); err != nil {
		return err
	}
	return k.same(k.in[0])
}

// identity keeps a value under another name. Constants, lists and what a loop
// counts go on as they are.
func (k *call) identity() error {
	if err := k.takes(1); err != nil {
		return err
	}
	v := k.in[0]
	if v.name == "" || v.array != nil || v.mark.loop != nil {
		return k.same(v)
	}
	if err := k.give(v.typ, v.shape, "Identity", []string{v.name}); err != nil {
		return err
	}
	k.out[0].ints = v.ints
	return nil
}
