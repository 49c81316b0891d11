package sets_test

import (
	"context"
	"fmt"

	"github.com/ihae/ihae/data"
	_ "github.com/ihae/ihae/data/sets"
)

func Example() {
	ds, err := data.Open(context.Background(), "faces", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	card := ds.Card()
	fmt.Println(card.Classes, card.Shape, ds.Len(data.Train), ds.Len(data.Test))
	// Output: [non-face face] [25 25 1] 140 60
}
