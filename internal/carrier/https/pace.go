package https

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// Limits bound what one end bears of the other.
type Limits struct {
	Handshake   time.Duration // to connect, and to prove a key
	Grace       time.Duration // that any message may take, however small
	Rate        int64         // bytes a second that a longer one must move
	Idle        time.Duration // that a connection is kept unused
	Wait        time.Duration // that an answer is kept back at most
	Unproven    int           // connections that have proved no key yet; the oldest gives way
	Connections int           // connections of one key; the oldest gives way
	Requests    int           // of one key at a time
}

// DefaultLimits are meant for lines down to 8 kbit/s.
func DefaultLimits() Limits {
	return Limits{Handshake: 10 * time.Second, Grace: 30 * time.Second, Rate: 1 << 10, Idle: 2 * time.Minute, Wait: 5 * time.Minute,
		Unproven: 256, Connections: 8, Requests: 6}
}

// pace sets a deadline before each step of a message: it moves as bytes pass,
// so that a slow line is served and one that only drips is not.
type pace struct {
	limits Limits
	until  func(time.Time)

	mu     sync.Mutex // an answer may begin before the question is over
	began  time.Time
	passed int64
}

func (p *pace) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until(p.began.Add(p.limits.Grace + time.Duration(p.passed)*time.Second/time.Duration(p.limits.Rate)))
}

func (p *pace) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed += int64(n)
}

func (p *pace) reader(r io.Reader) io.Reader { return &pacedReader{p, r} }

type pacedReader struct {
	pace *pace
	r    io.Reader
}

func (r *pacedReader) Read(b []byte) (int, error) {
	r.pace.step()
	n, err := r.r.Read(b)
	r.pace.add(n)
	return n, err
}

// pacedWriter is an answer that is written at a pace. Its size is not known to
// whoever reads it, so it goes in steps.
type pacedWriter struct {
	http.ResponseWriter
	pace *pace
}

const writeStep = 32 << 10

// WriteHeader begins the answer: what came before it does not count.
func (w *pacedWriter) WriteHeader(status int) {
	w.begin()
	w.pace.step()
	w.ResponseWriter.WriteHeader(status)
}

func (w *pacedWriter) begin() {
	if w.pace.began.IsZero() {
		w.pace.began = time.Now()
	}
}

// Write writes all of b, or as much as the reader takes in time.
func (w *pacedWriter) Write(b []byte) (done int, err error) {
	w.begin()
	for err == nil && done < len(b) {
		var n int
		w.pace.step()
		n, err = w.ResponseWriter.Write(b[done:min(len(b), done+writeStep)])
		w.pace.add(n)
		done += n
	}
	return done, err
}

// Unwrap is for http.ResponseController.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
