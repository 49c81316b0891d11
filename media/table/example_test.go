package table_test

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/media/table"
)

func ExampleReader() {
	file := "price;colour\n1,50;red\n2,20;\n"
	t, err := table.NewReader(strings.NewReader(file), table.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Format())
	p := table.NewProfile(t.Columns())
	for row, err := range t.Rows() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d: %q\n", row.Line, row.Cells)
		p.Add(row.Cells)
	}
	for _, c := range p.Finish() {
		fmt.Println(c.Name, c.Kind, c.Missing, "missing")
	}
	// Output:
	// cells between semicolons, utf-8
	// 2: ["1,50" "red"]
	// 3: ["2,20" ""]
	// price category 0 missing
	// colour category 1 missing
}
