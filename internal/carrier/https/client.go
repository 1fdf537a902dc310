package https

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"parley.example/internal/carrier"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Client dials with one key.
type Client struct {
	cert   tls.Certificate
	dial   DialFunc
	http   *http.Client
	limits Limits
}

// NewClient dials with this certificate. Connections are kept and used again.
func NewClient(cert tls.Certificate) *Client { return NewClientVia(nil, cert, DefaultLimits()) }

// NewClientVia dials through a proxy, unless it is nil.
func NewClientVia(via *Proxy, cert tls.Certificate, limits Limits) *Client {
	dial := Dial(limits)
	if via != nil {
		dial = via.through(dial, limits.Handshake)
	}
	return NewClientBy(dial, cert, limits)
}

// Dial connects directly; a connection that is cut is known to be.
func Dial(limits Limits) DialFunc {
	return (&net.Dialer{Timeout: limits.Handshake, Control: unacknowledged(2 * limits.Handshake)}).DialContext
}

// NewClientBy dials by this function.
func NewClientBy(dial DialFunc, cert tls.Certificate, limits Limits) *Client {
	c := &Client{cert: cert, dial: dial, limits: limits}
	c.http = &http.Client{
		Transport:     &http.Transport{DialTLSContext: c.dialTLS, MaxIdleConnsPerHost: 4, IdleConnTimeout: limits.Idle, MaxResponseHeaderBytes: 16 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

type pinsKey struct{}

func (c *Client) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	pins, _ := ctx.Value(pinsKey{}).([][32]byte)
	var last error = fault.New(rule.ContactPeer, "party", address)
	for _, pin := range pins {
		raw, err := c.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(raw, &tls.Config{
			MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{c.cert}, ServerName: serverName(pin),
			InsecureSkipVerify: true, // no authority is asked: the key itself is pinned, below
			VerifyConnection: func(state tls.ConnectionState) error {
				if have, err := pinOf(state); err != nil || have != pin {
					return fault.New(rule.ContactPeer, "party", address)
				}
				return nil
			},
		})
		bounded, done := context.WithTimeout(ctx, c.limits.Handshake)
		last = conn.HandshakeContext(bounded)
		done()
		if last == nil {
			return conn, nil
		}
		raw.Close()
	}
	return nil, last
}

var (
	errSlow   = errors.New("slower than is waited for")
	errProved = errors.New("it had just proved its key")
)

// watch ends a request that does not move: it may take the grace, and longer
// as far as bytes pass.
type watch struct {
	pace  pace
	timer *time.Timer
	end   context.CancelCauseFunc
}

func (c *Client) watch(ctx context.Context, wait time.Duration) (context.Context, *watch) {
	ctx, end := context.WithCancelCause(ctx)
	timer := time.AfterFunc(c.limits.Grace+wait, func() { end(errSlow) })
	return ctx, &watch{timer: timer, end: end,
		pace: pace{limits: c.limits, began: time.Now().Add(wait), until: func(t time.Time) { timer.Reset(time.Until(t)) }}}
}

func (w *watch) Close() {
	w.timer.Stop()
	w.end(nil)
}

// body is an answer's, which is read at a pace.
type body struct {
	io.Reader
	io.Closer
	watch *watch
}

func (b body) Close() error {
	err := b.Closer.Close()
	b.watch.Close()
	return err
}

// ask is one request; wait is how long the other side may keep its answer back.
type ask struct {
	method, path string
	body         []byte
	header       http.Header
	wait         time.Duration
}

func (c *Client) do(ctx context.Context, peer carrier.Peer, a ask) (*http.Response, error) {
	var last error = fault.New(rule.ContactDown, "address", "none known")
	ctx = context.WithValue(ctx, pinsKey{}, peer.Keys)
	for _, address := range peer.Addresses {
		res, err := c.once(ctx, address, a)
		if err != nil {
			if onOurSide(err) {
				last = fmt.Errorf("%w: %w", carrier.ErrNotLeft, err)
			} else {
				last = fault.Wrap(atTheDoor(err), rule.ContactDown, "address", address)
			}
			continue
		}
		if res.StatusCode/100 == 2 {
			return res, nil
		}
		words, _ := io.ReadAll(io.LimitReader(res.Body, 256))
		res.Body.Close()
		last = fault.New(rule.ContactRefused, "status", strconv.Itoa(res.StatusCode), "code", strings.TrimSpace(string(words)))
	}
	return nil, last
}

// onOurSide tells whether it is our own proxy or relay that was in the way.
func onOurSide(err error) bool {
	return slices.Contains([]fault.Code{rule.ContactProxy, rule.ContactRelay, rule.ContactRelayKey, rule.ContactRelayRefused}, fault.CodeOf(err))
}

// atTheDoor marks an error that came after somebody answered: a connection
// that was refused or broken off, a handshake that failed, or a node that proved
// its key and then said nothing. On a connection of before that nothing comes
// through says nothing of the other side: the line may be cut.
func atTheDoor(err error) error {
	var op *net.OpError
	var late net.Error
	switch {
	case errors.Is(err, errProved), errors.Is(err, syscall.ECONNREFUSED):
	case errors.As(err, &op) && op.Op == "dial", errors.As(err, &late) && late.Timeout(), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH),
		errors.Is(err, errSlow), errors.Is(err, context.Canceled):
		return err
	}
	return fmt.Errorf("%w: %w", carrier.ErrReached, err)
}

func (c *Client) once(ctx context.Context, address string, a ask) (*http.Response, error) {
	ctx, w := c.watch(ctx, a.wait)
	var fresh atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) { fresh.Store(!got.Reused) }})
	req, err := http.NewRequestWithContext(ctx, a.method, "https://"+address+a.path, w.pace.reader(bytes.NewReader(a.body)))
	if err != nil {
		w.Close()
		return nil, err
	}
	req.ContentLength = int64(len(a.body))
	if len(a.body) == 0 {
		req.Body = http.NoBody
	}
	// A kept connection that died is found out by writing to it; the request
	// may then go on another.
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(w.pace.reader(bytes.NewReader(a.body))), nil }
	for k, v := range a.header {
		req.Header[k] = v
	}
	req.Header["Idempotency-Key"] = []string{} // for the transport, and not sent: whatever we say may come twice
	res, err := c.http.Do(req)
	if err != nil {
		w.Close()
		if fresh.Load() {
			err = fmt.Errorf("%w: %w", errProved, err)
		}
		return nil, err
	}
	res.Body = body{w.pace.reader(res.Body), res.Body, w}
	return res, nil
}

// Exchange posts a turn and reads the answer.
func (c *Client) Exchange(ctx context.Context, peer carrier.Peer, turn []byte) ([]byte, error) {
	return c.Await(ctx, peer, turn, 0)
}

// Await posts a turn that may be answered later: RFC 7240, Prefer: wait.
func (c *Client) Await(ctx context.Context, peer carrier.Peer, turn []byte, wait time.Duration) ([]byte, error) {
	a := ask{method: http.MethodPost, path: turnPath, body: turn, header: http.Header{"Content-Type": {mediaType}}, wait: wait}
	if wait > 0 {
		a.header["Prefer"] = []string{"wait=" + strconv.Itoa(int(wait/time.Second))}
	}
	res, err := c.do(ctx, peer, a)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return readAll(res.Body, contact.MaxTurn)
}

// Fetch opens sealed bytes from an offset.
func (c *Client) Fetch(ctx context.Context, peer carrier.Peer, sealed [32]byte, offset int64) (io.ReadCloser, error) {
	res, err := c.do(ctx, peer, ask{method: http.MethodGet, path: attachmentPath + hex.EncodeToString(sealed[:]),
		header: http.Header{"Range": {"bytes=" + strconv.FormatInt(offset, 10) + "-"}}})
	if err != nil {
		return nil, err
	}
	if offset > 0 && res.StatusCode != http.StatusPartialContent {
		res.Body.Close()
		return nil, fault.New(rule.ContactRefused, "status", strconv.Itoa(res.StatusCode))
	}
	return res.Body, nil
}

// Wanted asks what the other side wants handed over: a line for each, the hash
// and the offset.
func (c *Client) Wanted(ctx context.Context, peer carrier.Peer) (list []carrier.Want, err error) {
	res, err := c.do(ctx, peer, ask{method: http.MethodGet, path: wantedPath})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(io.LimitReader(res.Body, carrier.MaxWanted*128))
	for lines.Scan() {
		w, err := parseWant(strings.Cut(lines.Text(), " "))
		if err != nil || len(list) == carrier.MaxWanted {
			return nil, fault.New(fault.ContactTurn, "what", "wanted")
		}
		list = append(list, w)
	}
	return list, lines.Err()
}

// Hand puts a piece of sealed bytes where it belongs.
func (c *Client) Hand(ctx context.Context, peer carrier.Peer, at carrier.Want, piece []byte) error {
	res, err := c.do(ctx, peer, ask{method: http.MethodPut, body: piece,
		path: attachmentPath + hex.EncodeToString(at.Sealed[:]) + "/" + strconv.FormatInt(at.Offset, 10)})
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Tell brings a notice.
func (c *Client) Tell(ctx context.Context, peer carrier.Peer, notice []byte) error {
	res, err := c.do(ctx, peer, ask{method: http.MethodPost, path: writingPath, body: notice})
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Close lets go of the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func parseWant(hash, offset string, _ bool) (w carrier.Want, err error) {
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) != 32 {
		return w, fault.New(rule.StoreAbsent, "what", "attachment")
	}
	at, err := strconv.ParseUint(offset, 10, 63)
	if err != nil {
		return w, fault.New(rule.StoreAbsent, "what", "attachment")
	}
	return carrier.Want{Sealed: [32]byte(raw), Offset: int64(at)}, nil
}
