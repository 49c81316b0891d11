package main

import "github.com/ihae/ihae/internal/cpu"

// cores is how many threads there are by default.
func cores() int { return cpu.Cores() }
