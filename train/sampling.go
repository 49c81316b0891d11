package train

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/rng"
)

// Sampling is how one token is drawn of many. The zero value takes the most
// probable one.
type Sampling struct {
	Temperature float64 // logits are divided by it; 0 takes the most probable token
	TopK        int     // among so many most probable tokens; 0 for all
	TopP        float64 // among the fewest whose probability is that in all: Holtzman et al., 2020; 0 for all
}

// Check refuses settings that have no meaning.
func (s Sampling) Check() error {
	switch {
	case !(s.Temperature >= 0 && s.Temperature <= 100):
		return fmt.Errorf("the temperature is %v, wanted 0 to 100", s.Temperature)
	case s.TopK < 0:
		return fmt.Errorf("top-k is %d, wanted 0 or more", s.TopK)
	case !(s.TopP >= 0 && s.TopP <= 1):
		return fmt.Errorf("top-p is %v, wanted 0 to 1", s.TopP)
	}
	return nil
}

// Draw draws a token by its logits.
func (s Sampling) Draw(logits []float32, r rng.Stream) int32 {
	order := make([]int32, len(logits))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(logits[b], logits[a]) })
	if s.Temperature == 0 {
		return order[0]
	}
	if s.TopK > 0 && s.TopK < len(order) {
		order = order[:s.TopK]
	}
	p, sum := make([]float64, len(order)), 0.0
	for i, id := range order {
		p[i] = math.Exp(float64(logits[id]-logits[order[0]]) / s.Temperature)
		sum += p[i]
	}
	if s.TopP > 0 {
		kept := 0.0
		for i := range p {
			if kept += p[i]; kept >= s.TopP*sum {
				order, p, sum = order[:i+1], p[:i+1], kept
				break
			}
		}
	}
	at := r.Rand().Float64() * sum
	for i, v := range p {
		if at -= v; at < 0 {
			return order[i]
		}
	}
	return order[len(order)-1]
}
