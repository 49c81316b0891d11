// Package lint holds the rules of this repository as tests: which folder may
// import which, how long files and functions may be, what must be documented,
// and what libraries may not do. It has no code of its own.
package lint
