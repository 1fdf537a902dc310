package https

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Whatever request a counterpart writes, the station answers it with a status,
// gives no more of an attachment than there is, and names no error but a code.
func FuzzServer(f *testing.F) {
	f.Add([]byte("POST /parley/v1/turn HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nturn"))
	f.Add([]byte("POST /parley/v1/turn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nturn\r\n0\r\n\r\n"))
	f.Add([]byte("GET /parley/v1/attachment/01" + string(bytes.Repeat([]byte("00"), 31)) + " HTTP/1.1\r\nHost: x\r\nRange: bytes=7-\r\n\r\n"))
	f.Add([]byte("GET /parley/v1/attachment/01" + string(bytes.Repeat([]byte("00"), 31)) + " HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1,3-4\r\nIf-Range: x\r\n\r\n"))
	f.Add([]byte("GET /parley/v1/attachment/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n"))
	f.Add([]byte("DELETE / HTTP/1.0\r\n\r\n"))
	handler := (&Server{Known: func([32]byte) bool { return true }, Station: station{}}).HTTP().Handler
	caller := tls.ConnectionState{PeerCertificates: []*x509.Certificate{{RawSubjectPublicKeyInfo: []byte("key")}}}
	pin, _ := pinOf(caller)
	f.Fuzz(func(t *testing.T, b []byte) {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			return
		}
		req.TLS = &caller
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		switch body := w.Body.Bytes(); {
		case w.Code < 200 || w.Code > 599:
			t.Errorf("%q: status %d", b, w.Code)
		case w.Header().Get("Content-Type") == mediaType && !bytes.HasPrefix(body, pin[:]):
			t.Errorf("%q is answered %q, as if of another key", b, body)
		case w.Code == http.StatusInternalServerError:
			t.Errorf("%q: %s", b, body)
		case len(body) > len(b)+4096:
			t.Errorf("%q: %d bytes", b, len(body))
		}
	})
}

// Whatever a counterpart answers, the caller takes no more than a turn's bytes
// of it, and shows no more of a refusal than a line.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nturn"))
	f.Add([]byte("HTTP/1.1 422 x\r\nContent-Length: 12\r\n\r\ncontact.turn"))
	f.Add([]byte("HTTP/1.1 302 x\r\nLocation: https://elsewhere/\r\nContent-Length: 0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nx"))
	f.Add([]byte("\x1b]0;x\x07"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := NewClient(tls.Certificate{})
		c.http.Transport = &http.Transport{DisableKeepAlives: true, DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				http.ReadRequest(bufio.NewReader(theirs))
				theirs.Write(b)
				theirs.Close()
			}()
			return ours, nil
		}}
		answer, err := c.Exchange(t.Context(), carrier.Peer{Addresses: []string{"peer.invalid"}}, nil)
		if len(answer) > contact.MaxTurn || err == nil && len(answer) > len(b) {
			t.Errorf("%d bytes are taken of %d", len(answer), len(b))
		}
		if fault.Is(err, rule.ContactRefused) && len(err.Error()) > 4096 {
			t.Errorf("a refusal is shown in %d bytes", len(err.Error()))
		}
	})
}
