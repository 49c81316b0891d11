package media

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// parseNPYHeader reads the Python dictionary with the keys descr (a string),
// fortran_order (True or False) and shape (a tuple of integers). start is where
// text stands in the file.
func parseNPYHeader(text string, start int64) (NPYHeader, error) {
	p := npyParser{text: text, start: start}
	h := NPYHeader{Order: binary.LittleEndian}
	seen := map[string]bool{}
	p.want("{")
	for p.err == nil && !p.next("}") {
		key := p.quoted()
		p.want(":")
		if seen[key] {
			p.fail("key %q twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			p.descr(&h)
		case "fortran_order":
			h.Fortran = p.next("True")
			if !h.Fortran {
				p.want("False")
			}
		case "shape":
			p.shape(&h)
		default:
			p.fail("key %q", key)
		}
		if !p.next(",") {
			p.want("}")
			break
		}
	}
	if p.skip(); p.err == nil && (p.at != len(text) || len(seen) != 3) {
		p.fail("wanted descr, fortran_order and shape, and nothing else")
	}
	return h, p.err
}

type npyParser struct {
	text  string
	at    int
	start int64
	err   error
}

func (p *npyParser) fail(reason string, args ...any) {
	if p.err == nil {
		p.err = bad("npy", p.start+int64(p.at), reason, args...)
	}
}

func (p *npyParser) skip() {
	for p.at < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.at]) >= 0 {
		p.at++
	}
}

// next takes the token if it stands here.
func (p *npyParser) next(token string) bool {
	p.skip()
	if p.err != nil || !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *npyParser) want(token string) {
	if !p.next(token) {
		p.fail("wanted %q", token)
	}
}

func (p *npyParser) quoted() string {
	quote := "'"
	if p.next(`"`) {
		quote = `"`
	} else {
		p.want(quote)
	}
	s, _, found := strings.Cut(p.text[p.at:], quote)
	if !found {
		p.fail("a string without end")
		return ""
	}
	p.at += len(s) + 1
	return s
}

func (p *npyParser) descr(h *NPYHeader) {
	if p.next("[") {
		p.fail("a structured type; only plain numbers are read")
	}
	name := p.quoted()
	if p.err != nil {
		return
	}
	order, kind := byte('|'), name
	if name != "" && strings.IndexByte("<>|=", name[0]) >= 0 {
		order, kind = name[0], name[1:]
	}
	d, ok := npyTypes[kind]
	switch {
	case strings.HasPrefix(kind, "O"):
		p.fail("the elements are Python objects, which can run code; save numbers instead")
	case strings.HasPrefix(kind, "U"), strings.HasPrefix(kind, "S"), strings.HasPrefix(kind, "a"):
		p.fail("the elements are texts (%q); only numbers are read", name)
	case strings.HasPrefix(kind, "c"):
		p.fail("the elements are complex (%q); save real and imaginary part instead", name)
	case strings.HasPrefix(kind, "V"):
		p.fail("the elements are %s bytes without a meaning, as NumPy saves bfloat16 and float8; save float32 instead", kind[1:])
	case !ok, d.Size() > 1 && order != '<' && order != '>':
		p.fail("element type %q is not read", name)
	}
	h.Type.DType = d
	if order == '>' {
		h.Order = binary.BigEndian
	}
}

func (p *npyParser) shape(h *NPYHeader) {
	var dims []int
	p.want("(")
	for p.err == nil && !p.next(")") {
		p.skip()
		n := 0
		for p.at+n < len(p.text) && p.text[p.at+n] >= '0' && p.text[p.at+n] <= '9' {
			n++
		}
		d, err := strconv.Atoi(p.text[p.at : p.at+n])
		if err != nil {
			p.fail("a size of the shape: %v", err)
			return
		}
		p.at += n
		p.next("L") // written by Python 2
		if dims = append(dims, d); len(dims) > tensor.MaxRank {
			p.fail("more than %d axes", tensor.MaxRank)
		}
		if !p.next(",") {
			p.want(")")
			break
		}
	}
	s, err := tensor.CheckedDims(dims...)
	if err != nil {
		p.fail("%v", err)
	}
	h.Type.Shape = s
}
