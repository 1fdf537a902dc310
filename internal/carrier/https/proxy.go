package https

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Proxy is a proxy that a node must dial through: HTTP CONNECT (RFC 9110), or
// SOCKS 5 (RFC 1928, RFC 1929). It is given the name of the other side as it
// stands on the card, and carries bytes that it cannot read.
type Proxy struct {
	address  string
	socks    bool
	user     string
	password string
}

// maxProxyAnswer bounds what a proxy may say before it is silent.
const maxProxyAnswer = 16 << 10

// ParseProxy reads http://HOST:PORT or socks5://HOST:PORT. secret is USER:PASSWORD,
// or empty; it never stands in the address.
func ParseProxy(address, secret string) (*Proxy, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fault.New(rule.NodeConfig, "key", "proxy") // the text may hold a password
	}
	if u.Scheme != "http" && u.Scheme != "socks5" || u.User != nil || u.Hostname() == "" || u.Port() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, fault.New(rule.NodeConfig, "key", "proxy", "want", "http://HOST:PORT, socks5://HOST:PORT")
	}
	p := &Proxy{address: u.Host, socks: u.Scheme == "socks5"}
	if secret != "" {
		var ok bool
		if p.user, p.password, ok = strings.Cut(secret, ":"); !ok || p.user == "" || p.socks && (len(p.user) > 255 || len(p.password) > 255) {
			return nil, fault.New(rule.NodeConfig, "key", "proxy_secret", "want", "USER:PASSWORD")
		}
	}
	return p, nil
}

// DialFunc connects to an address.
type DialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// through dials by way of the proxy. The proxy has limited time to answer.
func (p *Proxy) through(dial DialFunc, patience time.Duration) DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, p.address)
		if err != nil {
			return nil, fault.Wrap(err, rule.ContactProxy, "proxy", p.address)
		}
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		_ = conn.SetDeadline(time.Now().Add(patience))
		ask := p.connect
		if p.socks {
			ask = p.socks5
		}
		if err = ask(conn, address); err == nil {
			err = conn.SetDeadline(time.Time{})
		}
		if err != nil {
			conn.Close()
			return nil, fault.Wrap(err, rule.ContactProxy, "proxy", p.address)
		}
		return conn, nil
	}
}

// connect asks an HTTP proxy for a tunnel.
func (p *Proxy) connect(conn net.Conn, address string) error {
	ask := "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n"
	if p.user != "" {
		ask += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(p.user+":"+p.password)) + "\r\n"
	}
	if _, err := io.WriteString(conn, ask+"\r\n"); err != nil {
		return err
	}
	reader := bufio.NewReader(io.LimitReader(conn, maxProxyAnswer))
	res, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fault.New(rule.ContactProxy, "status", strconv.Itoa(res.StatusCode))
	}
	if reader.Buffered() > 0 { // the other side speaks only after us
		return fault.New(rule.ContactProxy, "found", "more than was asked for")
	}
	return nil
}

// socks5 asks a SOCKS 5 proxy for a connection; it resolves the name.
func (p *Proxy) socks5(conn net.Conn, address string) error {
	const version, none, password, connect, byName, byIPv4, byIPv6 = 5, 0, 2, 1, 3, 1, 4
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || len(host) > 255 {
		return fault.New(rule.ContactProxy, "address", address)
	}
	methods := []byte{version, 1, none}
	if p.user != "" {
		methods = []byte{version, 2, none, password}
	}
	chosen, err := said(conn, methods, 2)
	if err != nil {
		return err
	}
	switch {
	case chosen[0] != version:
		return fault.New(rule.ContactProxy, "found", "not SOCKS 5")
	case chosen[1] == password && p.user != "":
		login := append(append(append([]byte{1, byte(len(p.user))}, p.user...), byte(len(p.password))), p.password...)
		if answer, err := said(conn, login, 2); err != nil || answer[1] != 0 {
			return fault.Wrap(err, rule.ContactProxy, "status", "refused")
		}
	case chosen[1] != none:
		return fault.New(rule.ContactProxy, "status", "wants to know who asks")
	}
	ask := append([]byte{version, connect, 0, byName, byte(len(host))}, host...)
	if ip := net.ParseIP(host); ip.To4() != nil {
		ask = append([]byte{version, connect, 0, byIPv4}, ip.To4()...)
	} else if ip != nil {
		ask = append([]byte{version, connect, 0, byIPv6}, ip...)
	}
	ask = append(ask, byte(port>>8), byte(port))
	answer, err := said(conn, ask, 5)
	if err != nil {
		return err
	}
	if answer[0] != version || answer[1] != 0 {
		return fault.New(rule.ContactProxy, "status", strconv.Itoa(int(answer[1])))
	}
	rest := map[byte]int{byIPv4: 4 - 1, byName: int(answer[4]), byIPv6: 16 - 1}[answer[3]] // of the address, whose first byte was read
	_, err = io.ReadFull(conn, make([]byte, rest+2))
	return err
}

// said writes, and reads as many bytes as the answer has.
func said(conn net.Conn, ask []byte, answer int) ([]byte, error) {
	if _, err := conn.Write(ask); err != nil {
		return nil, err
	}
	b := make([]byte, answer)
	_, err := io.ReadFull(conn, b)
	return b, err
}
