package https

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/carrier"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Server answers on one listener for all links.
type Server struct {
	// Certificates gives the certificates of all links, asked at each connection.
	Certificates func() []tls.Certificate
	// Known reports whether a key belongs to a counterpart.
	Known   func(pin [32]byte) bool
	Station carrier.Station // a carrier.Host, where a line can be kept
	Limits  Limits          // DefaultLimits, where there are none

	door    *door
	closing chan struct{} // closed when nothing is waited for any more
}

// HTTP makes the http.Server: its TLS refuses whoever does not hold a known key
// before a byte is read, and everything after that has a limit.
func (s *Server) HTTP() *http.Server {
	if s.Limits == (Limits{}) {
		s.Limits = DefaultLimits()
	}
	s.door, s.closing = newDoor(s.Limits), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+turnPath, s.proven(s.turn))
	mux.HandleFunc("GET "+wantedPath, s.proven(s.wanted))
	mux.HandleFunc("GET "+attachmentPath+"{hash}", s.proven(s.attachment))
	mux.HandleFunc("POST "+writingPath, s.proven(s.writing))
	mux.HandleFunc("PUT "+attachmentPath+"{hash}/{offset}", s.proven(s.take))
	h := &http.Server{
		Handler: mux, ReadHeaderTimeout: s.Limits.Handshake, IdleTimeout: s.Limits.Idle, MaxHeaderBytes: 16 << 10,
		ConnState: s.door.watch,
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"http/1.1"},
			GetCertificate: s.certificate, GetConfigForClient: s.config, SessionTicketsDisabled: true,
		},
	}
	h.RegisterOnShutdown(func() { close(s.closing) })
	return h
}

// config is that of one connection, so that the door learns whose it is.
func (s *Server) config(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"http/1.1"},
		GetCertificate: s.certificate, SessionTicketsDisabled: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			pin, err := pinOf(state)
			if err == nil && !s.Known(pin) {
				err = fault.New(rule.ContactPeer, "party", hex.EncodeToString(pin[:8]))
			}
			if err == nil {
				s.door.proved(hello.Conn, pin)
			}
			return err
		},
	}, nil
}

func (s *Server) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	list := s.Certificates()
	i := slices.IndexFunc(list, func(c tls.Certificate) bool {
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		return err == nil && leaf.Subject.CommonName == hello.ServerName
	})
	if i < 0 {
		return nil, fault.New(rule.ContactPeer, "party", hello.ServerName)
	}
	return &list[i], nil
}

// proven answers the holder of a known key, at a pace and not more often than
// it may ask at a time.
func (s *Server) proven(answer func(w http.ResponseWriter, req *http.Request, pin [32]byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		control := http.NewResponseController(w)
		reading := &pace{limits: s.Limits, began: time.Now(), until: func(t time.Time) { _ = control.SetReadDeadline(t) }}
		if req.ContentLength != 0 {
			reading.step() // also for what nobody reads
			req.Body = &request{ReadCloser: req.Body, paced: reading.reader(req.Body), over: func() { _ = control.SetReadDeadline(time.Time{}) }}
		}
		paced := &pacedWriter{w, &pace{limits: s.Limits, until: func(t time.Time) { _ = control.SetWriteDeadline(t) }}}
		pin, err := pinOf(*req.TLS)
		if err == nil && !s.Known(pin) { // not any more
			err = fault.New(rule.ContactPeer, "party", hex.EncodeToString(pin[:8]))
		}
		if err == nil {
			leave, ok := s.door.enter(pin)
			if ok {
				err = answer(paced, req, pin)
				leave()
			} else {
				err = fault.New(rule.ContactBusy)
			}
		}
		if err != nil {
			refuse(paced, err)
		}
	}
}

// request is a body that must come at a pace. Once it is over nothing more is
// expected, and whoever goes away is noticed without a deadline.
type request struct {
	io.ReadCloser
	paced io.Reader
	over  func()
}

func (r *request) Read(b []byte) (int, error) {
	n, err := r.paced.Read(b)
	if err == io.EOF {
		r.over()
	}
	return n, err
}

func (s *Server) turn(w http.ResponseWriter, req *http.Request, pin [32]byte) error {
	turn, err := readAll(req.Body, contact.MaxTurn)
	if err != nil {
		return err
	}
	var answer []byte
	host, keeps := s.Station.(carrier.Host)
	if wait := min(preferred(req.Header), s.Limits.Wait); keeps && wait > 0 {
		enough, over := s.enough(wait)
		answer, err = host.Await(req.Context(), pin, turn, enough)
		over()
	} else {
		answer, err = s.Station.Turn(req.Context(), pin, turn)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaType)
	_, _ = w.Write(answer) // whoever does not hear it asks again
	return nil
}

// enough is closed after a while, or when the server shuts down.
func (s *Server) enough(wait time.Duration) (<-chan struct{}, func()) {
	enough, over := make(chan struct{}), make(chan struct{})
	timer := time.NewTimer(wait)
	go func() {
		defer close(enough)
		select {
		case <-timer.C:
		case <-s.closing:
		case <-over:
		}
		timer.Stop()
	}()
	return enough, func() { close(over) }
}

// preferred reads Prefer: wait=N (RFC 7240); anything else asks for no wait.
func preferred(h http.Header) time.Duration {
	for part := range strings.SplitSeq(h.Get("Prefer"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if n, err := strconv.ParseUint(value, 10, 16); err == nil && strings.EqualFold(name, "wait") {
			return time.Duration(n) * time.Second
		}
	}
	return 0
}

func (s *Server) attachment(w http.ResponseWriter, req *http.Request, pin [32]byte) error {
	at, err := parseWant(req.PathValue("hash"), "0", true)
	if err != nil {
		return err
	}
	content, err := s.Station.Attachment(req.Context(), pin, at.Sealed)
	if err != nil {
		return err
	}
	defer content.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, req, "", time.Time{}, content)
	return nil
}

func (s *Server) wanted(w http.ResponseWriter, req *http.Request, pin [32]byte) error {
	host, keeps := s.Station.(carrier.Host)
	if !keeps {
		return nil
	}
	list, err := host.Wanted(req.Context(), pin)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain")
	for _, x := range list[:min(len(list), carrier.MaxWanted)] {
		fmt.Fprintf(w, "%x %d\n", x.Sealed, x.Offset)
	}
	return nil
}

func (s *Server) take(w http.ResponseWriter, req *http.Request, pin [32]byte) error {
	at, err := parseWant(req.PathValue("hash"), req.PathValue("offset"), true)
	if err != nil {
		return err
	}
	piece, err := readAll(req.Body, carrier.MaxPiece)
	if err != nil {
		return err
	}
	host, keeps := s.Station.(carrier.Host)
	if !keeps {
		return fault.New(rule.StoreAbsent, "what", "attachment")
	}
	if err := host.Take(req.Context(), pin, at, piece); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) writing(w http.ResponseWriter, req *http.Request, pin [32]byte) error {
	notice, err := readAll(req.Body, carrier.MaxNotice)
	if err != nil {
		return err
	}
	hears, ok := s.Station.(carrier.Hearer)
	if !ok {
		return fault.New(rule.StoreAbsent, "what", "notice")
	}
	if err := hears.Hear(pin, notice); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// refuse answers with the code alone: what a stranger may know of it.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusUnprocessableEntity
	switch fault.CodeOf(err) {
	case rule.StoreAbsent:
		status = http.StatusNotFound
	case fault.ContactTooLarge:
		status = http.StatusRequestEntityTooLarge
	case rule.ContactPeer:
		status = http.StatusForbidden
	case rule.ContactBusy:
		status = http.StatusTooManyRequests
	case fault.Internal:
		status = http.StatusInternalServerError
	}
	http.Error(w, string(fault.CodeOf(err)), status)
}
