package token

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// bert is the clean-up of Devlin et al., "BERT", 2019: controls go, spaces are
// plain, Chinese characters stand alone, accents go, letters are small.
type bert struct {
	Clean   bool  `json:"clean_text"`
	Chinese bool  `json:"handle_chinese_chars"`
	Accents *bool `json:"strip_accents"` // as Lower, where it is not said
	Lower   bool  `json:"lowercase"`
}

func (n bert) normalize(p piece) piece {
	if n.Clean {
		p = p.each(func(e *edit, r rune, from, to int) {
			switch {
			case r == 0 || r == 0xfffd || isControl(r):
			case isSpace(r):
				e.add(" ", from, to)
			default:
				e.keep(from, to)
			}
		})
	}
	if n.Chinese {
		p = p.each(func(e *edit, r rune, from, to int) {
			if !isIdeograph(r) {
				e.keep(from, to)
				return
			}
			e.add(" ", from, to)
			e.keep(from, to)
			e.add(" ", from, to)
		})
	}
	if n.Accents == nil && n.Lower || n.Accents != nil && *n.Accents {
		p = nonspacing{}.normalize(form(norm.NFD).normalize(p))
	}
	if n.Lower {
		p = lowercase{}.normalize(p)
	}
	return p
}

// nonspacing drops the marks that take no place of their own.
type nonspacing struct{}

func (nonspacing) normalize(p piece) piece {
	return p.each(func(e *edit, r rune, from, to int) {
		if !unicode.Is(unicode.Mn, r) {
			e.keep(from, to)
		}
	})
}

func init() {
	normalizers["BertNormalizer"] = func(d description) (normalizer, error) {
		n := bert{Clean: true, Chinese: true, Lower: true}
		err := d.read(&n)
		return n, err
	}
}
