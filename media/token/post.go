package token

import (
	"encoding/json"
	"fmt"
)

// template puts special tokens around a text.
type template []templatePart

// templatePart is special tokens, or the text where it has none.
type templatePart struct{ tokens []Token }

func (l template) process(_ *Tokenizer, text []Token) []Token {
	var list []Token
	for _, p := range l {
		if p.tokens == nil {
			list = append(list, text...)
			continue
		}
		for _, k := range p.tokens {
			if len(list) > 0 {
				k.From, k.To = list[len(list)-1].To, list[len(list)-1].To
			}
			list = append(list, k)
		}
	}
	return list
}

func special(id int32, text string) Token { return Token{ID: id, Text: text, Special: true} }

func readTemplate(d description) (postProcessor, error) {
	type name struct {
		ID     string `json:"id"`
		TypeID int    `json:"type_id"`
	}
	type element struct {
		SpecialToken *name
		Sequence     *name
	}
	var v struct {
		Single  []element       `json:"single"`
		Pair    json.RawMessage `json:"pair"` // of two texts, which are not asked for here
		Special map[string]struct {
			ID     string   `json:"id"`
			IDs    []int32  `json:"ids"`
			Tokens []string `json:"tokens"`
		} `json:"special_tokens"`
	}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	var l template
	for _, e := range v.Single {
		switch {
		case e.Sequence != nil && e.Sequence.ID == "A":
			l = append(l, templatePart{})
		case e.SpecialToken != nil:
			s, ok := v.Special[e.SpecialToken.ID]
			if !ok || len(s.IDs) != len(s.Tokens) || len(s.IDs) == 0 {
				return nil, fmt.Errorf("the special token %q is not described", e.SpecialToken.ID)
			}
			var p templatePart
			for i, id := range s.IDs {
				p.tokens = append(p.tokens, special(id, s.Tokens[i]))
			}
			l = append(l, p)
		default:
			return nil, fmt.Errorf("a part of the template for one text is neither a special token nor the text")
		}
	}
	return l, nil
}

// numbered is ["[SEP]", 102].
type numbered struct {
	text string
	id   int32
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *numbered) UnmarshalJSON(b []byte) error {
	pair := [2]any{&n.text, &n.id}
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	if len(raw) != len(pair) {
		return fmt.Errorf("%.50s is no token with its number", b)
	}
	for i, r := range raw {
		if err := json.Unmarshal(r, pair[i]); err != nil {
			return err
		}
	}
	return nil
}

// sandwich is the template of the first models that had one.
type sandwich struct {
	Sep    numbered `json:"sep"`
	Cls    numbered `json:"cls"`
	Trim   bool     `json:"trim_offsets"`
	Prefix bool     `json:"add_prefix_space"`
}

func (s sandwich) template() template {
	return template{{[]Token{special(s.Cls.id, s.Cls.text)}}, {}, {[]Token{special(s.Sep.id, s.Sep.text)}}}
}

// process trims before it adds.
func (s sandwich) process(t *Tokenizer, list []Token) []Token {
	list = byteLevel{Prefix: s.Prefix, Trim: s.Trim}.process(t, list)
	return s.template().process(t, list)
}

// sequenceOfPostProcessors is one after another.
type sequenceOfPostProcessors []postProcessor

func (l sequenceOfPostProcessors) process(t *Tokenizer, list []Token) []Token {
	for _, p := range l {
		list = p.process(t, list)
	}
	return list
}

func init() {
	postProcessors["TemplateProcessing"] = readTemplate
	postProcessors["BertProcessing"] = func(d description) (postProcessor, error) {
		var s struct {
			Sep numbered `json:"sep"`
			Cls numbered `json:"cls"`
		}
		err := d.read(&s)
		return sandwich{Sep: s.Sep, Cls: s.Cls}.template(), err
	}
	postProcessors["RobertaProcessing"] = func(d description) (postProcessor, error) {
		s := sandwich{Trim: true, Prefix: true}
		err := d.read(&s)
		return s, err
	}
	postProcessors["Sequence"] = func(d description) (postProcessor, error) {
		var v struct {
			List []json.RawMessage `json:"processors"`
		}
		if err := d.read(&v); err != nil {
			return nil, err
		}
		list, err := buildAll(postProcessors, "post_processor", v.List, d.depth)
		return sequenceOfPostProcessors(list), err
	}
}
