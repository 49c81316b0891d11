package token

import "unicode/utf8"

// span is bytes [from, to) of the original text.
type span struct{ from, to int }

// piece is a part of a text on its way to tokens, and where each of its bytes
// comes from.
type piece struct {
	s     string
	base  int    // of the first byte, where at is nil: byte i comes from base+i
	at    []span // of each byte
	blind bool   // nobody asks for places: at stays nil
}

func whole(text string) piece { return piece{s: text} }

// origin is what bytes [from, to) come from.
func (p piece) origin(from, to int) span {
	switch {
	case p.at == nil:
		return span{p.base + from, p.base + to}
	case len(p.at) == 0:
		return span{p.base, p.base}
	case from >= to:
		o := p.at[min(from, len(p.at)-1)]
		return span{o.from, o.from}
	}
	return span{p.at[from].from, p.at[to-1].to}
}

// cut is bytes [from, to).
func (p piece) cut(from, to int) piece {
	if p.at == nil {
		return piece{s: p.s[from:to], base: p.base + from, blind: p.blind}
	}
	return piece{s: p.s[from:to], base: p.origin(from, from).from, at: p.at[from:to:to]}
}

// edit builds a changed piece.
type edit struct {
	src piece
	b   []byte
	at  []span
}

func (p piece) edit() *edit {
	e := &edit{src: p, b: make([]byte, 0, len(p.s)+8)}
	if !p.blind {
		e.at = make([]span, 0, len(p.s)+8)
	}
	return e
}

// add appends text that stands for bytes [from, to) of the source.
func (e *edit) add(text string, from, to int) {
	e.b = append(e.b, text...)
	if e.src.blind {
		return
	}
	o := e.src.origin(from, to)
	for range len(text) {
		e.at = append(e.at, o)
	}
}

// rune appends one character that stands for bytes [from, to).
func (e *edit) rune(r rune, from, to int) {
	var b [utf8.UTFMax]byte
	e.add(string(b[:utf8.EncodeRune(b[:], r)]), from, to)
}

// keep appends bytes [from, to) as they are.
func (e *edit) keep(from, to int) {
	e.b = append(e.b, e.src.s[from:to]...)
	if e.src.blind {
		return
	}
	for i := from; i < to; i++ {
		e.at = append(e.at, e.src.origin(i, i+1))
	}
}

func (e *edit) piece() piece {
	return piece{string(e.b), e.src.origin(0, 0).from, e.at, e.src.blind}
}

// each makes a piece with every character replaced by what f appends.
func (p piece) each(f func(e *edit, r rune, from, to int)) piece {
	e := p.edit()
	for i := 0; i < len(p.s); {
		r, n := utf8.DecodeRuneInString(p.s[i:])
		f(e, r, i, i+n)
		i += n
	}
	return e.piece()
}
