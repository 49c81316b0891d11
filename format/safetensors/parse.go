package safetensors

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/ihae/ihae/tensor"
)

// parser reads the header: JSON of the few forms that the format allows. It is
// stricter than a general reader, which would take the last of two equal keys,
// and it says where.
type parser struct {
	text   []byte
	at     int
	limits Limits
	err    error
	tensor string // being read, for messages
}

func (p *parser) fail(reason string, args ...any) {
	if p.err == nil {
		p.err = bad(p.tensor, int64(8+p.at), reason, args...)
	}
}

// leastEntry is the bytes that the header takes for a tensor at the least:
// "":{"dtype":"U8","shape":[],"data_offsets":[0,1]}
const leastEntry = 49

// file reads the whole header. The index has the place of each entry by name.
func (p *parser) file() (map[string]string, []Entry, map[string]int, error) {
	n := min(bytes.Count(p.text, []byte("data_offsets")), len(p.text)/leastEntry, p.limits.Tensors)
	entries, index := make([]Entry, 0, n), make(map[string]int, n)
	var meta map[string]string
	p.object(func(key string) {
		_, twice := index[key]
		switch {
		case twice, key == metadataKey && meta != nil:
			p.tensor = key
			p.fail("the name stands twice")
		case key == metadataKey:
			meta = p.metadata()
		case len(entries) >= p.limits.Tensors:
			p.fail("more than %d tensors", p.limits.Tensors)
		default:
			p.tensor = key
			index[key] = len(entries)
			entries = append(entries, p.entry(key))
			p.tensor = ""
		}
	})
	p.space()
	if p.at != len(p.text) {
		p.fail("text after the end of the header's object")
	}
	return meta, entries, index, p.err
}

func (p *parser) metadata() map[string]string {
	m := map[string]string{}
	p.object(func(key string) {
		if _, twice := m[key]; twice {
			p.fail("metadata key %q stands twice", key)
		}
		m[key] = p.str()
	})
	return m
}

func (p *parser) entry(name string) Entry {
	e := Entry{Name: name, place: int64(8 + p.at)}
	var d tensor.DType
	var dims, offsets []uint64
	var keys int
	seen := [3]bool{}
	once := func(k int) {
		if seen[k] {
			p.fail("a key stands twice")
		}
		seen[k] = true
		keys++
	}
	p.object(func(key string) {
		switch key {
		case "dtype":
			once(0)
			kind := p.str()
			var ok bool
			if d, ok = dtypes[kind]; !ok {
				p.fail("element type %q is not read", kind)
			}
		case "shape":
			once(1)
			dims = p.numbers()
		case "data_offsets":
			once(2)
			offsets = p.numbers()
		default:
			p.fail("key %q", key)
		}
	})
	switch {
	case p.err != nil:
		return e
	case keys != 3 || len(offsets) != 2:
		p.fail("wanted dtype, shape and two data_offsets")
	case offsets[0] > offsets[1] || offsets[1] > 1<<62:
		p.fail("the offsets %d and %d", offsets[0], offsets[1])
	default:
		t, err := typeOf(d, dims, offsets[1]-offsets[0])
		if err != nil {
			p.fail("%v", err)
		}
		e.Type, e.Begin, e.End = t, int64(offsets[0]), int64(offsets[1])
	}
	return e
}

// object calls value at the place of each key's value.
func (p *parser) object(value func(key string)) {
	p.want('{')
	if p.next('}') {
		return
	}
	for p.err == nil {
		key := p.str()
		p.want(':')
		if p.err == nil {
			value(key)
		}
		if !p.next(',') {
			p.want('}')
			return
		}
	}
}

// numbers reads a list of integers of 0 or more.
func (p *parser) numbers() []uint64 {
	var list []uint64
	p.want('[')
	if p.next(']') {
		return list
	}
	for p.err == nil {
		p.space()
		start := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		v, err := strconv.ParseUint(string(p.text[start:p.at]), 10, 64)
		if err != nil || p.text[start] == '0' && p.at > start+1 {
			p.at = start
			p.fail("wanted an integer of 0 or more in 64 bits")
			break
		}
		list = append(list, v)
		if len(list) > maxAxes {
			p.fail("more than %d axes", maxAxes)
		}
		if !p.next(',') {
			p.want(']')
			break
		}
	}
	return list
}

// str reads a string.
func (p *parser) str() string {
	p.want('"')
	start, plain := p.at, true
	for p.err == nil {
		if p.at >= len(p.text) || p.text[p.at] < ' ' {
			p.fail("a string without end")
			break
		}
		switch c := p.text[p.at]; c {
		case '"':
			p.at++
			if plain {
				return string(p.text[start : p.at-1])
			}
			var s string
			if err := json.Unmarshal(p.text[start-1:p.at], &s); err != nil {
				p.fail("%v", err)
			}
			return s
		case '\\':
			plain = false
			p.at++
		}
		p.at++
	}
	return ""
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// next takes the character if it stands here.
func (p *parser) next(c byte) bool {
	p.space()
	if p.err != nil || p.at >= len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) want(c byte) {
	if !p.next(c) {
		p.fail("wanted %q", c)
	}
}
