package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// moments64 are mean and variance of n elements, in float64.
func moments64(n int, x func(i int) float64) (mean, variance float64) {
	for i := range n {
		mean += x(i) / float64(n)
	}
	for i := range n {
		variance += (x(i) - mean) * (x(i) - mean) / float64(n)
	}
	return mean, variance
}

// TestBatchNormOfAnyShape compares with float64, for columns with large means.
func TestBatchNormOfAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SampledFrom([]int{1, 2, 37, 500, 3000}).Draw(t, "rows")
		c := rapid.SampledFrom([]int{1, 3, 16, 64, 100, 1024, 1500}).Draw(t, "c")
		act := rapid.SampledFrom([]Act{ActNone, ActReLU}).Draw(t, "act")
		residual := rapid.Bool().Draw(t, "residual")
		if rows*c > 1<<18 {
			t.Skip("too large")
		}
		r := rand.New(rand.NewPCG(1, 2))
		x, scale, bias := values(r, make(Memory, 4*rows*c)), values(r, make(Memory, 4*c)), values(r, make(Memory, 4*c))
		for i := range x.F32() {
			x.F32()[i] += float32(i % c % 5 * 100)
		}
		in := []Memory{x, scale, bias}
		if residual {
			in = append(in, values(r, make(Memory, 4*rows*c)))
		}
		out := runEach(t, BatchNorm(rows, c, 1e-3, act, residual), in, 4*rows*c, 4*c, 4*c)
		y, mean, variance := make([]float64, rows*c), make([]float64, c), make([]float64, c)
		for j := range c {
			at := func(i int) float64 { return float64(x.F32()[i*c+j]) }
			mean[j], variance[j] = moments64(rows, at)
			for i := range rows {
				v := (at(i)-mean[j])/math.Sqrt(variance[j]+1e-3)*float64(scale.F32()[j]) + float64(bias.F32()[j])
				if residual {
					v += float64(in[3].F32()[i*c+j])
				}
				if act == ActReLU {
					v = max(v, 0)
				}
				y[i*c+j] = v
			}
		}
		for k, want := range [][]float64{y, mean, variance} {
			if err := close32(out[k].F32(), want, []float64{1e-3, 1e-6, 1e-4}[k]); err != nil {
				t.Fatalf("%d x %d: result %d: %v", rows, c, k, err)
			}
		}
	})
}

// batchGrad64 is the gradient from the formula of the paper, in float64.
func batchGrad64(rows, c int, eps float64, dy, x, scale []float32, y []float32) (dx, dscale, dbias, masked []float64) {
	dx, dscale, dbias, masked = make([]float64, rows*c), make([]float64, c), make([]float64, c), make([]float64, rows*c)
	for j := range c {
		mean, variance := moments64(rows, func(i int) float64 { return float64(x[i*c+j]) })
		inverse := 1 / math.Sqrt(variance+eps)
		hat := func(i int) float64 { return (float64(x[i*c+j]) - mean) * inverse }
		for i := range rows {
			g := float64(dy[i*c+j])
			if y != nil && y[i*c+j] <= 0 {
				g = 0
			}
			masked[i*c+j] = g
			dbias[j] += g
			dscale[j] += g * hat(i)
		}
		for i := range rows {
			n := float64(rows)
			dx[i*c+j] = float64(scale[j]) * inverse * (masked[i*c+j] - dbias[j]/n - hat(i)*dscale[j]/n)
		}
	}
	return dx, dscale, dbias, masked
}

func TestBatchNormGradOfAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SampledFrom([]int{2, 37, 500, 3000}).Draw(t, "rows")
		c := rapid.SampledFrom([]int{1, 3, 16, 64, 100, 1500}).Draw(t, "c")
		relu := rapid.Bool().Draw(t, "relu")
		if rows*c > 1<<18 {
			t.Skip("too large")
		}
		r := rand.New(rand.NewPCG(1, 2))
		dy, x, y := values(r, make(Memory, 4*rows*c)), values(r, make(Memory, 4*rows*c)), values(r, make(Memory, 4*rows*c))
		scale, mean, variance := values(r, make(Memory, 4*c)), make(Memory, 4*c), make(Memory, 4*c)
		for j := range c {
			m, v := moments64(rows, func(i int) float64 { return float64(x.F32()[i*c+j]) })
			mean.F32()[j], variance.F32()[j] = float32(m), float32(v)
		}
		in, act, mask := []Memory{dy, x, mean, variance, scale}, ActNone, []float32(nil)
		if relu {
			in, act, mask = append(in, y), ActReLU, y.F32()
		}
		out := runEach(t, BatchNormGrad(rows, c, 1e-3, act, relu), in, append([]int{4 * rows * c, 4 * c, 4 * c}, map[bool][]int{true: {4 * rows * c}}[relu]...)...)
		dx, dscale, dbias, masked := batchGrad64(rows, c, 1e-3, dy.F32(), x.F32(), scale.F32(), mask)
		for k, want := range [][]float64{dx, dscale, dbias, masked}[:len(out)] {
			if err := close32(out[k].F32(), want, 1e-4); err != nil {
				t.Fatalf("%d x %d: result %d: %v", rows, c, k, err)
			}
		}
	})
}

// TestLayerNorm uses that rows are columns of the transposed matrix: the
// gradient by x is batch normalisation's with another scale.
func TestLayerNorm(t *testing.T) {
	const eps = 1e-3
	for _, s := range [][2]int{{1, 7}, {5, 64}, {300, 100}, {3, 2500}} {
		rows, n := s[0], s[1]
		r := rand.New(rand.NewPCG(1, 2))
		x, scale, bias := values(r, make(Memory, 4*rows*n)), values(r, make(Memory, 4*n)), values(r, make(Memory, 4*n))
		dy := values(r, make(Memory, 4*rows*n))
		out := runEach(t, LayerNorm(rows, n, eps), []Memory{x, scale, bias}, 4*rows*n, 4*rows, 4*rows)
		in := []Memory{dy, x, out[1], out[2], scale}
		grad := runEach(t, LayerNormGrad(rows, n, eps), in, 4*rows*n, 4*n, 4*n)
		y, dx := make([]float64, rows*n), make([]float64, rows*n)
		dscale, dbias := make([]float64, n), make([]float64, n)
		for i := range rows {
			mean, variance := moments64(n, func(j int) float64 { return float64(x.F32()[i*n+j]) })
			inverse := 1 / math.Sqrt(variance+eps)
			hat := func(j int) float64 { return (float64(x.F32()[i*n+j]) - mean) * inverse }
			g := func(j int) float64 { return float64(dy.F32()[i*n+j]) * float64(scale.F32()[j]) }
			var sum, product float64
			for j := range n {
				y[i*n+j] = hat(j)*float64(scale.F32()[j]) + float64(bias.F32()[j])
				dscale[j] += float64(dy.F32()[i*n+j]) * hat(j)
				dbias[j] += float64(dy.F32()[i*n+j])
				sum, product = sum+g(j), product+g(j)*hat(j)
			}
			for j := range n {
				dx[i*n+j] = inverse * (g(j) - sum/float64(n) - hat(j)*product/float64(n))
			}
		}
		for k, c := range []struct {
			got  Memory
			want []float64
		}{{out[0], y}, {grad[0], dx}, {grad[1], dscale}, {grad[2], dbias}} {
			if err := close32(c.got.F32(), c.want, 2e-5); err != nil {
				t.Errorf("%d x %d: %d: %v", rows, n, k, err)
			}
		}
	}
}

func TestNormsDoNotAllocate(t *testing.T) {
	const rows, c = 200, 40
	full, row, col := make(Memory, 4*rows*c), make(Memory, 4*c), make(Memory, 4*rows)
	noAllocs(t, BatchNorm(rows, c, 1, ActReLU, true), []Memory{full, row, row, full}, []Memory{full, row, row})
	noAllocs(t, BatchNormGrad(rows, c, 1, ActReLU, true), []Memory{full, full, row, row, row, full}, []Memory{full, row, row, full})
	noAllocs(t, LayerNorm(rows, c, 1), []Memory{full, row, row}, []Memory{full, col, col})
	noAllocs(t, LayerNormGrad(rows, c, 1), []Memory{full, full, col, col, row}, []Memory{full, row, row})
	noAllocs(t, Softmax(rows, c, true), []Memory{full}, []Memory{full})
	noAllocs(t, Reduce(ReduceSpec{Outer: 1, Axis: rows * 10, Inner: 4}), []Memory{full}, []Memory{make(Memory, 16)})
	noAllocs(t, Reduce(ReduceSpec{Outer: 2, Axis: rows * 20, Inner: 1}), []Memory{full}, []Memory{make(Memory, 8)})
}
