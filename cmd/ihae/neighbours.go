package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ihae/ihae/train"
)

// neighbours makes this training known to others of the same user on this
// machine. share is how many of threads, 0 for all cores, it may use now.
// Without a folder to meet in, everybody uses all.
func (a *app) neighbours(threads int) (share func() int, leave func()) {
	all := cores()
	if threads == 0 {
		threads = all
	}
	n, err := train.JoinNeighbours(filepath.Join(os.TempDir(), fmt.Sprintf("ihae-%d", os.Getuid())))
	if err != nil {
		return func() int { return threads }, func() {}
	}
	return func() int { return min(threads, n.Threads(all)) }, n.Leave
}
