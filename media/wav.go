package media

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// The rest of the identity that WAVE_FORMAT_EXTENSIBLE gives to a tag.
const extensibleRest = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

// The limits of what a header may say.
const (
	maxChannels = 8
	maxRate     = 192_000
	streamed    = 1<<32 - 1 // as the size of the data: they end with the file
)

// wavReader reads the chunks of a WAV file one after another.
type wavReader struct {
	r        *bufio.Reader
	at       int64 // bytes read
	left     int64 // that may be read
	coding   Coding
	rate     int
	channels int
}

// DecodeWAV reads a WAV file: PCM of 8, 16, 24 and 32 bits, floating point of 32
// and 64, A-law and mu-law, plain or EXTENSIBLE. Data of a size of 2^32-1, as
// programs write that do not know it beforehand, last until the end of the
// file; data that end too early are an error, and so are samples that are not
// finite.
func DecodeWAV(r io.Reader, l Limits) (Sound, error) {
	l = l.withDefaults()
	w := &wavReader{r: bufio.NewReader(r), left: l.Bytes}
	head, err := w.take(12)
	if err != nil {
		return Sound{}, err
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return Sound{}, bad("wav", 0, "begins with %q; wanted RIFF and WAVE; convert the file", head)
	}
	for {
		head, err := w.take(8)
		if err != nil {
			return Sound{}, err
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "fmt ":
			err = w.format(size)
		case "data":
			if w.channels == 0 {
				return Sound{}, bad("wav", w.at, "the data stand before their format")
			}
			return w.data(size, l.Samples)
		default:
			err = w.skip(size)
		}
		if err != nil {
			return Sound{}, err
		}
		if size%2 == 1 {
			if err := w.skip(1); err != nil {
				return Sound{}, err
			}
		}
	}
}

// ReadWAV is [DecodeWAV] of a file; errors name it.
func ReadWAV(path string, l Limits) (Sound, error) {
	f, err := os.Open(path)
	if err != nil {
		return Sound{}, err
	}
	defer f.Close()
	s, err := DecodeWAV(f, l)
	if err != nil {
		return Sound{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// allow counts n bytes more.
func (w *wavReader) allow(n int64) error {
	if w.left -= n; w.left < 0 {
		return bad("wav", w.at, "more bytes than the limit")
	}
	return nil
}

// take reads a few bytes.
func (w *wavReader) take(n int64) ([]byte, error) {
	if err := w.allow(n); err != nil {
		return nil, err
	}
	b, err := readExactly("wav", w.r, w.at, n)
	w.at += int64(len(b))
	return b, err
}

// skip leaves n bytes out.
func (w *wavReader) skip(n int64) error {
	if err := w.allow(n); err != nil {
		return err
	}
	got, err := io.CopyN(io.Discard, w.r, n)
	w.at += got
	return short("wav", w.at-got, got, n, err)
}

// format reads what the samples are.
func (w *wavReader) format(size int64) error {
	const plain, extensible, largest = 16, 40, 1 << 16
	if size < plain || size > largest {
		return bad("wav", w.at, "a format of %d bytes", size)
	}
	at := w.at
	b, err := w.take(size)
	if err != nil {
		return err
	}
	tag, bits := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[14:])
	if tag == tagExtensible {
		if size < extensible || string(b[26:40]) != extensibleRest {
			return bad("wav", at, "an extensible format of a kind that is not known")
		}
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	channels, rate := int(binary.LittleEndian.Uint16(b[2:])), int64(binary.LittleEndian.Uint32(b[4:]))
	if channels < 1 || channels > maxChannels {
		return bad("wav", at+2, "%d channels; there may be 1 to %d", channels, maxChannels)
	}
	if rate < 1 || rate > maxRate {
		return bad("wav", at+4, "%d samples a second; there may be 1 to %d", rate, maxRate)
	}
	for _, name := range codings.Names() {
		c, _ := codings.Get(name)
		if c.get().tag == tag && 8*c.get().bytes == int(bits) {
			w.coding, w.channels, w.rate = c, channels, int(rate)
			return nil
		}
	}
	return bad("wav", at, "format %d of %d bits a sample; there is %v; convert the file", tag, bits, codings.Names())
}

// data reads the samples, as many as there are, piece by piece.
func (w *wavReader) data(size, limit int64) (Sound, error) {
	c := w.coding.get()
	one := int64(c.bytes * w.channels) // bytes of a moment
	s := Sound{Rate: w.rate, Channels: w.channels}
	piece, open := make([]byte, one*max(1, 1<<16/one)), size == streamed
	for size > 0 {
		b := piece[:min(size, int64(len(piece)))]
		if err := w.allow(int64(len(b))); err != nil {
			return s, err
		}
		got, err := io.ReadFull(w.r, b)
		ended := err == io.ErrUnexpectedEOF || err == io.EOF
		switch {
		case ended && open:
			b, size = b[:got], int64(got)
		case ended:
			return s, short("wav", w.at, int64(got), size, err)
		case err != nil:
			return s, bad("wav", w.at+int64(got), "%v", err)
		}
		whole := b[:int64(len(b))/one*one]
		if int64(len(s.Samples)+len(whole)/c.bytes) > limit {
			return s, bad("wav", w.at, "more than the limit of %d samples", limit)
		}
		if err := w.append(&s, whole); err != nil {
			return s, err
		}
		w.at, size = w.at+int64(len(b)), size-int64(len(b))
	}
	return s, nil
}

// append decodes samples.
func (w *wavReader) append(s *Sound, b []byte) error {
	c := w.coding.get()
	for i := 0; i < len(b); i += c.bytes {
		v := c.get(b[i : i+c.bytes])
		if v-v != 0 {
			return bad("wav", w.at+int64(i), "sample %d is not a finite number", len(s.Samples))
		}
		s.Samples = append(s.Samples, v)
	}
	return nil
}

// EncodeWAV writes the sound. Samples beyond -1 to 1 are cut to what the coding
// can hold.
func EncodeWAV(w io.Writer, s Sound, c Coding) error {
	if s.Channels < 1 || s.Channels > maxChannels || s.Rate < 1 || s.Rate > maxRate || len(s.Samples)%s.Channels != 0 {
		return fmt.Errorf("wav: %d samples of %d channels, %d a second", len(s.Samples), s.Channels, s.Rate)
	}
	info := c.get()
	size := int64(len(s.Samples)) * int64(info.bytes)
	const header = 44
	if size > streamed-header {
		return fmt.Errorf("wav: %d bytes of samples are more than the format can hold", size)
	}
	out := bufio.NewWriter(w)
	one := info.bytes * s.Channels
	b := append([]byte("RIFF"), "....WAVEfmt "...)
	binary.LittleEndian.PutUint32(b[4:], uint32(header-8+size+size%2))
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, info.tag)
	b = binary.LittleEndian.AppendUint16(b, uint16(s.Channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Rate*one))
	b = binary.LittleEndian.AppendUint16(b, uint16(one))
	b = binary.LittleEndian.AppendUint16(b, uint16(8*info.bytes))
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(size))
	_, _ = out.Write(b) // a bufio.Writer keeps the error for Flush
	sample := make([]byte, info.bytes)
	for _, v := range s.Samples {
		info.put(sample, v)
		_, _ = out.Write(sample)
	}
	if size%2 == 1 {
		_ = out.WriteByte(0)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	return nil
}
