//go:build !unix

package mapped

import "os"

func mapFile(f *os.File, size int) (*File, error) { return read(f, size) }
