package task

// Nearest is the name that word most likely means, or empty if none is near:
// the one that the fewest single-letter changes lead to, at most a third of its
// letters and one more.
func Nearest(word string, names []string) string {
	best, least := "", 0
	for _, n := range names {
		d := distance(word, n)
		if d <= len(n)/3+1 && (best == "" || d < least) {
			best, least = n, d
		}
	}
	return best
}

// distance is the number of letters to insert, remove or replace (Levenshtein,
// 1965), by the row of the table for each prefix of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
