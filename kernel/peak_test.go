package kernel

import "testing"

// BenchmarkFMA reports the most that one core can compute.
func BenchmarkFMA(b *testing.B) {
	for name, f := range fmaForms.All() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f.run(10_000)
			}
			b.ReportMetric(float64(f.flops)*10_000*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
