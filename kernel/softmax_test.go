package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// softmax64 is the shares of a row and the logarithm of their sum.
func softmax64(x []float32) (share []float64, logSum float64) {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, float64(v))
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v) - top)
	}
	for _, v := range x {
		share = append(share, math.Exp(float64(v)-top)/sum)
	}
	return share, top + math.Log(sum)
}

func TestSoftmax(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {7, 10}, {300, 33}, {2, 3000}} {
		rows, n := s[0], s[1]
		r := rand.New(rand.NewPCG(1, 2))
		x, dy := values(r, make(Memory, 4*rows*n)), values(r, make(Memory, 4*rows*n))
		for i := range x.F32() {
			x.F32()[i] = x.F32()[i]*50 + 1000
		}
		y := runEach(t, Softmax(rows, n, false), []Memory{x}, 4*rows*n)[0]
		logY := runEach(t, Softmax(rows, n, true), []Memory{x}, 4*rows*n)[0]
		dx := runEach(t, SoftmaxGrad(rows, n, false), []Memory{dy, y}, 4*rows*n)[0]
		logDx := runEach(t, SoftmaxGrad(rows, n, true), []Memory{dy, logY}, 4*rows*n)[0]
		var want [4][]float64
		for i := range rows {
			row, g := x.F32()[i*n:(i+1)*n], dy.F32()[i*n:(i+1)*n]
			share, logSum := softmax64(row)
			var dot, total float64
			for j := range row {
				dot += share[j] * float64(g[j])
				total += float64(g[j])
			}
			for j, v := range row {
				want[0] = append(want[0], share[j])
				want[1] = append(want[1], float64(v)-logSum)
				want[2] = append(want[2], share[j]*(float64(g[j])-dot))
				want[3] = append(want[3], float64(g[j])-share[j]*total)
			}
		}
		for k, got := range []Memory{y, logY, dx, logDx} {
			if err := close32(got.F32(), want[k], 1e-5); err != nil {
				t.Errorf("%d x %d: %d: %v", rows, n, k, err)
			}
		}
	}
}

func TestCrossEntropy(t *testing.T) {
	const rows, n = 90, 10
	for _, smoothing := range []float32{0, 0.1} {
		r := rand.New(rand.NewPCG(1, 2))
		x, dloss, labels := values(r, make(Memory, 4*rows*n)), values(r, make(Memory, 4*rows)), make(Memory, 4*rows)
		for i := range labels.I32() {
			labels.I32()[i] = int32(r.IntN(n))
		}
		labels.I32()[3], labels.I32()[4] = -1, n
		out := runEach(t, CrossEntropy(rows, n, smoothing), []Memory{x, labels}, 4*rows, 4*rows*n)
		alone := runEach(t, CrossEntropy(rows, n, smoothing), []Memory{x, labels}, 4*rows)
		in := []Memory{x, labels, dloss}
		grad := runEach(t, CrossEntropyGrad(rows, n, smoothing, false), in, 4*rows*n)[0]
		in[0] = out[1]
		same := runEach(t, CrossEntropyGrad(rows, n, smoothing, true), in, 4*rows*n)[0]
		loss, dx := make([]float64, rows), make([]float64, rows*n)
		for i := range rows {
			share, logSum := softmax64(x.F32()[i*n : (i+1)*n])
			label := int(labels.I32()[i])
			for j, p := range share {
				target := float64(smoothing) / n
				if j == label {
					target += 1 - float64(smoothing)
				}
				loss[i] += target * (logSum - float64(x.F32()[i*n+j]))
				dx[i*n+j] = float64(dloss.F32()[i]) * (p - target)
				if label < 0 || label >= n {
					loss[i], dx[i*n+j] = math.NaN(), math.NaN()
				}
			}
		}
		for k, got := range []Memory{out[0], alone[0]} {
			if err := close32(got.F32(), loss, 1e-6); err != nil {
				t.Errorf("smoothing %v: loss %d: %v", smoothing, k, err)
			}
		}
		for k, got := range []Memory{grad, same} {
			if err := close32(got.F32(), dx, 1e-6); err != nil {
				t.Errorf("smoothing %v: gradient %d: %v", smoothing, k, err)
			}
		}
	}
}
