package zoo_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

const pageHead = `# Architectures

    go test ./zoo -run TestZooPage -update

Written by the line above. Each name builds a network: ` + "`zoo.New(name, …)`" + `, or ` + "`name`" + ` in a run's
` + "`model.toml`" + `. A published size is its architecture with other defaults; every setting can still be changed.
*Parameters* are the trained numbers, *MACs* the multiply-accumulates of convolutions and of products with
weights for one example of the input named; both are held to published figures by ` + "`TestPublishedCounts`" + `.
An image is [height width channels], a text its number of tokens, with the vocabulary. *Weights* is whose
names of tensors ` + "`zoo.LoadWeights`" + ` understands.

## Published sizes

| name | architecture | year | paper | parameters | MACs | input | outputs | weights |
|---|---|---|---|---|---|---|---|---|
`

const pageNames = `
## Names of weights

A mapping says, for each parameter of a network, which tensor of a file it is and how that lies: a table in the
architecture's own file. Loading asks that every parameter is filled once and that nothing of the file is left
over. Names may begin with ` + "`module.`" + ` and the prefixes listed; ` + "`num_batches_tracked`" + ` is passed over everywhere.

| architecture | names | files | settings that they need | prefixes |
|---|---|---|---|---|
`

const pageOthers = `
## Others

| name | what it is | paper |
|---|---|---|
`

// TestZooPage asks that docs/zoo.md is what the architectures say of themselves.
func TestZooPage(t *testing.T) {
	var sizes, names, others strings.Builder
	for _, name := range zoo.Names() {
		e, err := zoo.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if e.FromFile != nil {
			continue
		}
		if len(e.Variants) == 0 {
			fmt.Fprintf(&others, "| %s | %s | %s |\n", e.Name, e.Doc, e.Cite)
			continue
		}
		for _, m := range e.Weights {
			fmt.Fprintf(&names, "| %s | %s | %s | %s | %s |\n", e.Name, m.Name, m.From, settingsText(m.Settings), strings.Join(quoted(m.Prefixes), " "))
		}
		for _, v := range e.Variants {
			n := measure(t, v)
			paper, year := citation(t, cmp.Or(v.Cite, e.Cite))
			var understood []string
			for _, m := range e.Weights {
				if len(m.Of) == 0 || slices.Contains(m.Of, v.Name) {
					understood = append(understood, m.Name)
				}
			}
			fmt.Fprintf(&sizes, "| %s | %s | %d | %s | %s | %s | %s | %d | %s |\n",
				v.Name, e.Name, year, paper, thousands(int64(n.Params)), thousands(n.MACs), inputText(v.In), v.Out, strings.Join(understood, ", "))
		}
	}
	golden(t, filepath.Join("..", "docs", "zoo.md"), pageHead+sizes.String()+pageNames+names.String()+pageOthers+others.String())
}

// citation is authors and year of a paper.
func citation(t *testing.T, cite string) (paper string, year int) {
	t.Helper()
	at := strings.LastIndex(cite, ", ")
	if at < 0 {
		t.Fatalf("%q is without a year", cite)
	}
	year, err := strconv.Atoi(cite[at+2:])
	if err != nil {
		t.Fatalf("%q: %v", cite, err)
	}
	return cite[:at], year
}

func inputText(in zoo.In) string {
	if len(in.Vocab) == 1 {
		return fmt.Sprintf("%d of %d", in.Shape.Dim(0), in.Vocab[0])
	}
	return strings.ReplaceAll(strings.Trim(in.Shape.String(), "[]"), " ", "×")
}

func settingsText(s zoo.Settings) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		value := fmt.Sprint(s[name])
		if text, ok := s[name].(string); ok {
			value = strconv.Quote(text)
		}
		list = append(list, fmt.Sprintf("`%s = %s`", name, value))
	}
	return strings.Join(list, " ")
}

func quoted(list []string) []string {
	var q []string
	for _, s := range list {
		q = append(q, "`"+s+"`")
	}
	return q
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// The file of weights here lacks a tensor and has one that LeNet-5 has not.
func ExampleLoadWeights() {
	e, err := zoo.Lookup("lenet-5")
	if err != nil {
		fmt.Println(err)
		return
	}
	file := map[string]tensor.Tensor{
		"conv1.weight": tensor.New(tensor.F32(6, 1, 5, 5)), "conv1.bias": tensor.New(tensor.F32(6)),
		"conv2.weight": tensor.New(tensor.F32(16, 6, 5, 5)), "conv2.bias": tensor.New(tensor.F32(16)),
		"fc1.weight": tensor.New(tensor.F32(120, 400)), "fc1.bias": tensor.New(tensor.F32(120)),
		"fc2.weight": tensor.New(tensor.F32(84, 120)), "fc2.bias": tensor.New(tensor.F32(84)),
		"fc3.weight": tensor.New(tensor.F32(10, 84)), "fc4.bias": tensor.New(tensor.F32(10)),
	}
	names := slices.Sorted(maps.Keys(file))
	m, ok := e.Mapping(names)
	fmt.Println(m.Name, ok)
	net, err := zoo.New("lenet-5", rng.None(), zoo.Image(tensor.Dims(32, 32, 1)), 10, m.Settings)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = zoo.LoadWeights(net, m, names, func(name string) (tensor.Tensor, error) { return file[name], nil })
	var fault *zoo.WeightsError
	if errors.As(err, &fault) {
		fmt.Println("missing:", fault.Missing)
		fmt.Println("left over:", fault.Left)
	}
	fmt.Println(len(nn.Params(net)), "parameters")
	// Output:
	// pytorch-tutorial true
	// missing: [fc3.bias (our head.bias [10])]
	// left over: [fc4.bias]
	// 10 parameters
}
