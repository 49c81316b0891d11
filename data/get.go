package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Remote is a file of a set as it is published.
type Remote struct {
	Name   string   // of the file, in the set's folder
	URLs   []string // where it is, in the order to be tried
	Size   int64    // bytes; more are refused
	SHA256 string   // of the file; empty if the card has that of what it unpacks to
	Unpack bool     // a .tar.gz whose files are wanted, without their folders, and not itself
}

// GetOptions is how [Get] works. A zero field means the value in its comment.
type GetOptions struct {
	Client   *http.Client                                                   // GetClient()
	Agent    string                                                         // "ihae": who asks
	Attempts int                                                            // 5 in a row that bring no byte
	Stall    time.Duration                                                  // a minute: without a byte, then the connection is given up
	Progress func(name string, got, size int64)                             // nobody is told
	Wait     func(ctx context.Context, attempt int) error                   // a second, then twice as long each time
	Open     func(name string, flag int, perm os.FileMode) (GetFile, error) // os.OpenFile
}

// GetFile is what [Get] needs of a file that it writes.
type GetFile interface {
	Write(p []byte) (int, error)
	Sync() error
	Close() error
}

func (o GetOptions) withDefaults() GetOptions {
	if o.Client == nil {
		o.Client = GetClient()
	}
	o.Agent = cmp.Or(o.Agent, "ihae")
	o.Attempts = max(1, cmp.Or(o.Attempts, 5))
	o.Stall = cmp.Or(o.Stall, time.Minute)
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Open == nil {
		o.Open = func(name string, flag int, perm os.FileMode) (GetFile, error) { return os.OpenFile(name, flag, perm) }
	}
	return o
}

// GetClient is the client that [Get] uses by itself: with the proxy that the
// environment names, for bytes as published, and following redirects to https
// only.
func GetClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: time.Minute, DisableCompression: true,
		},
		CheckRedirect: onlySafer,
	}
}

var errRedirect = errors.New("the address leads on")

// onlySafer follows at most ten redirects, and none from https to http.
func onlySafer(to *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return fmt.Errorf("%w more than ten times", errRedirect)
	}
	if from := via[len(via)-1].URL; from.Scheme == "https" && to.URL.Scheme != "https" {
		return fmt.Errorf("%w to %s, which is not https", errRedirect, to.URL)
	}
	return nil
}

func wait(ctx context.Context, attempt int) error {
	select {
	case <-time.After(time.Second << min(attempt, 5)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// GetError says which file could not be got, from where, and why.
type GetError struct {
	Name, URL string
	Err       error
	Network   bool // the other side or the way there is to blame, not this machine
}

// Error names the file, the address and the reason.
func (e *GetError) Error() string {
	from := ""
	if e.URL != "" {
		from = " from " + e.URL
	}
	return fmt.Sprintf("%s%s: %v", e.Name, from, e.Err)
}

// Unwrap is the reason.
func (e *GetError) Unwrap() error { return e.Err }

// Get downloads the files of a card into a folder, which is made. A file gets
// its name only when it is whole and its checksum is right; until then it is
// NAME.part, with which a later Get goes on. Files that are there already are
// checked and left as they are; one with another checksum is an error.
func Get(ctx context.Context, c Card, dir string, o GetOptions) error {
	if len(c.Remote) == 0 {
		return fmt.Errorf("dataset %s has no address that it could be got from. %s", c.Name, c.How)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	o = o.withDefaults()
	for _, r := range c.Remote {
		if err := r.check(); err != nil {
			return err
		}
		g := &getter{GetOptions: o, Remote: r, card: c, dir: dir}
		if err := g.get(ctx); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what a card must not say.
func (r Remote) check() error {
	if r.Name == "" || r.Name != filepath.Base(r.Name) || r.Size <= 0 || len(r.URLs) == 0 {
		return fmt.Errorf("data: the card of %q has no plain name, no size or no address", r.Name)
	}
	for _, text := range r.URLs {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return fmt.Errorf("data: %q is no address", text)
		}
	}
	return nil
}

// getter gets one file.
type getter struct {
	GetOptions
	Remote
	card Card
	dir  string
}

func (g *getter) final() string { return filepath.Join(g.dir, g.Name) }
func (g *getter) part() string  { return g.final() + ".part" }
func (g *getter) tag() string   { return g.final() + ".part.tag" }

// get tries one address after another.
func (g *getter) get(ctx context.Context) error {
	if there, err := g.there(); there || err != nil {
		return err
	}
	var errs []error
	for _, from := range g.URLs {
		err := g.from(ctx, from)
		if err == nil {
			return nil
		}
		errs = append(errs, &GetError{Name: g.Name, URL: from, Err: err, Network: networkToBlame(err)})
		if ctx.Err() != nil || !networkToBlame(err) {
			break
		}
	}
	return errors.Join(errs...)
}

// there says whether nothing is to be done.
func (g *getter) there() (bool, error) {
	if g.Unpack {
		return g.unpacked(), nil
	}
	if _, err := os.Stat(g.final()); err != nil {
		return false, nil
	}
	if err := g.verify(g.final()); err != nil {
		return false, &GetError{Name: g.Name, Err: fmt.Errorf("the file that is in %s already: %w; move it away to get it anew", g.dir, err)}
	}
	return true, nil
}

// verify compares a file with its checksum, or what it unpacks to.
func (g *getter) verify(path string) error {
	want, packed := g.SHA256, false
	if want == "" {
		want, packed = g.card.SHA256[strings.TrimSuffix(g.Name, ".gz")], strings.HasSuffix(g.Name, ".gz")
	}
	if want == "" {
		return fmt.Errorf("the card of %s has no checksum for it", g.card.Name)
	}
	got, err := fileSum(path, packed)
	if err != nil {
		return &sumError{err.Error()}
	}
	if got != want {
		return &sumError{fmt.Sprintf("its SHA-256 is %s, the published one is %s", got, want)}
	}
	return nil
}

// sumError is a file of other bytes than the published ones.
type sumError struct{ text string }

func (e *sumError) Error() string { return e.text }
