package npz

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Write writes arrays as .npz in the order given, without compression and
// without times: the same arrays give the same bytes, and NumPy's load reads
// them. A name may have slashes, as a path has, but must not lead outside: what
// [Read] refuses is an error here.
func Write(w io.Writer, arrays []Named) error {
	if err := checkNames(arrays); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, a := range arrays {
		f, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + suffix, Method: zip.Store})
		if err != nil {
			return err
		}
		if err := WriteArray(f, a.Tensor); err != nil {
			return fmt.Errorf("npz: array %q: %w", a.Name, err)
		}
	}
	return z.Close()
}

func checkNames(arrays []Named) error {
	seen := map[string]bool{}
	for _, a := range arrays {
		name := strings.ToLower(a.Name)
		switch {
		case !fs.ValidPath(a.Name + suffix), strings.ContainsAny(a.Name, "\\\x00"), len(a.Name) > 1 && a.Name[1] == ':', len(a.Name) > 1<<15:
			return fmt.Errorf("npz: the name %q cannot stand in an archive; rename the array", a.Name)
		case seen[name]:
			return fmt.Errorf("npz: two arrays are called %q up to case", a.Name)
		}
		seen[name] = true
	}
	return nil
}
