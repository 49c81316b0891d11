package media

import "encoding/binary"

// orientation reads tag 0x0112 of the first directory of a TIFF structure
// (EXIF 2.32, 4.6.2). It is 1, upright, when there is none or it makes no sense.
func orientation(tiff []byte) int {
	const tagOrientation = 0x0112
	if v, ok := tiffShort(tiff, tagOrientation); ok && v >= 1 && v <= 8 {
		return v
	}
	return 1
}

// tiffShort is the one 16-bit number of a tag in the first directory of a TIFF
// structure (TIFF 6.0, section 2), or ok false.
func tiffShort(tiff []byte, tag uint16) (v int, ok bool) {
	const typeShort, entrySize = 3, 12
	if len(tiff) < 8 {
		return 0, false
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0, false
	}
	at := int64(order.Uint32(tiff[4:]))
	if at > int64(len(tiff)-2) {
		return 0, false
	}
	entries := tiff[at+2:]
	for n := int(order.Uint16(tiff[at:])); n > 0 && len(entries) >= entrySize; n-- {
		e := entries[:entrySize]
		if order.Uint16(e) == tag {
			return int(order.Uint16(e[8:])), order.Uint16(e[2:]) == typeShort && order.Uint32(e[4:]) == 1
		}
		entries = entries[entrySize:]
	}
	return 0, false
}

// Oriented turns and mirrors the image so that it is upright, where o is its
// EXIF orientation: 1 upright, 2 mirrored left to right, 3 turned by half, 4
// mirrored top to bottom, 5 transposed, 6 to be turned clockwise, 7 transposed
// along the other diagonal, 8 to be turned counter-clockwise. Other values
// leave it as it is.
func (m Image) Oriented(o int) Image {
	if o < 2 || o > 8 {
		return m
	}
	w, h := m.W, m.H
	if o >= 5 {
		w, h = h, w
	}
	out := NewImage(w, h, m.C)
	for y := range h {
		row := out.Row(y)
		for x := range w {
			sx, sy := x, y
			if o >= 5 {
				sx, sy = y, x
			}
			if o == 2 || o == 3 || o == 7 || o == 8 {
				sx = m.W - 1 - sx
			}
			if o == 3 || o == 4 || o == 6 || o == 7 {
				sy = m.H - 1 - sy
			}
			copy(row[x*m.C:(x+1)*m.C], m.Pix[(sy*m.W+sx)*m.C:])
		}
	}
	return out
}
