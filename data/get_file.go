package data

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// errTooLong is a file with more bytes than the card allows.
var errTooLong = errors.New("it is longer than the published file")

// statusError is an answer other than the file.
type statusError struct{ code int }

func (e statusError) Error() string {
	text := fmt.Sprintf("the server answers %d %s", e.code, http.StatusText(e.code))
	if e.code == http.StatusNotFound || e.code == http.StatusGone {
		text += ": the file is no longer there"
	}
	return text
}

// again says whether the same question may have another answer later.
func (e statusError) again() bool {
	return e.code >= 500 || e.code == http.StatusTooManyRequests || e.code == http.StatusRequestTimeout
}

// networkToBlame tells errors of the other side from those of this machine.
func networkToBlame(err error) bool {
	var path *os.PathError
	return !errors.As(err, &path) && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, context.Canceled)
}

// from gets the file from one address: it goes on where a connection broke off,
// and begins anew once if the whole has a wrong checksum after that.
func (g *getter) from(ctx context.Context, url string) error {
	resumed, barren, most := false, 0, int64(0)
	for {
		before := fileSize(g.part())
		resumed, most = resumed || before > 0, max(most, before)
		var err error
		if before != g.Size { // else all has come and only the name is missing
			err = g.once(ctx, url, before)
		}
		switch {
		case err == nil:
			err = g.finish()
			var wrong *sumError
			if !errors.As(err, &wrong) {
				return err
			}
			g.forget()
			if !resumed {
				return err
			}
			resumed = false
			continue
		case !worthAgain(err) || ctx.Err() != nil:
			return g.explain(ctx, err)
		}
		if barren++; fileSize(g.part()) > most {
			barren = 0
		}
		if barren >= g.Attempts {
			return g.explain(ctx, err)
		}
		if err := g.Wait(ctx, barren); err != nil {
			return err
		}
	}
}

// worthAgain says whether err may pass.
func worthAgain(err error) bool {
	var status statusError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &status):
		return status.again()
	case errors.As(err, &name):
		return !name.IsNotFound
	case errors.As(err, &certificate), errors.Is(err, errTooLong), errors.Is(err, errRedirect):
		return false
	}
	return networkToBlame(err)
}

// explain adds the way out.
func (g *getter) explain(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errTooLong):
		g.forget()
		return err
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: free %d MB in %s; the next try goes on from here", err, (g.Size-fileSize(g.part()))>>20+1, g.dir)
	case networkToBlame(err) && !errors.As(err, new(statusError)):
		return fmt.Errorf("%w; what has come is kept, the next try goes on from there", err)
	}
	return err
}

// forget removes what has come.
func (g *getter) forget() {
	_ = os.Remove(g.part())
	_ = os.Remove(g.tag())
}

// once asks for the file from a place on and appends what comes.
func (g *getter) once(ctx context.Context, url string, at int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", g.Agent)
	tag, _ := os.ReadFile(g.tag())
	if at > 0 && len(tag) > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", at))
		req.Header.Set("If-Range", string(tag)) // the whole file if it has changed
	} else {
		at = 0
	}
	stall := time.AfterFunc(g.Stall, func() { cancel(fmt.Errorf("nothing comes for %v", g.Stall)) })
	defer stall.Stop()
	res, err := g.Client.Do(req)
	if err != nil {
		return because(ctx, err)
	}
	defer res.Body.Close()
	if at, err = g.begins(res, at); err != nil {
		return err
	}
	return because(ctx, g.write(res, at, stall))
}

// because is why ctx ended where that is the cause of err.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// begins is where the bytes of an answer belong.
func (g *getter) begins(res *http.Response, at int64) (int64, error) {
	switch res.StatusCode {
	case http.StatusOK: // the whole file, also if a range was asked for
		at = 0
	case http.StatusPartialContent:
		first, total, ok := contentRange(res.Header.Get("Content-Range"))
		if !ok || first != at || total > g.Size {
			g.forget()
			return 0, fmt.Errorf("the server sends the range %q, asked for %d on", res.Header.Get("Content-Range"), at)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		g.forget()
		return 0, errors.New("the server has fewer bytes than have come already; from the beginning")
	default:
		return 0, statusError{res.StatusCode}
	}
	if n := res.ContentLength; n > 0 && at+n > g.Size {
		return 0, errTooLong
	}
	return at, nil
}

// contentRange reads "bytes 5-9/10"; total is 0 where it is not told.
func contentRange(text string) (first, total int64, ok bool) {
	span, size, found := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	low, _, dash := strings.Cut(span, "-")
	first, err := strconv.ParseInt(low, 10, 64)
	if size != "*" {
		total, _ = strconv.ParseInt(size, 10, 64)
	}
	return first, total, found && dash && err == nil
}

// write appends the answer to the part, and keeps what tells whether the file at
// the address is still the same.
func (g *getter) write(res *http.Response, at int64, stall *time.Timer) error {
	flag := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if at == 0 {
		flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	if err := g.keepTag(res); err != nil {
		return err
	}
	f, err := g.Open(g.part(), flag, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	buf := make([]byte, 128<<10)
	for {
		n, err := res.Body.Read(buf)
		stall.Reset(g.Stall)
		if at += int64(n); at > g.Size {
			return errTooLong
		}
		if _, err := f.Write(buf[:n]); err != nil {
			return err
		}
		g.Progress(g.Name, at, g.Size)
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("the connection broke off after %d bytes: %w", at, err)
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// keepTag remembers a strong validator of the answer, without which a part is
// not gone on with (RFC 9110, 13.1.5).
func (g *getter) keepTag(res *http.Response) error {
	tag := res.Header.Get("ETag")
	if strings.HasPrefix(tag, "W/") {
		tag = ""
	}
	if tag == "" {
		tag = res.Header.Get("Last-Modified")
	}
	return os.WriteFile(g.tag(), []byte(tag), 0o644)
}

// finish gives the part its name once its checksum is right.
func (g *getter) finish() error {
	if err := g.verify(g.part()); err != nil {
		return err
	}
	if g.Unpack {
		if err := g.unpack(); err != nil {
			return err
		}
		g.forget()
		return syncDir(g.dir)
	}
	if err := os.Rename(g.part(), g.final()); err != nil {
		return err
	}
	_ = os.Remove(g.tag())
	return syncDir(g.dir)
}

// syncDir makes renamed files outlast a loss of power, where the system can.
func syncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
