package media

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/ihae/ihae/internal/registry"
)

// Coding is how a sample is stored in a WAV file: a comparable value. The zero
// Coding is [PCM16].
type Coding struct{ info *codingInfo }

type codingInfo struct {
	name  string
	tag   uint16 // of the format, as Microsoft numbers them
	bytes int
	get   func(b []byte) float32
	put   func(b []byte, v float32)
}

var codings = registry.New[Coding]("coding of sound")

func registerCoding(c codingInfo) Coding {
	codings.Set(c.name, Coding{&c})
	return Coding{&c}
}

// ParseCoding finds a coding by name; the error lists what there is.
func ParseCoding(name string) (Coding, error) { return codings.Get(name) }

// String is the coding's name.
func (c Coding) String() string { return c.get().name }

func (c Coding) get() *codingInfo {
	if c.info == nil {
		return PCM16.info
	}
	return c.info
}

// Tags of formats (mmreg.h).
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xfffe
)

// The codings. PCM of n bits is v·2^(n-1), rounded and kept within its range;
// of 8 bits with 128 added. float32 has 24 bits, so PCM32 loses the lower 8.
var (
	PCM8 = registerCoding(codingInfo{
		"pcm8", tagPCM, 1,
		func(b []byte) float32 { return float32(int(b[0])-128) / 128 },
		func(b []byte, v float32) { b[0] = uint8(quantize(v, 8) + 128) },
	})
	PCM16   = registerCoding(pcm("pcm16", 2))
	PCM24   = registerCoding(pcm("pcm24", 3))
	PCM32   = registerCoding(pcm("pcm32", 4))
	Float32 = registerCoding(codingInfo{
		"float32", tagFloat, 4,
		func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) },
		func(b []byte, v float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(v)) },
	})
	Float64 = registerCoding(codingInfo{
		"float64", tagFloat, 8,
		func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) },
		func(b []byte, v float32) { binary.LittleEndian.PutUint64(b, math.Float64bits(float64(v))) },
	})
	ALaw  = registerCoding(companded("alaw", tagALaw, fromALaw))
	MuLaw = registerCoding(companded("mulaw", tagMuLaw, fromMuLaw))
)

// quantize is v·2^(bits-1), rounded to the nearest.
func quantize(v float32, bits int) int64 {
	top := math.Ldexp(1, bits-1)
	return int64(max(-top, min(top-1, math.Round(float64(v)*top))))
}

// pcm is signed integers of that many bytes, lowest first.
func pcm(name string, bytes int) codingInfo {
	bits := 8 * bytes
	scale := float32(math.Ldexp(1, 1-bits))
	return codingInfo{
		name, tagPCM, bytes,
		func(b []byte) float32 {
			var v uint32
			for i := range bytes {
				v |= uint32(b[i]) << (32 - bits + 8*i)
			}
			return float32(int32(v)>>(32-bits)) * scale
		},
		func(b []byte, v float32) {
			q := quantize(v, bits)
			for i := range bytes {
				b[i] = byte(q >> (8 * i))
			}
		},
	}
}

// companded is one of the two codings of ITU-T G.711: a byte is a sample of 16
// bits, which a table tells; a sample becomes the byte of the nearest one.
func companded(name string, tag uint16, from func(uint8) int) codingInfo {
	var value [256]int
	order := make([]uint8, 256) // bytes by their sample
	for i := range value {
		value[i], order[i] = from(uint8(i)), uint8(i)
	}
	slices.SortStableFunc(order, func(a, b uint8) int { return value[a] - value[b] })
	return codingInfo{
		name, tag, 1,
		func(b []byte) float32 { return float32(value[b[0]]) / 32768 },
		func(b []byte, v float32) {
			q := int(quantize(v, 16))
			at, _ := slices.BinarySearchFunc(order, q, func(c uint8, q int) int { return value[c] - q })
			low, high := order[max(0, at-1)], order[min(at, 255)]
			if b[0] = high; q-value[low] < value[high]-q {
				b[0] = low
			}
		},
	}
}

// fromALaw is table 1a of G.711: every other bit is inverted; sign, three bits
// of exponent, four of mantissa.
func fromALaw(c uint8) int {
	c ^= 0x55
	exponent, v := c>>4&7, int(c&15)<<4+8
	if exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	if c&0x80 == 0 {
		return -v
	}
	return v
}

// fromMuLaw is table 2a of G.711: all bits are inverted; sign, three bits of
// exponent, four of mantissa, with 132 added before.
func fromMuLaw(c uint8) int {
	c = ^c
	v := (int(c&15)<<3+132)<<(c>>4&7) - 132
	if c&0x80 != 0 {
		return -v
	}
	return v
}
