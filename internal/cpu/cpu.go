// Package cpu says what this machine can do: which form of the kernels it runs
// and on how many cores. It is the one place that reads IHAE_CPU.
package cpu

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Variable is the environment variable that asks for a slower form than the
// machine's best, to compare forms or to reproduce another machine's bits.
const Variable = "IHAE_CPU"

// Form names a set of instructions that kernels are written for.
type Form string

// The forms, from the slowest to the fastest.
const (
	Plain  Form = "plain"  // Go
	AVX2   Form = "avx2"   // AVX2 and FMA
	AVX512 Form = "avx512" // AVX-512 F, BW, DQ and VL
)

var (
	order     = []Form{Plain, AVX2, AVX512}
	supported = detect()
	best, err = choose(os.Getenv(Variable), supported)
)

// Supported lists the forms that this machine runs, from the slowest to the
// fastest.
func Supported() []Form { return slices.Clone(supported) }

// Runs says whether this machine runs f.
func Runs(f Form) bool { return slices.Contains(supported, f) }

// Best is the form in use: the fastest one, or what IHAE_CPU asks for. A
// request that cannot be met leaves the fastest and shows in Err.
func Best() Form { return best }

// Err is the reason why the value of IHAE_CPU could not be obeyed, if so.
func Err() error { return err }

// AtMost says whether f is no faster than limit.
func (f Form) AtMost(limit Form) bool {
	return slices.Index(order, f) <= slices.Index(order, limit)
}

// Cores is how many threads can run at once, after the limits of affinity and
// of the control group.
func Cores() int { return runtime.GOMAXPROCS(0) }

func choose(want string, supported []Form) (Form, error) {
	fastest := supported[len(supported)-1]
	switch {
	case want == "":
		return fastest, nil
	case slices.Contains(supported, Form(want)):
		return Form(want), nil
	case slices.Contains(order, Form(want)):
		return fastest, fmt.Errorf("%s=%q: this machine runs only %s", Variable, want, list(supported))
	}
	return fastest, fmt.Errorf("%s=%q: no such form; there is %s", Variable, want, list(order))
}

func list(forms []Form) string {
	names := make([]string, len(forms))
	for i, f := range forms {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}
