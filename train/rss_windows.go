package train

// PeakMemory is the largest resident size of the process so far, in bytes; 0 if
// the system does not tell.
func PeakMemory() int64 { return 0 }
