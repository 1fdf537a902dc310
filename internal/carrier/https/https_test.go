package https

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// station answers a turn with the caller's key and the turn itself.
type station struct{}

func (station) Turn(_ context.Context, from [32]byte, turn []byte) ([]byte, error) {
	if len(turn) == 0 {
		return nil, fault.New(fault.ContactTurn, "what", "nothing")
	}
	return append(from[:], turn...), nil
}

func (s station) Await(ctx context.Context, from [32]byte, turn []byte, enough <-chan struct{}) ([]byte, error) {
	select {
	case <-enough:
		return append([]byte("waited "), turn...), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (station) Wanted(context.Context, [32]byte) ([]carrier.Want, error) {
	return []carrier.Want{{Sealed: [32]byte{3}, Offset: 5}, {Sealed: [32]byte{4}}}, nil
}

func (station) Take(_ context.Context, _ [32]byte, at carrier.Want, piece []byte) error {
	if at != (carrier.Want{Sealed: [32]byte{3}, Offset: 5}) || string(piece) != "piece" {
		return fault.New(rule.StoreAbsent, "what", "attachment")
	}
	return nil
}

func (station) Hear(from [32]byte, notice []byte) error {
	if string(notice) != "notice" {
		return fault.New(fault.ContactTurn, "what", "notice")
	}
	return nil
}

type kept struct{ *bytes.Reader }

func (kept) Close() error { return nil }

func (station) Attachment(_ context.Context, _ [32]byte, sealed [32]byte) (io.ReadSeekCloser, error) {
	if sealed != [32]byte{1} {
		return nil, fault.New(rule.StoreAbsent, "what", "attachment")
	}
	return kept{bytes.NewReader([]byte("sealed bytes"))}, nil
}

func key(t *testing.T) (tls.Certificate, [32]byte) {
	t.Helper()
	raw, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	cert, pin, err := Certificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return cert, pin
}

// Both ends prove the keys that the cards pin, and nobody else is heard.
// Spec: CON-6.
func TestPinnedBothWays(t *testing.T) {
	server, serverPin := key(t)
	known, knownPin := key(t)
	stranger, strangerPin := key(t)
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := (&Server{Certificates: func() []tls.Certificate { return []tls.Certificate{server} },
		Known: func(pin [32]byte) bool { return pin == knownPin }, Station: station{}, Limits: DefaultLimits()}).HTTP()
	go s.ServeTLS(line, "", "")
	t.Cleanup(func() { s.Close() })
	peer := carrier.Peer{Addresses: []string{line.Addr().String()}, Keys: [][32]byte{serverPin}}
	ctx := t.Context()

	c := NewClient(known)
	t.Cleanup(c.Close)
	answer, err := c.Exchange(ctx, peer, []byte("turn"))
	if err != nil || !bytes.Equal(answer, append(knownPin[:], "turn"...)) {
		t.Fatalf("%q, %v", answer, err)
	}
	if _, err := c.Exchange(ctx, peer, nil); !fault.Is(err, rule.ContactRefused) {
		t.Errorf("a refusal comes as %v", err)
	}
	if _, err := c.Exchange(ctx, peer, make([]byte, contact.MaxTurn+1)); !fault.Is(err, rule.ContactRefused) || !strings.Contains(err.Error(), string(fault.ContactTooLarge)) {
		t.Errorf("a turn beyond the bound: %v", err)
	}
	r, err := c.Fetch(ctx, peer, [32]byte{1}, 7)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "bytes" {
		t.Errorf("from an offset on: %q, %v", rest, err)
	}
	if _, err := c.Fetch(ctx, peer, [32]byte{2}, 0); err == nil {
		t.Error("what was not offered is given")
	}

	if err := c.Tell(ctx, peer, []byte("notice")); err != nil {
		t.Errorf("a notice: %v", err)
	}
	for name, notice := range map[string][]byte{"refused": []byte("x"), "too long": make([]byte, carrier.MaxNotice+1)} {
		if err := c.Tell(ctx, peer, notice); !fault.Is(err, rule.ContactRefused) {
			t.Errorf("a notice that is %s: %v", name, err)
		}
	}

	other := NewClient(stranger)
	t.Cleanup(other.Close)
	if _, err := other.Exchange(ctx, peer, []byte("turn")); err == nil {
		t.Error("a stranger is heard")
	}
	wrong := NewClient(known)
	t.Cleanup(wrong.Close)
	peer.Keys = [][32]byte{strangerPin}
	if _, err := wrong.Exchange(ctx, peer, []byte("turn")); err == nil {
		t.Error("another key than the pinned one is believed")
	}
	peer.Keys = [][32]byte{strangerPin, serverPin} // in force and announced: either may answer
	if _, err := wrong.Exchange(ctx, peer, []byte("turn")); err != nil {
		t.Errorf("while a key changes: %v", err)
	}
}
