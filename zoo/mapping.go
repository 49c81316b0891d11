package zoo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Mapping says where the parameters of a network stand in a public file of
// weights: whose names the file uses, and how its tensors lie.
type Mapping struct {
	Name     string   // who names them so, such as "torchvision"
	From     string   // what the files are, in a few words
	Of       []string // the variants that there are such files of; all if empty
	Settings Settings // that a network for these weights has, where they are not the architecture's
	Prefixes []string // that names may begin with, besides "module."
	Rules    []Rule   // the first that fits a parameter is its
	Tied     []Rule   // tensors that files may hold beside those of Rules, equal to a parameter of ours
	Ignore   []string // patterns of names that are no weights
}

// Rule says which tensor a parameter is. In patterns # is a whole number, which
// theirs takes over from ours in order; those of Ignore may also have *, any text.
type Rule struct {
	Ours   string // the parameter's path
	Theirs string // the tensor's name, without a prefix
	Layout Layout
}

// Layout is what is done to a tensor of a file, in this order, to make it ours.
// The zero Layout is nothing.
type Layout struct {
	Turned   bool // [Out In spatial…] becomes [spatial… In Out]: linear maps and filters of PyTorch
	Places   int  // [Out C·Places], a map of flattened images [C Places], becomes [Places·C Out]
	Part, Of int  // of Of equal parts of the last axis it is number Part, counted from 0
	Swapped  bool // the halves of the axis before the last change places
}

// String is the layout in words, for tables.
func (l Layout) String() string {
	var steps []string
	if l.Turned {
		steps = append(steps, "turned")
	}
	if l.Places > 0 {
		steps = append(steps, fmt.Sprintf("turned, channels behind %d places", l.Places))
	}
	if l.Of > 0 {
		steps = append(steps, fmt.Sprintf("part %d of %d", l.Part+1, l.Of))
	}
	if l.Swapped {
		steps = append(steps, "halves swapped")
	}
	return strings.Join(steps, ", ")
}

// pattern compiles a pattern of Rule or Ignore.
func pattern(p string) *regexp.Regexp {
	p = regexp.QuoteMeta(p)
	p = strings.ReplaceAll(p, "#", "([0-9]+)")
	return regexp.MustCompile("^" + strings.ReplaceAll(p, `\*`, ".*") + "$")
}

// expand puts numbers in the places of # in p.
func expand(p string, numbers []string) string {
	for _, n := range numbers {
		p = strings.Replace(p, "#", n, 1)
	}
	return p
}

// everywhere is names of tensors that training keeps and no network needs.
var everywhere = []string{"*num_batches_tracked"}

// bare is name without the prefixes that m knows.
func (m Mapping) bare(name string) string {
	for _, p := range append([]string{"module."}, m.Prefixes...) {
		name = strings.TrimPrefix(name, p)
	}
	return name
}

// find is the rule of the parameter at path and the name of its tensor.
func find(rules []compiledRule, path string) (r Rule, theirs string, ok bool) {
	for _, c := range rules {
		if numbers := c.ours.FindStringSubmatch(path); numbers != nil {
			return c.Rule, expand(c.Theirs, numbers[1:]), true
		}
	}
	return Rule{}, "", false
}

type compiledRule struct {
	Rule
	ours *regexp.Regexp
}

func compileRules(rules []Rule) []compiledRule {
	list := make([]compiledRule, len(rules))
	for i, r := range rules {
		list[i] = compiledRule{r, pattern(r.Ours)}
	}
	return list
}

// Mapping is the one of e's mappings that knows most of the names of a file; ok
// is false where none knows half of them.
func (e Entry) Mapping(names []string) (m Mapping, ok bool) {
	most := len(names) / 2
	for _, candidate := range e.Weights {
		if n := candidate.knows(names); n > most {
			m, ok, most = candidate, true, n
		}
	}
	return m, ok
}

// knows counts the names that m has something to say about.
func (m Mapping) knows(names []string) int {
	var all []*regexp.Regexp
	for _, r := range slices.Concat(m.Rules, m.Tied) {
		all = append(all, pattern(r.Theirs))
	}
	for _, p := range slices.Concat(everywhere, m.Ignore) {
		all = append(all, pattern(p))
	}
	n := 0
	for _, name := range names {
		name = m.bare(name)
		if slices.ContainsFunc(all, func(p *regexp.Regexp) bool { return p.MatchString(name) }) {
			n++
		}
	}
	return n
}

// turnedRules is weight and bias of a linear map or a convolution.
func turnedRules(ours, theirs string) []Rule {
	return []Rule{
		{Ours: ours + ".weight", Theirs: theirs + ".weight", Layout: Layout{Turned: true}},
		{Ours: ours + ".bias", Theirs: theirs + ".bias"},
	}
}

// flatRules is weight and bias of a linear map of flattened images of so many
// places.
func flatRules(ours, theirs string, places int) []Rule {
	r := turnedRules(ours, theirs)
	r[0].Layout = Layout{Places: places}
	return r
}

// batchNormRules is a batch normalisation, as PyTorch names it.
func batchNormRules(ours, theirs string) []Rule {
	return []Rule{
		{Ours: ours + ".scale", Theirs: theirs + ".weight"},
		{Ours: ours + ".bias", Theirs: theirs + ".bias"},
		{Ours: ours + ".mean", Theirs: theirs + ".running_mean"},
		{Ours: ours + ".variance", Theirs: theirs + ".running_var"},
	}
}

// scaleRules is a normalisation with scale and bias, as PyTorch names it.
func scaleRules(ours, theirs string) []Rule { return batchNormRules(ours, theirs)[:2] }

// blockRules is a [ConvBlock] at path ours.
func blockRules(ours, conv, norm string) []Rule {
	return append(turnedRules(ours+".conv", conv), batchNormRules(ours+".norm", norm)...)
}
