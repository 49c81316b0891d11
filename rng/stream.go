// Package rng gives random numbers by name: a stream is a path of names and
// numbers from a seed, and what it draws depends on seed and path only, not on
// what else was drawn, nor in which order, nor by how many goroutines.
package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Stream is a source of randomness that has not been used: a small comparable
// value. Drawing from a Stream twice gives the same numbers twice; for other
// numbers take another child. The zero
// Stream works as any other, but is the child of no seed: start with New.
type Stream struct {
	state [2]uint64
	none  bool
}

// None is a stream that draws nothing: Uniform and Normal leave their arrays as
// they are, here and in all children. A network made with it takes no time and
// hardly any memory until its weights are read.
func None() Stream { return Stream{none: true} }

// What a state is derived for; see derive.
const (
	forSeed  = 's'
	forName  = 'n'
	forIndex = 'i'
	forKey   = 'k'
)

// New returns the root of all streams of a seed.
func New(seed uint64) Stream {
	return Stream{}.derive(forSeed, binary.LittleEndian.AppendUint64(nil, seed))
}

// Split returns the child of that name.
func (s Stream) Split(name string) Stream { return s.derive(forName, []byte(name)) }

// At returns the child of that number, which no name equals.
func (s Stream) At(i uint64) Stream {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], i)
	return s.derive(forIndex, b[:])
}

// derive hashes the path: 128 bits of SHA-256, so that no two paths of a
// program meet.
func (s Stream) derive(purpose byte, what []byte) Stream {
	buf := make([]byte, 0, 64)
	buf = binary.LittleEndian.AppendUint64(buf, s.state[0])
	buf = binary.LittleEndian.AppendUint64(buf, s.state[1])
	buf = append(append(buf, purpose), what...)
	sum := sha256.Sum256(buf)
	return Stream{state: [2]uint64{binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])}, none: s.none}
}

// Key is a key for [Philox], for who counts on its own, such as a graph's
// random operations. It is unrelated to what Rand draws.
func (s Stream) Key() [2]uint32 {
	k := s.derive(forKey, nil).state[0]
	return [2]uint32{uint32(k), uint32(k >> 32)}
}

// Rand returns a generator at the beginning of the stream.
func (s Stream) Rand() *rand.Rand { return rand.New(s.source()) }

func (s Stream) source() *source {
	return &source{
		key:  [2]uint32{uint32(s.state[0]), uint32(s.state[0] >> 32)},
		high: [2]uint32{uint32(s.state[1]), uint32(s.state[1] >> 32)},
	}
}
