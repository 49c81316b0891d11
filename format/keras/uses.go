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

// readOld reads [layer, use, result, kwargs] of Keras 2.
func (u *use) readOld(v any) error {
	list, _ := v.([]any)
	r, ok := readRef(list)
	if !ok {
		return fmt.Errorf("an inbound node %.80v, wanted [layer, use, result]", v)
	}
	u.in = append(u.in, r)
	if len(list) < 4 {
		return nil
	}
	kwargs, ok := list[3].(map[string]any)
	if !ok {
		return fmt.Errorf("arguments %.80v of an inbound node", list[3])
	}
	for _, key := range slices.Sorted(maps.Keys(kwargs)) {
		value := kwargs[key]
		if list, ok := value.([]any); ok {
			if r, ok := readRef(list); ok {
				value = r
			}
		}
		u.give(key, value)
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

// collect finds the results in an argument of Keras 3.
func (u *use) collect(v any, key string) error {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if err := u.collect(e, key); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		if v["class_name"] == "__keras_tensor__" {
			config, _ := v["config"].(map[string]any)
			history, _ := config["keras_history"].([]any)
			r, ok := readRef(history)
			if !ok {
				return fmt.Errorf("a tensor with the history %.80v", history)
			}
			u.give(key, r)
			return nil
		}
	}
	u.give(key, v)
	return nil
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
