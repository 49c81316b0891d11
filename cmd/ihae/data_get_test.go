package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
)

// TestDataGetSaysWhatItCannot: sets without an address, unknown ones, and a file
// of one's own in the way; none of them asks the network.
func TestDataGetSaysWhatItCannot(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "train-images-idx3-ubyte.gz"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"faces"}, exitUsage, "part of the program"},
		{[]string{"mnst"}, exitUsage, "mnist"},
		{[]string{"mnist", "--out", dir}, exitInput, "move it away"},
	} {
		code, _, errs := ihae(t.Context(), append([]string{"data", "get"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit code %d, %s", c.args, code, errs)
		}
	}
}

// TestNetworkFaultsHaveACodeOfTheirOwn also where several addresses failed.
func TestNetworkFaultsHaveACodeOfTheirOwn(t *testing.T) {
	fault := &data.GetError{Name: "x", Err: errors.New("no way"), Network: true}
	if code := exitCode(errors.Join(fault, errors.New("other"))); code != exitPeer {
		t.Errorf("exit code %d", code)
	}
}
