package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// walks follows a few examples through the layers: the surest mistake, the
// least sure right answer, and the surest right answer of two classes.
func (g *gatherer) walks(ctx context.Context, pool *exec.Pool) error {
	c := nn.NewCtx(g.net)
	x := c.Graph.Leaf("image", batchOf1(g.run.Model.Input.Type()))
	c.In("", g.net, x)
	if err := c.Graph.Err(); err != nil {
		return err
	}
	if err := g.filters(c, x); err != nil {
		return err
	}
	stages := stagesOf(c)
	if len(stages) == 0 {
		return nil
	}
	f, params, err := stageFunc(c, x, stages)
	if err != nil {
		return err
	}
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		return err
	}
	for _, i := range g.walkers() {
		in, err := g.input(i)
		if err != nil {
			return err
		}
		out, err := fn.Call(ctx, append([]tensor.Tensor{in}, params...)...)
		if err != nil {
			return err
		}
		w, err := g.walk(i, stages, out)
		if err != nil {
			return err
		}
		g.page.Walks = append(g.page.Walks, w)
	}
	return nil
}

func batchOf1(t tensor.Type) tensor.Type {
	t.Shape = tensor.Dims(append([]int{1}, t.Shape.Dims()...)...)
	return t
}

// stagesOf picks the layers to look at: the last result of each size of map,
// and as many as mostStages of them, evenly apart, the first and last among them.
func stagesOf(c *nn.Ctx) []nn.Call {
	bySize := map[[2]int]nn.Call{}
	for _, call := range c.Calls() {
		s := call.Out.Shape()
		if s.Rank() != 4 || s.Dim(1)*s.Dim(2) < 4 {
			continue
		}
		size := [2]int{s.Dim(1), s.Dim(2)}
		if best, ok := bySize[size]; !ok || call.Out.Inst().ID() > best.Out.Inst().ID() {
			bySize[size] = call
		}
	}
	all := make([]nn.Call, 0, len(bySize))
	for _, call := range bySize {
		all = append(all, call)
	}
	slices.SortFunc(all, func(a, b nn.Call) int { return cmp.Compare(a.Out.Inst().ID(), b.Out.Inst().ID()) })
	if len(all) <= mostStages {
		return all
	}
	picked := make([]nn.Call, mostStages)
	for i := range picked {
		picked[i] = all[i*(len(all)-1)/(mostStages-1)]
	}
	return picked
}

// stageFunc computes the stages from an image and the parameters.
func stageFunc(c *nn.Ctx, x *graph.Node, stages []nn.Call) (*graph.Func, []tensor.Tensor, error) {
	in, out := []*graph.Node{x}, []*graph.Node{}
	var params []tensor.Tensor
	for _, p := range c.Used() {
		in, params = append(in, c.Param(p.Param)), append(params, p.Value)
	}
	for _, s := range stages {
		out = append(out, s.Out)
	}
	f, err := graph.NewFunc("stages", in, out)
	return f, params, err
}

// walkers is the examples that walks follow.
func (g *gatherer) walkers() []int {
	order, all := g.order(), g.eval.Predictions
	mistakes := g.page.Mistakes()
	var picked []int
	if mistakes > 0 {
		picked = append(picked, order[0])
	}
	if mistakes < len(order) {
		picked = append(picked, order[mistakes])
	}
	seen := map[int32]bool{}
	for k := len(order) - 1; k > mistakes && len(picked) < mostWalks; k-- {
		if i := order[k]; !seen[all.Label[i]] {
			seen[all.Label[i]] = true
			picked = append(picked, i)
		}
	}
	return picked
}

func (g *gatherer) walk(i int, stages []nn.Call, out []tensor.Tensor) (Walk, error) {
	e, err := g.example(i)
	if err != nil {
		return Walk{}, err
	}
	w := Walk{Example: e}
	for k, t := range out {
		s := t.Shape()
		w.Stages = append(w.Stages, Stage{
			Name: "after " + stages[k].Path,
			Doc:  fmt.Sprintf("%d maps of %d x %d", s.Dim(3), s.Dim(2), s.Dim(1)),
			Maps: strongest(t),
		})
	}
	return w, nil
}

// strongest is the maps [1 H W C] with the largest means, each from black at 0
// or below to white at its own maximum.
func strongest(t tensor.Tensor) []Picture {
	s, x := t.Shape(), t.Floats()
	h, w, c := s.Dim(1), s.Dim(2), s.Dim(3)
	mean, top := make([]float64, c), make([]float32, c)
	for i, v := range x {
		mean[i%c] += float64(v)
		top[i%c] = max(top[i%c], v)
	}
	order := make([]int, c)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(mean[b], mean[a]) })
	var maps []Picture
	for _, k := range order[:min(c, mostMaps)] {
		p := Picture{W: w, H: h, C: 1, Pix: make([]uint8, w*h)}
		for i := range p.Pix {
			if v := x[i*c+k]; v > 0 && top[k] > 0 {
				p.Pix[i] = uint8(255*v/top[k] + 0.5)
			}
		}
		maps = append(maps, p)
	}
	return maps
}

// filters draws the weights [KH KW C K] of the first convolution that reads
// pixels: grey is zero, bright adds, dark takes away.
func (g *gatherer) filters(c *nn.Ctx, x *graph.Node) error {
	for _, p := range c.Used() {
		s := p.Value.Shape()
		if s.Rank() != 4 || s.Dim(2) != x.Shape().Dim(3) || s.Dim(0)*s.Dim(1) < 4 {
			continue
		}
		if s.Dim(2) != 1 && s.Dim(2) != 3 {
			return nil
		}
		g.page.FilterDoc = fmt.Sprintf("The %d filters of %s, %d x %d pixels each. Grey is nothing, bright adds, dark takes away: a filter that is bright on one side and dark on the other answers to an edge.", s.Dim(3), p.Path, s.Dim(1), s.Dim(0))
		for k := range s.Dim(3) {
			g.page.Filters = append(g.page.Filters, filter(p.Value, k))
		}
		return nil
	}
	return nil
}

func filter(w tensor.Tensor, k int) Picture {
	s, x := w.Shape(), w.Floats()
	n, top := s.Dim(3), float32(1e-9)
	for i := k; i < len(x); i += n {
		top = max(top, x[i], -x[i])
	}
	p := Picture{W: s.Dim(1), H: s.Dim(0), C: s.Dim(2), Pix: make([]uint8, s.Size()/n)}
	for i := range p.Pix {
		p.Pix[i] = uint8(127.5 + 127.5*x[i*n+k]/top)
	}
	return p
}
