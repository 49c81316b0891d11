package page

import (
	"cmp"
	"slices"
)

// flowLayout is where everything of a Flow goes: layers from top to bottom, in
// each of which boxes, and the places where arrows pass, stand side by side
// (Sugiyama, Tagawa and Toda, Methods for Visual Understanding of Hierarchical
// System Structures, 1981: layers, medians, then places).
type flowLayout struct {
	items  []*flowItem // the boxes, then the places that arrows pass
	layers [][]*flowItem
	tops   []float64
	paths  [][]*flowItem // the arrows
}

// flowItem is a box, or a place where an arrow passes a layer.
type flowItem struct {
	layer      int
	x, y, w, h float64 // x is the middle, y the top
	up, down   []*flowItem
}

func (f Flow) layout() *flowLayout {
	l := &flowLayout{}
	for _, b := range f.Boxes {
		w := 40.0
		for i, line := range b.Lines {
			extra := 1.0
			if i == 0 {
				extra = 1.1
			}
			w = max(w, textWidth(line)*extra)
		}
		l.items = append(l.items, &flowItem{w: w + 2*flowPad, h: float64(len(b.Lines))*flowLine + flowPad})
	}
	for _, a := range f.Arrows {
		to := l.items[a[1]]
		to.layer = max(to.layer, l.items[a[0]].layer+1)
	}
	l.settleLayers(f.Arrows)
	for _, a := range f.Arrows {
		l.route(l.items[a[0]], l.items[a[1]])
	}
	l.fill()
	for range 8 {
		l.sort(func(i *flowItem) []*flowItem { return i.up }, false)
		l.sort(func(i *flowItem) []*flowItem { return i.down }, true)
	}
	l.place()
	return l
}

// settleLayers repeats the longest way until it holds for every arrow, and pulls
// sources down to what they lead to.
func (l *flowLayout) settleLayers(arrows [][2]int) {
	for round, changed := 0, true; changed && round < len(l.items); round++ {
		changed = false
		for _, a := range arrows {
			from, to := l.items[a[0]], l.items[a[1]]
			if to.layer <= from.layer && to != from {
				to.layer, changed = from.layer+1, true
			}
		}
	}
	entered, first := map[*flowItem]bool{}, map[*flowItem]int{}
	for _, a := range arrows {
		from, to := l.items[a[0]], l.items[a[1]]
		entered[to] = true
		if n, ok := first[from]; !ok || to.layer < n {
			first[from] = to.layer
		}
	}
	for from, n := range first {
		if !entered[from] {
			from.layer = n - 1
		}
	}
}

// route joins two items by way of a place in each layer between them.
func (l *flowLayout) route(from, to *flowItem) {
	path := []*flowItem{from}
	for layer := from.layer + 1; layer < to.layer; layer++ {
		pass := &flowItem{layer: layer, w: flowLane}
		l.items = append(l.items, pass)
		path = append(path, pass)
	}
	path = append(path, to)
	for i, next := range path[1:] {
		path[i].down = append(path[i].down, next)
		next.up = append(next.up, path[i])
	}
	l.paths = append(l.paths, path)
}

func (l *flowLayout) fill() {
	deepest := 0
	for _, i := range l.items {
		deepest = max(deepest, i.layer)
	}
	l.layers = make([][]*flowItem, deepest+1)
	for _, i := range l.items {
		l.layers[i.layer] = append(l.layers[i.layer], i)
	}
}

// sort orders each layer by the middle of its neighbours' places in the layer
// before it.
func (l *flowLayout) sort(near func(*flowItem) []*flowItem, upwards bool) {
	rank := map[*flowItem]float64{}
	order := slices.Clone(l.layers)
	if upwards {
		slices.Reverse(order)
	}
	for _, layer := range order {
		key := map[*flowItem]float64{}
		for at, i := range layer {
			key[i] = float64(at)
			if n := near(i); len(n) > 0 {
				key[i] = 0
				for _, x := range n {
					key[i] += rank[x] / float64(len(n))
				}
			}
		}
		slices.SortStableFunc(layer, func(a, b *flowItem) int { return cmp.Compare(key[a], key[b]) })
		for at, i := range layer {
			rank[i] = float64(at) - float64(len(layer)-1)/2
		}
	}
}

// place gives items their coordinates: layers one below the other; in a layer
// each item as near to the middle of its neighbours as those beside it allow.
func (l *flowLayout) place() {
	y := float64(flowLayer)
	for _, layer := range l.layers {
		h := 0.0
		for _, i := range layer {
			h = max(h, i.h)
		}
		l.tops = append(l.tops, y)
		x := 0.0
		for _, i := range layer {
			if i.y = y + (h-i.h)/2; i.w == flowLane {
				i.y, i.h = y, h
			}
			i.x = x + i.w/2
			x += i.w + flowGap
		}
		for _, i := range layer {
			i.x -= (x - flowGap) / 2
		}
		y += h + flowLayer
	}
	for round := range 24 {
		for n := range l.layers {
			layer := l.layers[n]
			if round%2 == 1 {
				layer = l.layers[len(l.layers)-1-n]
			}
			straighten(layer, round%2 == 1)
		}
	}
	left := 0.0
	for _, i := range l.items {
		left = min(left, i.x-i.w/2)
	}
	for _, i := range l.items {
		i.x += flowGap - left
	}
}

// straighten moves the items of a layer towards their neighbours above, or
// below, and apart where they would overlap.
func straighten(layer []*flowItem, below bool) {
	want := make([]float64, len(layer))
	for k, i := range layer {
		near := i.up
		if below {
			near = i.down
		}
		want[k] = i.x
		if len(near) > 0 {
			want[k] = 0
			for _, x := range near {
				want[k] += x.x / float64(len(near))
			}
		}
	}
	// Twice: pushed to the right of those before, and to the left of those
	// behind; the middle of both keeps the distances.
	right, left := slices.Clone(want), slices.Clone(want)
	for k := 1; k < len(layer); k++ {
		right[k] = max(right[k], right[k-1]+(layer[k-1].w+layer[k].w)/2+flowGap)
	}
	for k := len(layer) - 2; k >= 0; k-- {
		left[k] = min(left[k], left[k+1]-(layer[k+1].w+layer[k].w)/2-flowGap)
	}
	for k, i := range layer {
		i.x = (right[k] + left[k]) / 2
	}
}

// size is that of the drawing.
func (l *flowLayout) size() (w, h float64) {
	for _, i := range l.items {
		w, h = max(w, i.x+i.w/2), max(h, i.y+i.h)
	}
	return w + flowGap, h + flowLayer
}
