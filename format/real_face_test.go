package format_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ihae/ihae/media"
)

// box is a face: two corners in pixels of the picture, and how sure a detector is.
type box struct {
	x0, y0, x1, y1 float64
	score          float64
}

func (a box) area() float64 { return max(0, a.x1-a.x0) * max(0, a.y1-a.y0) }

// overlap is the intersection of two boxes over their union.
func (a box) overlap(b box) float64 {
	both := box{x0: max(a.x0, b.x0), y0: max(a.y0, b.y0), x1: min(a.x1, b.x1), y1: min(a.y1, b.y1)}.area()
	return both / (a.area() + b.area() - both)
}

// best is the boxes of at least a score, without those that overlap a surer one
// by more than a half, surest first.
func best(all []box, score float64) []box {
	slices.SortFunc(all, func(a, b box) int { return int(math.Copysign(1, b.score-a.score)) })
	var kept []box
	for _, b := range all {
		if b.score >= score && !slices.ContainsFunc(kept, func(k box) bool { return k.overlap(b) > 0.5 }) {
			kept = append(kept, b)
		}
	}
	return kept
}

// detector is a model that finds faces in pictures of one size.
type detector struct {
	name, file    string
	width, height int
	feed          func(m media.Image) tensors
	boxes         func(out tensors, d detector) []box // in shares of the picture
	score         float64                             // that faces have
	overlap       float64                             // with the faces of portraits, which are those of UltraFace
	scores        [][]float64                         // of portraits as the description tells them; nil: only their number counts
	portraits     int                                 // how many it is asked for
}

var (
	ultraFace = scaling{1, [3]float64{127, 127, 127}, [3]float64{128, 128, 128}}
	oneAround = scaling{127.5, [3]float64{1, 1, 1}, [3]float64{1, 1, 1}}
)

const detectors = "face-detect-onnx/"

func ultraFeed(m media.Image) tensors { return tensors{"input": planes(m, ultraFace, rgb)} }
func yuFeed(m media.Image) tensors    { return tensors{"input": planes(m, plain, bgr)} }
func blazeFeed(m media.Image) tensors { return tensors{"input:0": pixels(m, oneAround, rgb)} }

var yuScores = [][]float64{{0.911}, {0.911, 0.896, 0.890}}

// The BlazeFaces put their boxes lower in the face, and the one for near faces is
// not asked for small ones.
var faceDetectors = []detector{
	{"ultraface", detectors + "ultraface-rfb320.onnx", 320, 240, ultraFeed, ultraBoxes, 0.7, 0.9, [][]float64{{0.993}, {0.999, 0.999, 0.994}}, 3},
	{"yunet", detectors + "yunet_n_320.onnx", 320, 320, yuFeed, yuBoxes, 0.8, 0.75, yuScores, 3},
	{"yunet-any-size", detectors + "yunet_n_dynamic.onnx", 480, 352, yuFeed, yuBoxes, 0.8, 0.75, nil, 3},
	{"blazeface-front", detectors + "blazeface_front_128.onnx", 128, 128, blazeFeed, blazeBoxes, 0.5, 0.3, nil, 1},
	{"blazeface-back", detectors + "blazeface_back_256.onnx", 256, 256, blazeFeed, blazeBoxes, 0.5, 0.4, nil, 2},
}

// ultraBoxes reads corners in shares of the picture.
func ultraBoxes(out tensors, _ detector) []box {
	var all []box
	b := values(out["boxes"])
	for i, s := range values(out["scores"]) {
		if i%2 == 1 {
			v := b[i/2*4:]
			all = append(all, box{v[0], v[1], v[2], v[3], s})
		}
	}
	return all
}

// yuBoxes reads boxes relative to the cells of grids of three strides: Wu et al.,
// "YuNet: A Tiny Millisecond-level Face Detector", 2023, section 3.
func yuBoxes(out tensors, d detector) []box {
	var all []box
	for _, stride := range []int{8, 16, 32} {
		get := func(what string) []float64 { return values(out[fmt.Sprintf("%s_%d", what, stride)]) }
		class, object, b := get("cls"), get("obj"), get("bbox")
		sx, sy := float64(stride)/float64(d.width), float64(stride)/float64(d.height)
		for i := range class {
			x, y := float64(i%(d.width/stride))+b[4*i], float64(i/(d.width/stride))+b[4*i+1]
			w, h := math.Exp(b[4*i+2]), math.Exp(b[4*i+3])
			all = append(all, box{(x - w/2) * sx, (y - h/2) * sy, (x + w/2) * sx, (y + h/2) * sy, math.Sqrt(class[i] * object[i])})
		}
	}
	return all
}

// blazeBoxes reads offsets in pixels from the centres of two grids of anchors, two
// a cell and six: Bazarevsky et al., "BlazeFace", 2019, section 3.
func blazeBoxes(out tensors, d detector) []box {
	var all []box
	size := float64(d.width)
	for k, grid := range []struct{ side, each int }{{16, 2}, {8, 6}} {
		score, b := values(out[[]string{"Identity:0", "Identity_1:0"}[k]]), values(out[[]string{"Identity_2:0", "Identity_3:0"}[k]])
		for i, s := range score {
			cell, v := i/grid.each, b[16*i:]
			x := (float64(cell%grid.side)+0.5)/float64(grid.side) + v[0]/size
			y := (float64(cell/grid.side)+0.5)/float64(grid.side) + v[1]/size
			w, h := v[2]/size, v[3]/size
			all = append(all, box{x - w/2, y - h/2, x + w/2, y + h/2, 1 / (1 + math.Exp(-s))})
		}
	}
	return all
}

// portrait is a picture and its faces as the descriptions of models tell them:
// boxes of UltraFace, or their number.
type portrait struct {
	file  string
	faces []box
	count int
}

var portraits = []portrait{
	{detectors + "satya.jpg", []box{{146, 33, 189, 78, 0.993}}, 1},
	{"face-api/sample1.jpg", []box{{414, 360, 596, 590, 0.999}, {832, 432, 1033, 647, 0.999}, {1470, 213, 1676, 428, 0.994}}, 3},
	{"face-api/sample5.jpg", nil, 5},
}

// sigmoid is by how much ONNX Runtime's logistic function is off: of scores that
// all are 1e-4 it is more than the tolerance.
const sigmoid = 2e-7

// TestRealFaces runs the detectors on portraits: all outputs of ONNX Runtime, and
// the published faces.
func TestRealFaces(t *testing.T) {
	for _, d := range faceDetectors {
		t.Run(d.name, func(t *testing.T) {
			for i, p := range portraits {
				m := photo(t, "models", p.file)
				c := peerCase{
					name: d.name + "." + []string{"one", "three", "five"}[i], model: d.file,
					in: d.feed(resized(t, m, d.width, d.height)), tolerance: exact, absolute: sigmoid,
				}
				found := best(d.boxes(c.run(t, "faces"), d), d.score)
				for k := range found {
					b, w, h := &found[k], float64(m.W), float64(m.H)
					b.x0, b.y0, b.x1, b.y1 = b.x0*w, b.y0*h, b.x1*w, b.y1*h
				}
				if i < d.portraits {
					d.check(t, i, found)
				}
			}
		})
	}
}

// check compares the faces found with those of a portrait.
func (d detector) check(t *testing.T, i int, found []box) {
	t.Helper()
	p := portraits[i]
	if len(found) != p.count {
		t.Errorf("%s: %d faces, want %d: %v", p.file, len(found), p.count, found)
		return
	}
	for k, w := range p.faces {
		at := slices.IndexFunc(found, func(b box) bool { return b.overlap(w) > d.overlap })
		if at < 0 {
			t.Errorf("%s: no face at %v: %v", p.file, w, found)
			continue
		}
		if i < len(d.scores) {
			near(t, p.file+": score", []float64{found[at].score}, 0.02, d.scores[i][k])
		}
	}
}
