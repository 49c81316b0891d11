package tfjs

import "sort"

// pieces is files that are to be read as one.
type pieces struct {
	list  [][]byte
	begin []int64 // of each piece
	size  int64
}

// add appends a piece.
func (p *pieces) add(b []byte) {
	p.list, p.begin = append(p.list, b), append(p.begin, p.size)
	p.size += int64(len(b))
}

// copy fills dst with the bytes from at on, which must be there.
func (p *pieces) copy(dst []byte, at int64) {
	i := sort.Search(len(p.list), func(i int) bool { return p.begin[i] > at }) - 1
	for len(dst) > 0 {
		n := copy(dst, p.list[i][at-p.begin[i]:])
		dst, at, i = dst[n:], at+int64(n), i+1
	}
}
