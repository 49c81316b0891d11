package torch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/tensor"
)

// persistent makes the storage of ("storage", kind, key, location, elements)
// and, before the zip form, a view of one or nil.
func (r *reader) persistent(id any) (any, error) {
	t, ok := id.(*pickle.Tuple)
	if !ok || len(t.Items) < 5 {
		if ok && len(t.Items) > 0 && t.Items[0] == "module" {
			return nil, errors.New("the file holds a whole model with its source; " + advice)
		}
		return nil, fmt.Errorf("a persistent id that is a %s", pickle.TypeName(id))
	}
	tag, _ := pickle.Text(t.Items[0])
	kind, isName := t.Items[1].(pickle.Global)
	key, isText := pickle.Text(t.Items[2])
	n, isInt := t.Items[4].(int64)
	if tag != "storage" || !isName || !isText || !isInt || n < 0 || n > 1<<56 || len(key) > 1000 {
		return nil, errors.New("a persistent id that is no storage by kind, key, location and length")
	}
	d, err := kindOf(kind)
	if err != nil {
		return nil, err
	}
	s := r.storages[key]
	if s == nil {
		if s, err = r.form.open(key, max(1, d.Size())); err != nil {
			return nil, err
		}
		r.storages[key] = s
	}
	return r.form.mention(s, d, int(n), t.Items[5:])
}

// kindOf is the element type of a kind of storage.
func kindOf(kind pickle.Global) (tensor.DType, error) {
	name, ok := strings.CutSuffix(kind.Name, "Storage")
	if ok && isTorch(kind) {
		if d, ok := storages[name]; ok {
			return d, nil
		}
		if why, ok := unread[name]; ok {
			return tensor.DType{}, fmt.Errorf("a %s storage, %q; save plain tensors", why, kind.String())
		}
	}
	return tensor.DType{}, fmt.Errorf("a storage of kind %q", kind.String())
}
