package data

import (
	"fmt"
	"strings"
)

// BadFile is a file that could not be read.
type BadFile struct {
	Path string
	Err  error
}

// BadFilesError lists all files of a set that could not be read.
type BadFilesError struct {
	Files []BadFile // ordered by path
	Total int       // files looked at
}

// Error names up to ten files.
func (e *BadFilesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d files cannot be read; mend or remove them, or --on-bad-file=skip leaves out up to 1 %%:", len(e.Files), e.Total)
	for i, f := range e.Files {
		if i == 10 {
			fmt.Fprintf(&b, " and %d more", len(e.Files)-i)
			break
		}
		fmt.Fprintf(&b, " %s: %v;", f.Path, f.Err)
	}
	return strings.TrimSuffix(b.String(), ";")
}

// OnBadFile is what is done about files that cannot be read.
type OnBadFile string

// The decisions.
const (
	BadFileError OnBadFile = "error" // the default: the set is refused
	BadFileSkip  OnBadFile = "skip"  // left out, unless more than 1 % are bad
)

// ParseOnBadFile finds a decision by name.
func ParseOnBadFile(name string) (OnBadFile, error) {
	switch o := OnBadFile(name); o {
	case "":
		return BadFileError, nil
	case BadFileError, BadFileSkip:
		return o, nil
	}
	return "", fmt.Errorf("no decision %q about bad files; there is [error skip]", name)
}

// allow says whether a set with these bad files may be used.
func (o OnBadFile) allow(bad []BadFile, total int) error {
	if len(bad) == 0 || o == BadFileSkip && 100*len(bad) <= total {
		return nil
	}
	return &BadFilesError{bad, total}
}

// badFiles is the files that ds left out.
func badFiles(ds Dataset) []BadFile {
	if b, ok := ds.(interface{ Bad() []BadFile }); ok {
		return b.Bad()
	}
	return nil
}
