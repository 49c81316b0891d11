package data

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// The binary layout of CIFAR-10 (Krizhevsky, 2009): records of one label byte
// and 3072 samples, planes of red, green and blue.
func init() {
	kinds.Set("cifar10-binary", kind{
		doc:  "CIFAR-10's binary files data_batch_N.bin and test_batch.bin",
		find: func(fsys fs.FS) bool { return len(cifarFiles(fsys, Train))+len(cifarFiles(fsys, Test)) > 0 },
		open: openCIFAR,
	})
}

const (
	cifarSide   = 32
	cifarRecord = 1 + 3*cifarSide*cifarSide
	// maxCIFAR bounds one file: ten times the published size.
	maxCIFAR = 100_000 * cifarRecord
)

func cifarFiles(fsys fs.FS, s Split) []string {
	pattern := map[Split]string{Train: "data_batch_*.bin", Test: "test_batch.bin"}[s]
	for _, dir := range []string{".", "cifar-10-batches-bin"} {
		if list, err := fs.Glob(fsys, path.Join(dir, pattern)); err == nil && len(list) > 0 {
			slices.Sort(list)
			return list
		}
	}
	return nil
}

func openCIFAR(ctx context.Context, fsys fs.FS, s Source) (Dataset, error) {
	listed, err := readClasses(fsys)
	if err != nil {
		return nil, err
	}
	parts, classes := map[Split]Part{}, 0
	for _, split := range []Split{Train, Test} {
		var pix []byte
		var part Part
		for _, file := range cifarFiles(fsys, split) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			records, err := cifarRecords(fsys, file)
			if err != nil {
				return nil, err
			}
			for r := range slices.Chunk(records, cifarRecord) {
				part.Labels = append(part.Labels, int32(r[0]))
				classes = max(classes, int(r[0])+1)
				pix = interleave(pix, r[1:])
			}
		}
		if n := len(part.Labels); n > 0 {
			part.Images = tensor.From(tensor.Dims(n, cifarSide, cifarSide, 3), pix)
			parts[split] = part
		}
	}
	if s.Card.Classes, err = numberedClasses(classes, listed, s.Card.Classes); err != nil {
		return nil, err
	}
	return NewPacked(s.Card, parts)
}

func cifarRecords(fsys fs.FS, file string) ([]byte, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxCIFAR+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(b) == 0 || len(b) > maxCIFAR || len(b)%cifarRecord != 0 {
		whole := int64(len(b) / cifarRecord * cifarRecord)
		return nil, fmt.Errorf("%s: %w", file, &media.FormatError{
			Format: "cifar10", Offset: whole,
			Reason: fmt.Sprintf("%d bytes are no whole number of %d-byte records, 1 to %d of them", len(b), cifarRecord, maxCIFAR/cifarRecord),
		})
	}
	return b, nil
}

// interleave appends three planes as [H W 3].
func interleave(dst, planes []byte) []byte {
	n := len(planes) / 3
	for i := range n {
		dst = append(dst, planes[i], planes[n+i], planes[2*n+i])
	}
	return dst
}
