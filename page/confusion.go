package page

import (
	"fmt"
	"html/template"
	"strings"
)

// Confusion is the table of true classes (rows) against predicted ones
// (columns); count is [class class]. A cell is darker the larger its share of
// its row is; mistakes have another colour.
func Confusion(classes []string, count [][]int) template.HTML {
	var b strings.Builder
	b.WriteString(`<div class="scroll"><table class="confusion"><thead><tr><th scope="col">true \ predicted</th>`)
	for _, c := range classes {
		fmt.Fprintf(&b, `<th scope="col">%s</th>`, esc(c))
	}
	b.WriteString(`</tr></thead><tbody>`)
	for i, row := range count {
		sum := 0
		for _, n := range row {
			sum += n
		}
		fmt.Fprintf(&b, `<tr><th scope="row">%s</th>`, esc(classes[i]))
		for j, n := range row {
			kind := "wrong"
			if i == j {
				kind = "right"
			}
			fmt.Fprintf(&b, `<td class="%s" style="--share:%.3f">%d</td>`, kind, float64(n)/float64(max(sum, 1)), n)
		}
		b.WriteString(`</tr>`)
	}
	b.WriteString(`</tbody></table></div>`)
	return template.HTML(b.String())
}
