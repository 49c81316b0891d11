// Table reads the JSON lines of the bench programs on standard input and
// prints each measurement of ours beside the best of the peers.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

type line struct {
	Bench   string  `json:"bench"`
	Side    string  `json:"side"`
	Ms      float64 `json:"ms"`
	Bytes   float64 `json:"bytes"`
	Version string  `json:"version"`
	Error   string  `json:"error"`
}

// value is milliseconds, or mebibytes where memory was measured.
func (l line) value() (float64, string) {
	if l.Bytes > 0 {
		return l.Bytes / (1 << 20), "MiB"
	}
	return l.Ms, "ms"
}

func main() {
	against := flag.String("against", "", "compare with this peer alone")
	flag.Parse()
	if err := run(*against); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(against string) error {
	var order []string
	ours, peer := map[string]line{}, map[string]line{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var l line
		if !strings.HasPrefix(lines.Text(), "{") || json.Unmarshal(lines.Bytes(), &l) != nil || l.Error != "" {
			fmt.Fprintln(os.Stderr, lines.Text())
			continue
		}
		if against != "" && l.Side != "ihae" && l.Side != against {
			continue
		}
		best := peer
		if l.Side == "ihae" {
			best = ours
		}
		if _, known := ours[l.Bench]; !known && peer[l.Bench].Bench == "" {
			order = append(order, l.Bench)
		}
		v, _ := l.value()
		if old, ok := best[l.Bench]; ok {
			if o, _ := old.value(); o <= v {
				continue
			}
		}
		best[l.Bench] = l
	}
	if err := lines.Err(); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| measurement\t| ihae\t| best peer\t| which\t| peer / ihae\t|")
	fmt.Fprintln(w, "|---\t|---\t|---\t|---\t|---\t|")
	for _, name := range order {
		a, unit := ours[name].value()
		b, _ := peer[name].value()
		row := fmt.Sprintf("| %s\t| %.2f %s\t| -\t| -\t| -\t|", name, a, unit)
		if b > 0 && a > 0 {
			row = fmt.Sprintf("| %s\t| %.2f %s\t| %.2f %s\t| %s %s\t| %.2f\t|", name, a, unit, b, unit, peer[name].Side, peer[name].Version, b/a)
		}
		fmt.Fprintln(w, row)
	}
	return w.Flush()
}
