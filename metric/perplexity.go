package metric

import "math"

// Perplexity is exp of a loss in nats: among how many tokens, all alike, one
// would have to guess to do as well.
func Perplexity(loss float64) float64 { return math.Exp(loss) }

func init() {
	Register(Entry{Name: "perplexity", Doc: "exp of the loss: among how many equal tokens the answer is a guess", Lower: true})
}
