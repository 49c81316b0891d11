package token_test

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/media/token"
)

func ExamplePlan() {
	texts := []string{"다람쥐 헌 쳇바퀴", "쳇바퀴 다람쥐"}
	k, err := token.Plan{Kind: token.Letters}.Learn(slices.Values(texts))
	if err != nil {
		fmt.Println(err)
		return
	}
	ids := k.Encode("쳇바퀴", false)
	fmt.Println(len(ids), "of", k.Size(), "letters")
	fmt.Println(k.Decode(ids, true))
	// Output:
	// 7 of 15 letters
	// 쳇바퀴
}
