package keras

import (
	"fmt"
	"maps"
	"slices"
)

// readUses reads inbound_nodes. Keras 3 writes objects with args and kwargs, in
// which results are objects; Keras 2 writes lists of [layer, use, result, kwargs],
// and for operations of TensorFlow one such list alone.
func (l *layer) readUses(v any) error {
	list, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		return fmt.Errorf("inbound_nodes of layer %q are no list", l.name)
	}
	for _, n := range list {
		u := use{args: map[string]any{}}
		var err error
		switch n := n.(type) {
		case map[string]any:
			err = u.readNew(n)
		case []any:
			if len(n) > 0 {
				if _, flat := n[0].(string); flat {
					n = []any{n}
				}
			}
			for _, e := range n {
				if err == nil {
					err = u.readOld(e)
				}
			}
		default:
			err = fmt.Errorf("an inbound node is neither a list nor an object")
		}
		if err != nil {
			return fmt.Errorf("layer %q: %w", l.name, err)
		}
		l.uses = append(l.uses, u)
	}
	return nil
}

// readOld reads [layer, use, result, kwargs] of Keras 2. A constant in the place of
// the first argument, which operations of TensorFlow call x, has the name of no
// layer.
func (u *use) readOld(v any) error {
	list, _ := v.([]any)
	if len(list) >= 3 && list[0] == "_CONSTANT_VALUE" {
		u.give("x", list[2])
	} else {
		r, ok := readRef(list)
		if !ok {
			return fmt.Errorf("an inbound node %.80v, wanted [layer, use, result]", v)
		}
		u.in = append(u.in, r)
	}
	if len(list) < 4 {
		return nil
	}
	kwargs, ok := list[3].(map[string]any)
	if !ok {
		return fmt.Errorf("arguments %.80v of an inbound node", list[3])
	}
	return u.giveOld(kwargs)
}

// giveOld takes the arguments of Keras 2 by name, in which results are lists of
// [layer, use, result], or one alone. Each tensor of the first argument has them
// all again.
func (u *use) giveOld(kwargs map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(kwargs)) {
		if _, again := u.args[key]; again {
			continue
		}
		refs, err := readRefs(kwargs[key])
		if list, _ := kwargs[key].([]any); err != nil && slices.ContainsFunc(list, isRef) {
			return fmt.Errorf("argument %s: %w", key, err)
		}
		if err != nil || len(refs) == 0 {
			u.give(key, kwargs[key])
			continue
		}
		for _, r := range refs {
			u.give(key, r)
		}
	}
	return nil
}

// give takes an argument given by name: a result of a layer, or a constant.
func (u *use) give(key string, value any) {
	switch v := value.(type) {
	case nil:
	case ref:
		u.args[key] = v
		if key != "mask" {
			u.in = append(u.in, v)
		}
	default:
		u.args[key] = value
	}
}

// readNew reads {args, kwargs} of Keras 3.
func (u *use) readNew(n map[string]any) error {
	args, _ := n["args"].([]any)
	for i, a := range args {
		if err := u.collect(a, fmt.Sprintf("args%d", i)); err != nil {
			return err
		}
	}
	kwargs, _ := n["kwargs"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(kwargs)) {
		if err := u.collect(kwargs[key], key); err != nil {
			return err
		}
	}
	return nil
}

// collect finds the results in an argument of Keras 3. A list without any is a
// constant.
func (u *use) collect(v any, key string) error {
	list, is := v.([]any)
	if !is || !holds(v) {
		return u.collectOne(v, key)
	}
	for _, e := range list {
		if e != nil && !holds(e) {
			return fmt.Errorf("argument %s has tensors and %.80v in one list", key, e)
		}
		if err := u.collect(e, key); err != nil {
			return err
		}
	}
	return nil
}

// collectOne takes a result, or a constant.
func (u *use) collectOne(v any, key string) error {
	if !holds(v) {
		u.give(key, v)
		return nil
	}
	o, _ := v.(map[string]any)
	config, _ := o["config"].(map[string]any)
	history, _ := config["keras_history"].([]any)
	r, ok := readRef(history)
	if !ok {
		return fmt.Errorf("a tensor with the history %.80v", history)
	}
	u.give(key, r)
	return nil
}

// holds says whether an argument of Keras 3 is a result of a layer, or a list with
// one in it.
func holds(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, holds)
	case map[string]any:
		return v["class_name"] == "__keras_tensor__"
	}
	return false
}

// readRef reads [layer, use, result].
func readRef(list []any) (ref, bool) {
	if len(list) < 3 {
		return ref{}, false
	}
	name, ok := list[0].(string)
	u, ok1 := whole(list[1])
	r, ok2 := whole(list[2])
	return ref{name, u, r}, ok && ok1 && ok2
}

func isRef(v any) bool {
	list, _ := v.([]any)
	_, ok := readRef(list)
	return ok
}

// readRefs reads a list of [layer, use, result], or one alone.
func readRefs(v any) ([]ref, error) {
	list, _ := v.([]any)
	if r, ok := readRef(list); ok {
		return []ref{r}, nil
	}
	var out []ref
	for _, e := range list {
		one, _ := e.([]any)
		r, ok := readRef(one)
		if !ok {
			return nil, fmt.Errorf("%.80v among inputs or outputs, wanted [layer, use, result]", e)
		}
		out = append(out, r)
	}
	return out, nil
}
