package train

import "testing"

func TestLabelsByTheirFirstNames(t *testing.T) {
	labels := []string{"Cardigan, Cardigan Welsh corgi", "cardigan", "great white shark, white shark", "crane, bird", "crane, machine", "tench"}
	for class, want := range map[string]int{
		"Cardigan": 0, "cardigan": 1, "CARDIGAN": -1, "great_white_shark": 2, "Great white shark": 2, "crane": -1, "crane, machine": 4, "Tench": 5, "pike": -1,
	} {
		if got := labelOf(class, labels); got != want {
			t.Errorf("%q is label %d, want %d", class, got, want)
		}
	}
}
