package train

// Better says whether s is the better validation: the one whose checkpoint
// would be kept.
func (s Score) Better(than Score) bool { return usable(s) && (!usable(than) || better(s, than)) }
